import Synchronization
import Testing

/// What a test's daemons have left for the next one to end.
final class LeftToOthers: Sendable {
    @TaskLocal private static var current: LeftToOthers?
    private let remains = Mutex<[Remains]>([])

    /// Has this be looked for at the end of the test that runs.
    static func add(_ remains: Remains) { current?.remains.withLock { $0.append(remains) } }

    /// Runs a test. What a daemon in it left to another has to be gone afterwards, and is ended where it is not.
    static func check(_ test: () async throws -> Void) async throws {
        let left = LeftToOthers()
        do {
            try await $current.withValue(left) { try await test() }
        } catch {
            left.end()
            throw error
        }
        for remains in left.remains.withLock({ $0 }) {
            let living = try await remains.left(by: .usual)
            if !living.isEmpty { Issue.record("no daemon has come to end \(living.joined(separator: ", "))") }
        }
        left.end()
    }

    private func end() {
        for remains in remains.withLock({ $0 }) { remains.end() }
    }
}
