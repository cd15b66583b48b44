import SupdPlugin

/// A user or a group as a configuration says it.
enum Account: Hashable, CustomStringConvertible {
    case id(UInt32)
    case name(String)

    var description: String {
        switch self {
        case .id(let id): "\(id)"
        case .name(let name): name
        }
    }
}

extension Form where Value == Account {
    static func account(_ kind: String) -> Form {
        let expected = "the name or the id of a \(kind)"
        return .reading(expected) { subject in
            if let text = subject.value.string {
                if let account = Account(text[...]) { return account }
            } else if let id = subject.value.integer.flatMap({ UInt32(exactly: $0) }), id != .max {
                // The highest id means "leave it as it is" to setresuid(2).
                return .id(id)
            }
            subject.refuse(expected)
            return nil
        }
    }
}

/// Whom a file belongs to, as a configuration says it.
struct OwnerText {
    var user: Account
    var group: Account?
}

extension Account {
    /// What `text` says: digits alone are an id. Nil where it can be neither.
    init?(_ text: Substring) {
        guard !text.isEmpty, !text.utf8.contains(0) else { return nil }
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            self = .name(String(text))
            return
        }
        guard let id = UInt32(text), id != .max else { return nil }
        self = .id(id)
    }
}

extension Form where Value == OwnerText {
    static var owner: Form {
        .converting("a user, or \"USER:GROUP\", by names or ids") { value in
            let text = value.string ?? value.integer.map { "\($0)" } ?? ""
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count <= 2, let user = parts.first.flatMap(Account.init) else { return nil }
            guard parts.count == 2 else { return OwnerText(user: user) }
            return Account(parts[1]).map { OwnerText(user: user, group: $0) }
        }
    }
}

extension LoadContext {
    /// The id of a group; nil where there is none, after that was told.
    func id(ofGroup group: Located<Account>) -> UInt32? {
        switch group.value {
        case .id(let id): return id
        case .name(let name):
            switch accounts.group(named: name, in: sources) {
            case .success(let id?): return id
            case .success(nil):
                faults.add("there is no group '\(shortened(name))': make it, or name another", at: group.place)
            case .failure(let error):
                faults.add("the group '\(shortened(name))' cannot be looked up: \(error)", at: group.place)
            }
            return nil
        }
    }
}

/// Looks users and groups up, each once.
struct AccountCache {
    private var users = [Account: Result<UserRecord?, ErrorNumber>]()
    private var groups = [String: Result<UInt32?, ErrorNumber>]()
    private var memberships = [UserRecord: [UInt32: Result<[UInt32], ErrorNumber>]]()

    mutating func user(_ account: Account, in sources: any ConfigurationSources) -> Result<UserRecord?, ErrorNumber> {
        if let known = users[account] { return known }
        let result =
            switch account {
            case .id(let id): sources.user(id: id)
            case .name(let name): sources.user(named: name)
            }
        users[account] = result
        return result
    }

    mutating func group(named name: String, in sources: any ConfigurationSources) -> Result<UInt32?, ErrorNumber> {
        if let known = groups[name] { return known }
        let result = sources.group(named: name)
        groups[name] = result
        return result
    }

    mutating func groups(
        of user: UserRecord, primary: UInt32, in sources: any ConfigurationSources
    ) -> Result<[UInt32], ErrorNumber> {
        if let known = memberships[user]?[primary] { return known }
        let result = sources.groups(of: user.name, primary: primary)
        memberships[user, default: [:]][primary] = result
        return result
    }
}
