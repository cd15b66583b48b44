import Logging
import SupdHost
import SupdPlugin

/// Looks at services and orders them by way of the loop.
struct LoopServiceControl: ServiceControl {
    let plugin: String
    /// For whom, where that is a client who has called a method.
    let caller: MethodCall.Caller?
    let inbox: PluginInbox

    func list(_ selectors: [String]) async throws -> [ServiceSummary] {
        try await withCheckedThrowingContinuation { continuation in
            inbox.put(.list(selectors: selectors, caller: caller) { continuation.resume(with: $0) })
        }
    }

    func start(_ selectors: [String]) async throws { try await order(.start, selectors) }
    func stop(_ selectors: [String]) async throws { try await order(.stop, selectors) }
    func restart(_ selectors: [String]) async throws { try await order(.restart, selectors) }

    private func order(_ order: ControlDesk.Order, _ selectors: [String]) async throws {
        try await withCheckedThrowingContinuation { continuation in
            inbox.put(
                .order(order, selectors: selectors, plugin: plugin, caller: caller) { continuation.resume(with: $0) })
        }
    }
}

/// Runs programs by way of the loop.
struct LoopProcessRunner: ProcessRunner {
    let plugin: String
    let work: WorkID
    let inbox: PluginInbox

    func run(_ command: ProcessCommand) async throws -> ProcessOutcome {
        let ticket = ProgramRequest.Ticket()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let request = ProgramRequest(
                    plugin: plugin, work: work, command: command, ticket: ticket,
                    answer: { continuation.resume(with: $0) })
                inbox.put(.run(request))
            }
        } onCancel: {
            // This word may overtake the request, which finds the ticket cancelled then.
            ticket.cancel()
            inbox.put(.endRun(ticket))
        }
    }
}

/// Starts children of one task by way of the loop.
struct LoopTaskStarter: TaskStarter {
    let parent: WorkID
    let inbox: PluginInbox

    func start(
        _ name: String, kind: TaskKind, file: StaticString, line: UInt32,
        _ body: @escaping @Sendable (any TaskStarter) async throws -> Void
    ) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            let request = ChildRequest(
                parent: parent, name: name, kind: kind, file: file, line: line, body: body,
                answer: { continuation.resume(with: $0.mapError { $0 }) })
            inbox.put(.child(request))
        }
    }
}
