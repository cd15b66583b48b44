package import SupdPlugin

/// `[supervisor.access]`, or that of one service: who may do what at the control socket, beside root and supd's own user, who may do everything.
package struct AccessRules: Hashable, Sendable {
    /// Those of one class.
    package struct Party: Hashable, Sendable {
        /// By their ids.
        package var users: Set<UInt32> = []
        /// By a group that they are in.
        package var groups: Set<UInt32> = []
        /// Whether everybody is of it.
        package var isEverybody = false
        /// As the configuration names them.
        package var names: [String] = []

        /// Nobody.
        package init() {}

        /// Whether a user of these groups is of it.
        package func contains(user: UInt32, groups: some Sequence<UInt32>) -> Bool {
            isEverybody || users.contains(user) || groups.contains { self.groups.contains($0) }
        }
    }

    private var parties = [AccessClass: Party]()

    /// Nobody may do anything.
    package init() {}

    /// Whether a class is named at all.
    package func names(_ access: AccessClass) -> Bool { parties[access] != nil }

    /// These for one service, where the `general` ones hold for all: a class that is named here is as it is here.
    package func over(_ general: AccessRules) -> AccessRules {
        var rules = general
        rules.parties.merge(parties) { $1 }
        return rules
    }

    /// The same in memory that was taken for it just now.
    func compacted(_ pool: inout CompactionPool) -> AccessRules {
        var copy = self
        copy.parties = parties.mapValues { party in
            var copy = Party()
            copy.users = Set(Array(party.users))
            copy.groups = Set(Array(party.groups))
            copy.isEverybody = party.isEverybody
            copy.names = party.names.map { pool.text($0) }
            return copy
        }
        return copy
    }

    /// Whoever is of a class in `other` is of it here, too. Nobody has use of the names.
    package mutating func formUnion(_ other: AccessRules) {
        for (access, party) in other.parties {
            self[access].users.formUnion(party.users)
            self[access].groups.formUnion(party.groups)
            self[access].isEverybody = self[access].isEverybody || party.isEverybody
        }
    }

    /// Those of a class itself; who is of a higher one may do what it allows, too.
    package subscript(access: AccessClass) -> Party {
        get { parties[access] ?? Party() }
        set { parties[access] = newValue }
    }

    /// The highest class of a user of these groups; nil for none.
    package func access(ofUser user: UInt32, groups: [UInt32]) -> AccessClass? {
        AccessClass.allCases.reversed().first { self[$0].contains(user: user, groups: groups) }
    }

    /// Who may do what takes `access`, as the configuration names them, each once.
    package func names(for access: AccessClass) -> [String] {
        var names: [String] = []
        for allowed in AccessClass.allCases.reversed() where allowed >= access {
            names += self[allowed].names.filter { !names.contains($0) }
        }
        return names
    }
}

extension Configuration {
    /// Who may do something, be it with one service.
    package var accessToAnything: AccessRules {
        var rules = supervisor.access
        for place in services.indices {
            if let own = services[place].conduct.access { rules.formUnion(own) }
        }
        return rules
    }
}
