package import SupdPlugin

/// What of a service's settings can be changed while it runs, as `SpawnRequest` has it at its start.
package struct TreeSettings: Hashable, Sendable {
    /// Its resource limits; of all others it has the daemon's own.
    package var limits: [ResourceLimit]
    /// Its niceness; nil for the daemon's own.
    package var nice: Int?
    /// Its OOM score adjustment; nil for what the daemon was started with, but that it is spared itself.
    package var oomScoreAdjust: Int?
    /// What is written into the files of its control group; all others are as in a new group.
    package var controls: [ResourceControl]

    /// Settings of these.
    package init(
        limits: [ResourceLimit] = [], nice: Int? = nil, oomScoreAdjust: Int? = nil, controls: [ResourceControl] = []
    ) {
        self.limits = limits
        self.nice = nice
        self.oomScoreAdjust = oomScoreAdjust
        self.controls = controls
    }
}

/// What became of a change of a tree's settings.
package struct TreeSettingsReport: Hashable, Sendable {
    /// What could not be set. All else was.
    package var problems: [TreeSettingProblem]
    /// So many processes were left as they are, or in part, as there were too many for one call.
    package var leftOut: Int
    /// Whether no process can be missing that had begun before: all could be looked at, and nobody hides whose it is.
    package var isWhole: Bool

    /// A report of these.
    package init(problems: [TreeSettingProblem] = [], leftOut: Int = 0, isWhole: Bool = true) {
        self.problems = problems
        self.leftOut = leftOut
        self.isWhole = isWhole
    }
}

/// Something that could not be set, of a control group or of processes.
package struct TreeSettingProblem: Hashable, Sendable, CustomStringConvertible {
    /// The key: `nofile`, `nice`, `oom_score_adjust`, `memory_max`.
    package var subject: String
    /// Why.
    package var error: ErrorNumber
    /// What there is to know or to do, a half sentence; may be empty.
    package var hint: String
    /// The first of the processes that it is of; nil for a control group.
    package var process: Int32?
    /// How many processes it is of; zero for a control group.
    package var count: Int

    /// A problem of these.
    package init(subject: String, error: ErrorNumber, hint: String = "", process: Int32? = nil, count: Int = 0) {
        self.subject = subject
        self.error = error
        self.hint = hint
        self.process = process
        self.count = count
    }

    /// `nofile: EPERM (Operation not permitted), of process 4711 and 2 more`.
    package var description: String {
        let whose = process.map { ", of process \($0)" + (count > 1 ? " and \(count - 1) more" : "") } ?? ""
        return "\(subject): \(error)\(whose)" + (hint.isEmpty ? "" : "; \(hint)")
    }
}
