import SupdPlugin

/// A user or a group as a configuration says it.
enum Account: Hashable {
    case id(UInt32)
    case name(String)
}

extension Form where Value == Account {
    static func account(_ kind: String) -> Form {
        let expected = "the name or the id of a \(kind)"
        return .reading(expected) { subject in
            if let text = subject.value.string {
                guard !text.isEmpty, !text.utf8.contains(0) else {
                    subject.refuse(expected)
                    return nil
                }
                guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
                    return .name(text)
                }
                if let id = UInt32(text), id != .max { return .id(id) }
            } else if let id = subject.value.integer.flatMap({ UInt32(exactly: $0) }), id != .max {
                // The highest id means "leave it as it is" to setresuid(2).
                return .id(id)
            }
            subject.refuse(expected)
            return nil
        }
    }
}

/// Looks users and groups up, each once.
struct AccountCache {
    private var users: [Account: Result<UserRecord?, ErrorNumber>] = [:]
    private var groups: [String: Result<UInt32?, ErrorNumber>] = [:]
    private var memberships: [UserRecord: [UInt32: Result<[UInt32], ErrorNumber>]] = [:]

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
