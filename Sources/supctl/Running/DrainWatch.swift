import SupdConnection
import SupdJSON
import SupdPlugin
import SupdProtocol

/// Waits for the report of a drain, and shows meanwhile how far it is.
struct DrainWatch {
    /// How long the daemon may take to say how far it is: the report must not be kept waiting by that.
    private static let lookTimeout: Duration = .seconds(1)

    var screen: Screen
    var interval: Duration
    /// The socket's path.
    var path: String
    private var last: DrainProgress?

    init(screen: Screen, interval: Duration, path: String) {
        self.screen = screen
        self.interval = interval
        self.path = path
    }

    mutating func result(
        of call: Request.Call, _ connection: inout ControlConnection, timeout: Duration?
    ) throws(ClientError) -> JSONValue {
        let deadline = timeout.map { Clock.now.advanced(by: $0) }
        let id = try connection.giveOrder(call, timeout: timeout)
        // What cannot be written of the progress is lost: there is nowhere to say so.
        defer { _ = screen.clear() }
        var observer = DrainObserver(path: path)
        while true {
            let left = deadline.map { $0.duration(since: Clock.now) } ?? interval
            do throws(ClientError) {
                return try connection.result(of: id, timeout: min(left, interval))
            } catch {
                guard case .timedOut = error else { throw error }
                if let timeout, left <= interval { throw .timedOut(after: timeout) }
            }
            let limit = deadline == nil ? Self.lookTimeout : min(Self.lookTimeout, left - interval)
            // A log is told of the phases, a person of everything.
            let told = screen.room.canRedraw ? nil : last?.phase
            if let progress = observer.look(timeout: limit, unlessIn: told) { show(progress) }
        }
    }

    private mutating func show(_ progress: DrainProgress) {
        guard progress != last else { return }
        last = progress
        let room = screen.room
        let text = progress.text
        _ = screen.show((room.width.map { DisplayText.cut(text, to: $0) } ?? text) + "\n")
    }
}

/// A connection of its own that asks how far the drain is: on the other one the next answer is the report. Where there
/// is none to be had, the report is all that is seen.
private struct DrainObserver: ~Copyable {
    private var connection: ControlConnection?

    init(path: String) {
        do throws(ClientError) {
            connection = try ControlConnection(connectingTo: path)
        } catch {
            connection = nil
        }
    }

    /// How far it is; nil where it is in the phase `told` still.
    mutating func look(timeout: Duration, unlessIn told: WireWord<TaskStatus.Phase>?) -> DrainProgress? {
        do throws(ClientError) {
            guard let status: SupervisorStatus = try connection?.call(.supervisorStatus, timeout: timeout),
                let drain = status.drain, drain.phase != told,
                // A list of thousands, maybe.
                let tasks: TaskList = try connection?.call(.tasksList, timeout: timeout)
            else { return nil }
            return DrainProgress(status, tasks)
        } catch {
            // A daemon that is slow may be faster the next time; one that refused or hung up will not.
            if case .timedOut = error { return nil }
            connection = nil
            return nil
        }
    }
}
