import SupdPlugin

/// Reads `user`, `group` and `supplementary_groups` into the identity they make (systemd.exec(5), User=, Group=,
/// SupplementaryGroups=).
struct IdentityReader {
    let context: LoadContext
    let reader: TableReader<ServiceKey>

    /// The identity; nil where none of the three is set, and where a fault was told that leaves none.
    func identity() -> Identity? {
        let user = reader.read(.user, as: .located(.account("user")))
        let group = reader.read(.group, as: .located(.account("group")))
        let further = reader.read(.supplementaryGroups, as: .list(of: .located(.account("group"))))
        // An empty list asks for nothing, and only root may ask for nothing (setgroups(2)).
        guard user != nil || group != nil || further?.isEmpty == false else { return nil }

        // A group that is not found is told here and then taken as not set: the user may be wrong on its own account.
        let gid = group.flatMap(context.id(ofGroup:))
        let furtherGIDs = (further ?? []).compactMap(context.id(ofGroup:))
        guard let user else { return ownIdentity(group: gid, further: furtherGIDs) }
        return identity(of: user, group: gid, hasGroup: group != nil, further: furtherGIDs)
    }

    /// The daemon's own user with other groups.
    private func ownIdentity(group: UInt32?, further: [UInt32]) -> Identity {
        let own = context.sources.ownCredentials
        let gid = group ?? own.gid
        return Identity(
            uid: own.uid, gid: gid, groups: Set(own.groups + further + [gid]).sorted(), userName: nil, home: nil,
            shell: nil)
    }

    private func identity(of user: Located<Account>, group: UInt32?, hasGroup: Bool, further: [UInt32]) -> Identity? {
        let record: UserRecord?
        switch context.accounts.user(user.value, in: context.sources) {
        case .success(let found): record = found
        case .failure(let error):
            context.faults.add("the user cannot be looked up: \(error)", at: user.place)
            return nil
        }
        guard let record else { return identity(ofUnlisted: user, group: group, hasGroup: hasGroup, further: further) }
        let gid = group ?? record.gid
        switch context.accounts.groups(of: record, primary: gid, in: context.sources) {
        case .success(let groups):
            return Identity(
                uid: record.uid, gid: gid, groups: Set(groups + further).sorted(), userName: record.name,
                home: record.home, shell: record.shell)
        case .failure(let error):
            context.faults.add("the groups of user '\(record.name)' cannot be looked up: \(error)", at: user.place)
            return nil
        }
    }

    /// A user that the system has no entry for can be run as by its id, as long as its group is said.
    private func identity(
        ofUnlisted user: Located<Account>, group: UInt32?, hasGroup: Bool, further: [UInt32]
    ) -> Identity? {
        switch user.value {
        case .name(let name):
            context.faults.add("there is no user '\(shortened(name))': make it, or name another", at: user.place)
            return nil
        case .id(let uid):
            guard hasGroup else {
                context.faults.add("there is no user of id \(uid), so 'group' must say its group", at: user.place)
                return nil
            }
            return group.map { gid in
                Identity(
                    uid: uid, gid: gid, groups: Set(further + [gid]).sorted(), userName: nil, home: nil, shell: nil)
            }
        }
    }
}

/// Reads `log.owner`, a user or `USER:GROUP`, as chown(1) has it.
struct OwnerReader {
    let context: LoadContext

    /// The owner; nil where a fault was told.
    func owner(_ subject: Subject) -> FileOwner? {
        guard let text = Form<OwnerText>.owner.read(subject) else { return nil }
        let gid = text.group.flatMap { context.id(ofGroup: Located(value: $0, place: subject.place)) }
        switch context.accounts.user(text.user, in: context.sources) {
        case .success(let record?):
            return FileOwner(uid: record.uid, gid: gid ?? record.gid)
        case .success(nil):
            switch text.user {
            case .name(let name):
                subject.fault("names no user there is, '\(shortened(name))': make it, or name another")
            case .id(let uid):
                if let gid { return FileOwner(uid: uid, gid: gid) }
                if text.group == nil { subject.fault("is a user without an entry, so it must be \"\(uid):GROUP\"") }
            }
        case .failure(let error):
            subject.fault("is a user that cannot be looked up: \(error)")
        }
        return nil
    }
}
