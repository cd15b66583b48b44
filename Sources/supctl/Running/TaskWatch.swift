import Glibc
import SupdConnection
import SupdJSON
import SupdPlugin
import SupdProtocol

/// `tasks --watch`: the table again whenever it has changed, until the daemon ends. SIGINT ends it as it ends any
/// program: there is nothing to put right on the terminal.
struct TaskWatch {
    /// The daemon's own object, one a line, instead of the table.
    var json: Bool
    var screen: Screen
    /// Which file of this process that is; -1 for none.
    var descriptor: Int32
    var interval: Duration
    /// How long each answer may take.
    var timeout: Duration?
    private var last: TaskList?
    private var lastText = ""

    init(json: Bool, screen: Screen, descriptor: Int32, interval: Duration, timeout: Duration?) {
        self.json = json
        self.screen = screen
        self.descriptor = descriptor
        self.interval = interval
        self.timeout = timeout
    }

    mutating func run(_ connection: inout ControlConnection) throws(ClientError) -> Outcome {
        while true {
            let result: JSONValue
            do throws(ClientError) {
                result = try connection.call(.tasksList, timeout: timeout)
            } catch {
                guard case .closed = error, last != nil else { throw error }
                return Outcome()
            }
            if let error = show(try TaskList(result: result), result) {
                guard error.rawValue != EPIPE else { return Outcome() }
                return Outcome(
                    status: .failed, errors: "supctl: standard output cannot be written: \(error)\n")
            }
            // Nothing may change for long: poll(2) tells unasked that nobody reads any more.
            var output = pollfd(fd: descriptor, events: 0, revents: 0)
            poll(&output, 1, Clock.pollTimeout(until: Clock.now.advanced(by: interval)))
            if output.revents & Int16(POLLERR | POLLHUP) != 0 { return .nobodyReads() }
        }
    }

    private mutating func show(_ list: TaskList, _ result: JSONValue) -> ErrorNumber? {
        let isFirst = last == nil
        let hasChanged = last.map { !$0.isSame(as: list) } ?? true
        last = list
        if json { return hasChanged ? screen.write(result.description + "\n") : nil }
        let room = screen.room
        // In a pipe the passing of time is no change; on a terminal ages are seen to grow.
        guard hasChanged || room.canRedraw else { return nil }
        let text = TaskTable.text(list, terminal: room)
        guard hasChanged || text != lastText else { return nil }
        lastText = text
        return screen.show(room.canRedraw || isFirst ? text : "\n" + text)
    }
}

extension TaskList {
    /// Whether nothing but time has passed between the two.
    fileprivate func isSame(as other: TaskList) -> Bool {
        registry == other.registry && tasks.count == other.tasks.count
            && zip(tasks, other.tasks).allSatisfy { $0.withoutTime == $1.withoutTime }
    }
}

extension TaskStatus {
    fileprivate var withoutTime: TaskStatus {
        var task = self
        task.age = .zero
        task.deadline = deadline.map { _ in .zero }
        return task
    }
}
