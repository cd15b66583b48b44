internal import SupdPlugin

/// What of a tree is to be set anew: the difference of two settings.
struct TreeSettingsChange: Hashable {
    /// What a child of the daemon has where its settings say nothing.
    struct Standard {
        /// By the kernel's number; nil for one that the kernel does not know.
        var limit: (Int32) -> (soft: UInt64, hard: UInt64)?
        var nice: Int
        /// Nil where it is not known.
        var oomScoreAdjust: Int?
    }

    private(set) var limits: [ResourceLimit] = []
    private(set) var nice: Int?
    private(set) var oomScoreAdjust: Int?
    /// What is set in the control group.
    private(set) var controls: [ResourceControl] = []
    /// What is there no more, with what a new group has.
    private(set) var formerControls: [ResourceControl] = []

    init(from former: TreeSettings, to settings: TreeSettings, standard: Standard) {
        limits = settings.limits.filter { !former.limits.contains($0) }
        for limit in former.limits where !settings.limits.contains(where: { $0.resource == limit.resource }) {
            guard let own = standard.limit(limit.resource) else { continue }
            limits.append(ResourceLimit(name: limit.name, resource: limit.resource, soft: own.soft, hard: own.hard))
        }
        if settings.nice != former.nice { nice = settings.nice ?? standard.nice }
        if settings.oomScoreAdjust != former.oomScoreAdjust {
            oomScoreAdjust = settings.oomScoreAdjust ?? standard.oomScoreAdjust
        }
        controls = settings.controls.filter { !former.controls.contains($0) }
        formerControls = former.controls.filter { old in !settings.controls.contains { $0.key == old.key } }
            .map { ResourceControl(key: $0.key, value: $0.valueOfNewGroup) }
    }

    /// Whether anything of it is for every single process.
    var isOfProcesses: Bool { !limits.isEmpty || nice != nil || oomScoreAdjust != nil }
    /// Whether anything of it is for the control group.
    var isOfGroup: Bool { !controls.isEmpty || !formerControls.isEmpty }
}

extension ResourceControl {
    /// What a new group has in that file (the kernel's cgroup-v2 manual).
    fileprivate var valueOfNewGroup: String { key.hasSuffix("_weight") ? "100" : "max" }
}
