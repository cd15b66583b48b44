/// How time is let pass; throws when the task is cancelled.
package struct Pause: Sendable {
    /// Returns after a time.
    package let wait: @Sendable (Duration) async throws -> Void

    /// Time of a test's own.
    package init(_ wait: @escaping @Sendable (Duration) async throws -> Void) { self.wait = wait }

    /// On the daemon's own clock: Swift's suspending clock is CLOCK_MONOTONIC on Linux, where a jump of wall time and a
    /// suspended machine count for nothing.
    package static let monotonic = Pause { try await Task.sleep(for: $0, clock: .suspending) }
}
