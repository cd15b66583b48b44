import SupdPlugin

/// Reads a table of who may do what: for each class a list of users, `@groups` and `"*"`, by names or ids.
struct AccessReader {
    let context: LoadContext

    func rules(_ subject: Subject) -> AccessRules {
        var rules = AccessRules()
        guard let reader = TableReader<AccessKey>(subject, faults: context.faults) else { return rules }
        for key in AccessKey.allCases where reader.has(key) {
            // Named it is also where it names nobody.
            rules[key.access] = AccessRules.Party()
            for member in reader.read(key, as: .list(of: .located(.accessMember))) ?? [] {
                add(member, to: &rules[key.access])
            }
        }
        return rules
    }

    private func add(_ member: Located<AccessMember>, to party: inout AccessRules.Party) {
        switch member.value {
        case .everybody:
            party.isEverybody = true
            party.names.append("everybody")
        case .group(let group):
            guard let id = context.id(ofGroup: Located(value: group, place: member.place)) else { return }
            party.groups.insert(id)
            party.names.append("@\(group)")
        case .user(let user):
            guard let id = id(of: user, at: member.place) else { return }
            party.users.insert(id)
            party.names.append("\(user)")
        }
    }

    private func id(of user: Account, at place: Place) -> UInt32? {
        if case .id(let id) = user { return id }
        switch context.accounts.user(user, in: context.sources) {
        case .success(let record?): return record.uid
        case .success(nil):
            context.faults.add("there is no user '\(shortened("\(user)"))': make it, or name another", at: place)
        case .failure(let error):
            context.faults.add("the user '\(shortened("\(user)"))' cannot be looked up: \(error)", at: place)
        }
        return nil
    }
}

/// Somebody in a list of who may do what.
enum AccessMember {
    case everybody
    case user(Account)
    case group(Account)
}

extension Form where Value == AccessMember {
    static var accessMember: Form {
        .converting("a user, \"@GROUP\" or \"*\", by name or id") { value in
            let text = value.string ?? value.integer.map { "\($0)" } ?? ""
            if text == "*" { return .everybody }
            if text.hasPrefix("@") { return Account(text.dropFirst()).map(AccessMember.group) }
            return Account(text[...]).map(AccessMember.user)
        }
    }
}
