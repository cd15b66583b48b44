package import SupdPlugin

/// `[supervisor.access]`: who may do what at the control socket, beside root and supd's own user, who may do everything.
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

    private var parties: [AccessClass: Party] = [:]

    /// Nobody may do anything.
    package init() {}

    /// Those of a class itself; who is of a higher one may do what it allows, too.
    package subscript(access: AccessClass) -> Party {
        get { parties[access] ?? Party() }
        set { parties[access] = newValue }
    }

    /// The highest class of a user of these groups; nil for none.
    package func access(ofUser user: UInt32, groups: [UInt32]) -> AccessClass? {
        AccessClass.allCases.reversed().first { self[$0].contains(user: user, groups: groups) }
    }

    /// Who may do what takes `access`, as the configuration names them.
    package func names(for access: AccessClass) -> [String] {
        AccessClass.allCases.filter { $0 >= access }.reversed().flatMap { self[$0].names }
    }
}
