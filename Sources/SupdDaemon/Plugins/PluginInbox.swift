import SupdHost
import SupdPlugin
import Synchronization

/// What a part of a plugin wants of the loop.
enum PluginMessage: Sendable {
    /// A line for the daemon's log.
    case log(plugin: String, LogLevel, String)
    /// A child of a task is to be registered and run.
    case child(ChildRequest)
    /// What services there are, where there is a caller for him.
    case list(
        selectors: [String], caller: MethodCall.Caller?,
        answer: @Sendable (Result<[ServiceSummary], ServiceControlError>) -> Void)
    /// Services are to be started, stopped or restarted, where there is a caller for him.
    case order(
        ControlDesk.Order, selectors: [String], plugin: String, caller: MethodCall.Caller?,
        answer: @Sendable (Result<Void, ServiceControlError>) -> Void)
    /// A program is to be run.
    case run(ProgramRequest)
    /// The task that had it run is cancelled.
    case endRun(ProgramRequest.Ticket)

    /// Tells whoever waits for an answer that the daemon has ended.
    func refuse() {
        switch self {
        case .child(let request): request.answer(.failure(.shuttingDown))
        case .list(_, _, let answer): answer(.failure(.hasEnded))
        case .order(_, _, _, _, let answer): answer(.failure(.hasEnded))
        case .run(let request): request.giveUp()
        case .log, .endRun: break
        }
    }
}

extension ServiceControlError {
    fileprivate static var hasEnded: ServiceControlError { ServiceControlError(.shuttingDown, "supd has ended") }
}

/// A task that a task of a plugin starts.
struct ChildRequest: Sendable {
    var parent: WorkID
    var name: String
    var kind: TaskKind
    var file: StaticString
    var line: UInt32
    var body: @Sendable (any TaskStarter) async throws -> Void
    var answer: @Sendable (Result<Void, RegistrationRefusal>) -> Void
}

/// Where the pool's threads leave word for the loop.
///
/// Lines for the log are bounded: who floods loses lines, which are counted, and costs the loop a bounded time a turn. What
/// waits for an answer is bounded by the tasks that wait.
final class PluginInbox: Sendable {
    /// How many lines may wait for the loop.
    static let maximumLines = 1_000

    private struct State {
        var messages: [PluginMessage] = []
        var lines = 0
        var droppedLines = [String: Int]()
        var isClosed = false
    }

    private let state = Mutex(State())
    /// Whether there is something to be taken: the loop asks in every turn, and mostly there is not.
    private let isWaiting = Atomic(false)
    private let wake: @Sendable () -> Void

    /// An inbox that has the loop woken by `wake`.
    init(wake: @escaping @Sendable () -> Void) {
        self.wake = wake
    }

    func put(_ message: PluginMessage) {
        let isFirst: Bool? = state.withLock { state in
            if state.isClosed { return nil }
            if case .log(let plugin, _, _) = message {
                guard state.lines < Self.maximumLines else {
                    state.droppedLines[plugin, default: 0] += 1
                    isWaiting.store(true, ordering: .releasing)
                    return false
                }
                state.lines += 1
            }
            state.messages.append(message)
            isWaiting.store(true, ordering: .releasing)
            return state.messages.count == 1
        }
        guard let isFirst else { return message.refuse() }
        if isFirst { wake() }
    }

    /// The loop takes nothing any more: who waits for an answer, or asks from now on, is told so.
    func close() {
        let left = state.withLock { state in
            state.isClosed = true
            defer { state.messages = [] }
            return state.messages
        }
        for message in left { message.refuse() }
    }

    /// Whether there are any, or lines were dropped. Who has put something in wakes the loop after that.
    var hasMessages: Bool { isWaiting.load(ordering: .acquiring) }

    /// Takes up to `limit` messages, and how many lines of which plugin were dropped since; nil where there is neither. Wakes the loop
    /// where more are left.
    func take(limit: Int) -> (messages: [PluginMessage], droppedLines: [String: Int])? {
        guard hasMessages,
            let (taken, dropped, more) = state.withLock({ state -> ([PluginMessage], [String: Int], Bool)? in
                if state.messages.isEmpty, state.droppedLines.isEmpty { return nil }
                let taken = Array(state.messages.prefix(limit))
                state.messages.removeFirst(taken.count)
                for case .log in taken { state.lines -= 1 }
                defer { state.droppedLines = [:] }
                isWaiting.store(!state.messages.isEmpty, ordering: .releasing)
                return (taken, state.droppedLines, !state.messages.isEmpty)
            })
        else { return nil }
        if more { wake() }
        return (taken, dropped)
    }
}
