/// How often the kernel had killed in a group, for want of memory, when a process of it began.
struct OutOfMemoryBaseline: Hashable {
    private let group: GroupFolder
    private let kills: Int

    /// The count of this moment; nil where the group has no memory controller, and nothing is to be kept.
    init?(_ group: GroupFolder) {
        guard let kills = group.outOfMemoryKills else { return nil }
        self.group = group
        self.kills = kills
    }

    /// Whether the kernel has killed in it since.
    var isExceeded: Bool { group.outOfMemoryKills ?? 0 > kills }
}
