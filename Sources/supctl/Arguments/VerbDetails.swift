extension VerbSpecification {
    /// What is to be known beside its line, in paragraphs, for `supctl help VERB` and the manual page; backquotes are around what is typed.
    var details: [String] { Self.details[name].map { $0.split(separator: "\n\n").map { Self.oneLine($0) } } ?? [] }

    /// Whether it waits until what it orders is done, which some have done when they answer.
    var waits: Bool {
        options.contains { $0.name == OptionSpecification.noWait.name } && !["signal", "reset-failed"].contains(name)
    }

    /// Why an option that others have is none of it; empty where nobody would ask.
    func whyNot(_ option: String) -> String {
        guard [OptionSpecification.waitAsEver.name, OptionSpecification.noWait.name].contains(option) else { return "" }
        if options.contains(where: { $0.name == OptionSpecification.wait.name }) {
            return ": it waits only with --wait"
        }
        return switch name {
        case "wait", "top": ""
        case "resume": ": 'supctl wait NAME…' waits until services are up"
        default: ": it is done when it is answered, and there is nothing to wait for"
        }
    }

    private static func oneLine(_ paragraph: some StringProtocol) -> String {
        paragraph.split(separator: "\n").joined(separator: " ")
    }

    /// What is to be known of those that wait.
    static let waiting = oneLine(
        """
        The answer comes when each service is where it is to be, or has failed, or at `--timeout`, 90s unless told otherwise. Then,
        and where it is interrupted, the order stands all the same.
        """)

    /// What other supervisors call a verb, and what it is here.
    static let elsewhere = [
        "avail": "status", "condrestart": "restart", "daemon-reload": "apply", "diff": "plan", "down": "stop",
        "exit": "shutdown", "halt": "shutdown", "is-active": "status", "journal": "logs", "kill": "signal",
        "list": "status", "list-units": "status", "ls": "status", "ps": "tree", "quit": "shutdown",
        "reread": "plan", "show": "status", "tail": "logs", "try-restart": "restart", "up": "start", "update": "apply",
    ]

    /// What to do in place of a verb that has none here.
    static func advice(for name: String) -> String? {
        guard ["enable", "disable"].contains(name) else { return nil }
        return
            "what is started with supd has 'enabled = \(name == "enable")' in its configuration, and 'supctl apply' has that read"
    }

    /// By verb.
    static let details = [
        "status": """
        A service that is RUNNING is up even where it is `not ready` or `unhealthy`, which is said beside its state. REASON is why it
        is in its state; a BACKOFF says when it is over.

        Those that are named have a card each: where its table is and whether that file has changed since, what it waits for, what its
        probe has answered, its processes and what they use, its last lines. Of more than 8 instances the table is shown. `--json` is
        the answer of `service.status` either way.
        """,
        "why": """
        A paragraph; the last 20 changes with their causes, exits and decisions, the newest last; the last lines; and what would change
        it. supd remembers 64 changes of each instance, also through an apply that starts it anew: `--json` has them all.
        """,
        "start": "What a service requires or wants is started with it and before it.",
        "stop": "What requires a service, or is bound to it, is stopped with it and before it.",
        "restart": "What requires a service goes down and up with it.",
        "reload": """
        A service without `exec_reload` and `reload_signal` refuses. supd's own configuration is read anew by `supctl apply`.
        """,
        "top": """
        CPU is that of all processes of a service since the screen before, of one processor, and beside it what it was. Keys: arrows,
        `j` and `k` choose a service; `S` starts it, `X` stops it, `R` restarts it; `l` follows its lines, `w` says why it is as it is;
        `/` shows only what has a text in its name, state or tags; `n`, `c`, `m`, `t`, `s` sort by name, CPU, memory, restarts and
        state; `q` ends.
        """,
        "scale": """
        In force until supd ends, or a configuration with another number of `instances` is applied. Instances are added and taken away
        at the end of the numbers.
        """,
        "plan": """
        Every key that would change, with its old and its new value, and when that takes effect; and a token for `apply --expect`.
        """,
        "apply": """
        A configuration with faults is refused whole, and each is printed as `FILE:LINE:COLUMN: message`.
        """,
        "signal": """
        A number is taken too, as by kill(1). It changes nothing of what is wanted: a service that ends by it is run again as its policy says. To end one for good, `stop` it.
        Signals are sent at once: there is nothing more to wait for, with `--wait` or without.
        """,
        "reset-failed": """
        What counts against the start limit is forgotten, and what the restart policy remembers. They are STOPPED then, and not
        started. That is done at once: there is nothing more to wait for, with `--wait` or without.
        """,
        "logs": """
        The lines are those that supd has in memory (`log.memory`), whatever the sink; where there are fewer than asked for, standard
        error says why. On a terminal each of several services has a colour of its own. Who reads too slowly is told how many
        lines were missed; no service waits for a reader. With `--since`, `--grep` or `--stderr` the last 1,000 lines of each are looked through,
        and those that come. With `--json` and `-f` each line is an object on a line of its own.

        With `--journal` it is the journal that is read, by journalctl(1): what services wrote to it (`log.sink`), and what supd said of them,
        also before it was started anew. `-f`, `-n`, `--since`, `--stderr` and `--grep`, which is journalctl's own then, mean the same; `-n`
        counts all services together, and with `--grep` and without `-f` the newest line is the first. `--json` and the exit status are
        journalctl's.
        """,
        "events": """
        States with their causes, health, orders and who gave them, removals, applies, drains, plugins. The last 2,048 are remembered. With
        `-n` only the last so many of them are shown, and with `-f` then those that come. With `--json` they are the `events` of one object,
        beside the number of the last (`sequence`) and when that supd was `started`; with `-f` each is an object on a line of its own.
        """,
        "cat": """
        Each key with its value as a configuration would have it, those of `[defaults]` included, and behind it the file and line. With `--all`
        what holds without being said, too. Where a file says something else by now, what is in force is shown, and said so; and where an
        instance runs by an older definition (`apply --defer`), that behind it. Values that may be secrets, as those of `environment`, are for those with the class `admin`.
        """,
        "list-dependencies": """
        Behind each service is the key that names it; what is required or wanted comes first as well, so `after` is shown of others alone. A service
        is shown once with all that it needs, and then `as above`. With `--reverse` the tree is of what needs it.
        """,
        "analyze": """
        A start counts from when it began until the service was up for the first time, failures in between included. `blame` lists all, the
        longest first. `critical-chain` shows what a service waited for, one after the other: the one that is named, or that was up last of the
        daemon's start.
        """,
        "wait": """
        All that are named have to be so at the same time: `ready`, which a oneshot is that has done its work; `running`, in the state
        RUNNING; `healthy`, as their health probes say; `stopped`, for whatever reason; or `exited`, by themselves. The daemon's events tell
        it. On a terminal it shows what it waits for; Ctrl-C ends it.

        A service that is FATAL or has ended for good is a failure at once, and so is one that cannot start because of such a service, and one
        without a health probe whose health is asked for. One that is STOPPED is waited for: somebody may order it up. Without `--timeout` there is no limit.

        With `--json` one object has the `condition`, and of each of the `services` its `name`, its `state` and whether it is so (`met`).
        """,
        "reopen-logs": "For logrotate and its kin. What supd rotates itself needs none of it.",
        "tasks": "With `--watch` and `--json` each table is an object on a line of its own.",
        "call": "`supctl plugins` lists the methods. PARAMS-JSON is one object.",
        "drain": """
        Services are stopped in reverse order of what they need, within the budgets of `[supervisor.drain]`. With `--wait` standard error
        shows meanwhile what is waited for.
        """,
        "shutdown": """
        As `drain`, and then supd ends, with an exit status that says how it went: see supd(8).
        """,
        "version": "Where no daemon answers supctl says its own, and on standard error why there is no other.",
    ]
}
