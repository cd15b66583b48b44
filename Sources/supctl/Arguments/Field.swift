import SupdPlugin
import SupdProtocol

/// A column that `-o` can name: a member of the daemon's answer.
struct Field: Hashable, Sendable {
    /// What it is called: the member's own name, or `exit_code` for the member `code` of `last_exit`.
    var name: String
    /// Where it is found in an entry of the answer.
    var path: [String]
    /// A line for the help.
    var help: String

    init(_ name: String, _ help: String, path: [String]? = nil) {
        self.name = name
        self.path = path ?? [name]
        self.help = help
    }
}

extension Field {
    /// All fields, by the verbs that have them.
    static let all: [(verbs: String, fields: [Self])] = [
        ("Of `status` and the orders, a line an instance:", ofServices),
        ("Of `tree`, a line a process:", ofProcesses), ("Of `tasks`, a line a task:", ofTasks),
    ]
    /// Of an instance: `status` and the orders.
    static let ofServices: [Self] = [
        Self("name", "The instance: web, or web@2."), Self("service", "Its service."),
        Self("instance", "Its number, where the service has several."),
        Self("description", "The service's own line."), Self("state", "STOPPED, STARTING, RUNNING, …"),
        Self("ready", "Whether it can do its work."), Self("health", "healthy, unhealthy or unknown."),
        Self("desired", "What the last order wants: up or down."), Self("pid", "Its main process."),
        Self("since", "When it came into its state."), Self("restarts", "How often it was run again by its policy."),
        Self("attempt", "The number of its latest attempt."), Self("type", "exec, oneshot, notify, …"),
        Self("restart_policy", "The name of its restart policy."), Self("tags", "Its tags, with commas between them."),
        Self("left_behind", "Processes that are left of it, with commas between them."),
        Self("next_start_at", "When it is run again."),
        Self("exit_code", "The exit code of its last end.", path: ["last_exit", "code"]),
        Self("exit_signal", "The signal that ended it last.", path: ["last_exit", "signal"]),
        Self("exit_at", "When it ended last.", path: ["last_exit", "at"]),
        Self("exit", "How it ended last, in words.", path: ["last_exit", "description"]),
        Self("outdated", "Whether it runs an older definition."),
        Self(
            "blocked_by", "What it cannot start without, with commas between them.", path: ["blocked", "by"]),
        Self("status_text", "What it says of itself."),
        Self("reason", "Why it is in its state, in a sentence."),
    ]
    /// Of a process: `tree`.
    static let ofProcesses: [Self] = [
        Self("name", "The instance that it is of."), Self("pid", "Its number."), Self("parent", "Its parent's number."),
        Self("state", "R, S, D, …"), Self("cpu", "Seconds of processors that it has used."),
        Self("memory", "Resident bytes."), Self("age", "Seconds since it was started."),
        Self("command", "Its arguments."),
    ]
    /// Of a task of the daemon's: `tasks`.
    static let ofTasks: [Self] = [
        Self("name", "What it is called."), Self("kind", "job, service or cleanup."),
        Self("phase", "The phase of a drain that waits for it."), Self("state", "running, cancelled or abandoned."),
        Self("age", "Seconds since it was registered."), Self("deadline", "Seconds until it is cancelled."),
        Self("registered_at", "Where in the sources that was."), Self("parent", "The task that has begun it."),
    ]
}

extension GivenArguments {
    /// The columns of `--output`, which are among `fields`; empty where it was not given.
    func columns(among fields: @autoclosure () -> [Field]) throws(UsageError) -> [Field] {
        guard let text = value(.output) else { return [] }
        guard !has(.json) else { throw UsageError("--json has all fields: leave out --output, or --json") }
        guard !has(.watch) else { throw UsageError("--output shows the table once: leave out --watch") }
        let fields = fields()
        var columns: [Field] = []
        for name in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let field = fields.first(where: { $0.name == name }) else {
                let names = fields.map(\.name)
                let nearest = closestWord(to: String(name), among: names).map { "; did you mean '\($0)'?" } ?? ""
                throw UsageError(
                    "there is no field \(QuotedText.quote(String(name)))\(nearest)\nFields: "
                        + names.joined(separator: ", "))
            }
            columns.append(field)
        }
        return columns
    }
}
