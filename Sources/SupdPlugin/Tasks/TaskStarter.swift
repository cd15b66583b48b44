/// How a registered task ends.
public enum TaskKind: String, Hashable, Sendable, CaseIterable {
    /// By itself.
    case job
    /// When it is told to.
    case service
    /// By itself, and it must be let finish.
    case cleanup
}

/// Why a task was not let in.
public enum RegistrationRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// The daemon is shutting down, and the task is no child of a live one.
    case shuttingDown
    /// It would be too many generations below what was there before the drain; the limit.
    case tooDeep(limit: Int)
    /// Too many were registered in this drain already; the limit.
    case tooMany(limit: Int)

    /// A sentence.
    public var description: String {
        switch self {
        case .shuttingDown: "supd is shutting down and takes no new tasks"
        case .tooDeep(let limit): "a drain lets tasks in at most \(limit) generations deep"
        case .tooMany(let limit): "a drain lets at most \(limit) new tasks in"
        }
    }
}

/// Starts tasks that the daemon knows of: they are in `supctl tasks`, a drain waits for them within its budgets, and what
/// does not end is reported by name.
public protocol TaskStarter: Sendable {
    /// Registers a task under `name`, as a child of the task that this starter was given to, and runs `body`. The child
    /// is in its parent's phase, under its deadline once there is one, and is cancelled with it. Returns when it is
    /// registered, not when it has ended. Throws `RegistrationRefusal`.
    ///
    /// `body` is given a starter of its own, for children of the child. An error that it throws is logged.
    func start(
        _ name: String, kind: TaskKind, file: StaticString, line: UInt32,
        _ body: @escaping @Sendable (any TaskStarter) async throws -> Void
    ) async throws
}

extension TaskStarter {
    /// The same, from the place of the call.
    public func start(
        _ name: String, kind: TaskKind = .job, fileID: StaticString = #fileID, line: UInt32 = #line,
        _ body: @escaping @Sendable (any TaskStarter) async throws -> Void
    ) async throws {
        try await start(name, kind: kind, file: fileID, line: line, body)
    }
}
