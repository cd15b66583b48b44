import SupdConnection
import SupdJSON
import SupdPlugin
import SupdProtocol

/// A verb of the command line: what it takes, and what it makes of that.
struct VerbSpecification: Sendable {
    let name: String
    /// What the help says it does.
    let help: String
    /// The words after it as the help shows them; empty for none.
    let words: String
    /// How many words it needs at least, and takes at most.
    let count: ClosedRange<Int>
    /// Its options, beside those of every verb. Made when they are asked for, as the fields are: a run looks at those of one verb.
    var options: [OptionSpecification] { makeOptions() }
    /// The columns that `--output` can name, where its table has any.
    var fields: [Field] { makeFields() }
    /// Checks what was given and makes the verb of it.
    let make: @Sendable (GivenArguments) throws(UsageError) -> Verb
    private let makeOptions: @Sendable () -> [OptionSpecification]
    private let makeFields: @Sendable () -> [Field]

    init(
        name: String, help: String, words: String = "", count: ClosedRange<Int> = 0...0,
        options: @autoclosure @escaping @Sendable () -> [OptionSpecification] = [],
        fields: @autoclosure @escaping @Sendable () -> [Field] = [],
        make: @escaping @Sendable (GivenArguments) throws(UsageError) -> Verb
    ) {
        self.name = name
        self.help = help
        self.words = words
        self.count = count
        self.make = make
        makeOptions = options
        makeFields = fields
    }
}

extension VerbSpecification {
    /// All verbs, in the order of the help.
    static let all: [Self] = [
        Self(
            name: "status",
            help: "Show all services, or cards of those named. Exits with 3 where not all run that are to.",
            words: "[NAME…]", count: 0...Int.max, options: [.output], fields: Field.ofServices
        ) { .status(services: $0.words) },
        Self(
            name: "why", help: "Say why services are as they are, what has led to it, and what would change it.",
            words: "NAME…", count: 1...Int.max
        ) { .why(services: $0.words) },
        order(.start, "start", "Want services up."),
        order(.stop, "stop", "Want services down."),
        order(.restart, "restart", "Stop services and start them again."),
        order(
            .reload, "reload", "Have services read their configuration again, by their exec_reload.",
            advice: "'reload NAME' has a service reload itself; 'apply' reads the configuration of supd anew"),
        Self(
            name: "scale", help: "Change how many instances a service has.", words: "NAME=N", count: 1...1,
            options: [.waitAsEver, .noWait, .timeout, .output], fields: Field.ofServices, make: makeScale),
        Self(name: "plan", help: "Show what the configuration's files would change. Nothing is done.") { _ in .plan },
        Self(
            name: "apply", help: "Read the configuration anew, and do what 'plan' shows; all else runs on.",
            options: [.expect, .defer, .waitAsEver, .noWait, .timeout], make: makeApply),
        Self(
            name: "tree", help: "Show the processes of services, with CPU and memory.", words: "[NAME…]",
            count: 0...Int.max, options: [.output], fields: Field.ofProcesses
        ) { .tree(services: $0.words) },
        Self(
            name: "top", help: "Watch services on the whole screen: CPU, memory, restarts; with keys for orders.",
            words: "[NAME…]", count: 0...Int.max
        ) { given throws(UsageError) in
            guard !given.has(.json) else { throw UsageError("'top' is for people; 'status --json' is for programs") }
            return .top(services: given.words)
        },
        Self(
            name: "signal", help: "Send a signal (HUP, SIGUSR1, SIGRTMIN+3) to services' main processes.",
            words: "SIGNAL NAME…", count: 1...Int.max, options: orderOptions, fields: Field.ofServices,
            make: makeSignal),
        Self(
            name: "reset-failed", help: "Let services that are FATAL be started again.", words: "NAME…",
            count: 0...Int.max, options: orderOptions, fields: Field.ofServices
        ) { given throws(UsageError) in
            .resetFailed(
                services: try given.selectors(of: "reset-failed"), timeout: try given.timeout(standard: atOnce))
        },
        Self(
            name: "logs", help: "Show the last lines that services wrote, and with -f those that come.",
            words: "[NAME…]",
            count: 0...Int.max, options: [.lines, .follow, .since, .grep, .standardError, .journal], make: makeLogs),
        Self(
            name: "events", help: "Show what has happened, as far as supd remembers it, or with -f what happens.",
            words: "[NAME…]", count: 0...Int.max, options: [.follow, .lastEvents, .sinceEvent, .kind]
        ) { given throws(UsageError) in
            .events(
                services: given.words, since: try given.since(), follow: given.has(.follow),
                kinds: try given.eventKinds(),
                last: try given.lastEvents())
        },
        Self(
            name: "cat", help: "Show what services are told, and where each key stands.", words: "NAME…",
            count: 1...Int.max, options: [.standards]
        ) { .cat(services: $0.words, all: $0.has(.everything)) },
        Self(
            name: "list-dependencies", help: "Show what services need, as a tree.", words: "[NAME…]",
            count: 0...Int.max, options: [.reverse]
        ) { .dependencies(services: $0.words, reverse: $0.has(.reverse)) },
        Self(
            name: "analyze", help: "Show what the start has taken: as a whole, by service, or what was waited for.",
            words: "[blame|critical-chain [NAME]]", count: 0...2, make: makeAnalyze),
        Self(
            name: "wait", help: "Wait until services are ready, or what --for says.", words: "NAME…",
            count: 1...Int.max,
            options: [.for, .timeout]
        ) { given throws(UsageError) in
            .wait(
                services: given.words, condition: try given.condition(), timeout: try given.timeout(standard: nil))
        },
        Self(
            name: "reopen-logs", help: "Open log files anew, all or those of services, once they were moved away.",
            words: "[NAME…]", count: 0...Int.max
        ) { .reopenLogs(services: $0.words) },
        Self(
            name: "tasks", help: "Show the daemon's own tasks and where each was registered.",
            options: [.watch, .output],
            fields: Field.ofTasks
        ) { .tasks(watch: $0.has(.watch)) },
        Self(
            name: "info", help: "Show the daemon itself: its state, and whether its configuration's files have changed."
        ) { _ in .info },
        Self(name: "plugins", help: "Show what is compiled into the daemon.") { _ in .plugins },
        Self(
            name: "call", help: "Call a plugin's method, [plugin.]NAME.METHOD, and print its result as JSON.",
            words: "METHOD [PARAMS-JSON]", count: 1...2, make: makeCall),
        Self(name: "drain", help: "End all that runs, in order. The daemon stays.", options: [.wait, .timeout]) {
            given throws(UsageError) in .drain(wait: given.has(.wait), timeout: try given.drainTimeout())
        },
        Self(name: "resume", help: "Undo a drain: what is enabled is started again.") { _ in .resume },
        Self(
            name: "shutdown", help: "End all that runs, in order, and then the daemon.",
            options: [.wait, .timeout, .now]
        ) {
            given throws(UsageError) in
            .shutdown(wait: given.has(.wait), timeout: try given.drainTimeout(), now: given.has(.now))
        },
        Self(name: "ping", help: "Make a round trip through the daemon's core.") { _ in .ping },
        Self(name: "version", help: "Show the versions of supctl and of the daemon.") { _ in .version },
    ]

    /// How long the answer to an order is waited for that is carried out when it is answered.
    private static let atOnce = Duration.seconds(10)
    /// What orders to services take.
    private static var orderOptions: [OptionSpecification] { [.everything, .waitAsEver, .noWait, .timeout, .output] }

    private static func order(
        _ order: Verb.Order, _ name: String, _ help: String, advice: String? = nil
    ) -> Self {
        Self(
            name: name, help: help, words: "NAME…", count: 0...Int.max,
            options: orderOptions, fields: Field.ofServices
        ) { given throws(UsageError) in
            let services = try given.selectors(of: name, advice: advice)
            let wait = given.waits
            let timeout = try given.timeout(standard: .seconds(90))
            return .order(order, services: services, wait: wait, timeout: wait ? timeout : nil)
        }
    }

    @Sendable private static func makeAnalyze(_ given: GivenArguments) throws(UsageError) -> Verb {
        switch given.words.first {
        case nil: return .analyze(.summary)
        case "critical-chain": return .analyze(.criticalChain(of: given.words.count > 1 ? given.words[1] : nil))
        case "blame" where given.words.count == 1: return .analyze(.blame)
        case "blame": throw UsageError("'analyze blame' takes no \(QuotedText.quote(given.words[1]))")
        case let word?:
            throw UsageError(
                "'analyze' knows blame and critical-chain, found \(QuotedText.quote(word))",
                suggestion: closestWord(to: word, among: ["blame", "critical-chain"]))
        }
    }

    @Sendable private static func makeLogs(_ given: GivenArguments) throws(UsageError) -> Verb {
        let filter = try given.logFilter(now: Clock.wall)
        let lines = try given.lines()
        guard given.has(.journal) else {
            let services = given.words.isEmpty ? ["*"] : given.words
            return .logs(services: services, lines: lines, follow: given.has(.follow), filter: filter)
        }
        guard !given.has(.host) else {
            throw UsageError("--journal is that of this machine: 'ssh HOST supctl logs --journal' shows another's")
        }
        return .journal(
            services: given.words,
            JournalQuery(
                lines: lines, follow: given.has(.follow), since: filter.since, pattern: filter.pattern?.text,
                isOfErrors: filter.isOfErrors))
    }

    @Sendable private static func makeApply(_ given: GivenArguments) throws(UsageError) -> Verb {
        let wait = given.waits
        let timeout = try given.timeout(standard: .seconds(90))
        return .apply(
            ReloadParams(
                expect: given.value(.expect), deferred: given.has(.defer), wait: wait, timeout: wait ? timeout : nil))
    }

    @Sendable private static func makeCall(_ given: GivenArguments) throws(UsageError) -> Verb {
        let word = given.words[0]
        let method = word.hasPrefix(Method.pluginPrefix) ? word : Method.pluginPrefix + word
        guard method.dropFirst(Method.pluginPrefix.count).contains(".") else {
            throw UsageError("METHOD must be NAME.METHOD of a plugin, found \(QuotedText.quote(word))")
        }
        guard given.words.count > 1 else { return .call(PluginCall(method: method)) }
        let params: JSONValue
        do throws(JSONParseError) {
            params = try JSONValue(parsing: given.words[1], limits: .document)
        } catch {
            throw UsageError("PARAMS-JSON is no JSON: \(error)")
        }
        guard let object = params.objectValue else {
            throw UsageError("PARAMS-JSON must be an object, found \(params.kindName)")
        }
        return .call(PluginCall(method: method, params: object))
    }

    @Sendable private static func makeScale(_ given: GivenArguments) throws(UsageError) -> Verb {
        let parts = given.words[0].split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let range = ProtocolLimits.instances
        guard parts.count == 2, !parts[0].isEmpty, let count = Int(parts[1]), range.contains(count),
            // No sign: '+1' would be taken for one more.
            parts[1].first?.isNumber == true
        else {
            throw UsageError(
                "'scale' needs NAME=N, a service and a number from \(range.lowerBound) to \(range.upperBound), found "
                    + QuotedText.quote(given.words[0]))
        }
        let wait = given.waits
        let timeout = try given.timeout(standard: .seconds(90))
        return .scale(
            ScaleParams(service: String(parts[0]), instances: count, wait: wait, timeout: wait ? timeout : nil))
    }

    @Sendable private static func makeSignal(_ given: GivenArguments) throws(UsageError) -> Verb {
        guard let signal = Signal(argument: given.words[0]) else {
            // As kill(1) has it the signal is first; others have it last.
            let isLast = given.words.count > 1 && Signal(argument: given.words.last ?? "") != nil
            let meant = (["signal"] + given.words.suffix(1) + given.words.dropLast()).joined(separator: " ")
            throw UsageError(
                "no signal is named \(QuotedText.quote(given.words[0]))", verb: "signal",
                suggestion: isLast ? QuotedText.escape(meant) : Signal.closestName(to: given.words[0]))
        }
        var rest = given
        rest.words.removeFirst()
        return .signal(
            signal, services: try rest.selectors(of: "signal \(signal)"), timeout: try given.timeout(standard: atOnce))
    }
}
