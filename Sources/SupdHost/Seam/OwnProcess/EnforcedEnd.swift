package import SupdPlugin

/// How the process ends where its loop does not end it.
package struct EnforcedEnd: Hashable, Sendable {
    /// When.
    package var deadline: MonotonicInstant
    /// What it exits with.
    package var exitCode: Int32
    /// What is written to standard error, with its end of line; at most 8 KiB. Nothing where it is empty.
    package var line: [UInt8]
    /// What `last-shutdown.json` says then; at most 128 KiB. As it is where it is empty.
    package var report: [UInt8]

    /// An end of these.
    package init(deadline: MonotonicInstant, exitCode: Int32, line: [UInt8] = [], report: [UInt8] = []) {
        self.deadline = deadline
        self.exitCode = exitCode
        self.line = line
        self.report = report
    }
}
