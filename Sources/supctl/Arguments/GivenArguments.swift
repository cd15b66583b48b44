import SupdPlugin
import SupdProtocol

/// What is wrong with the command line.
struct UsageError: Error, Hashable {
    var message: String
    /// The verb whose help says more, where one was found.
    var verb: String?

    init(_ message: String, verb: String? = nil, suggestion: String? = nil) {
        self.message = message + (suggestion.map { "; did you mean '\($0)'?" } ?? "")
        self.verb = verb
    }
}

/// The words and options of a command line, apart from each other.
struct GivenArguments {
    /// What is no option; first the verb, until that is taken.
    var words: [String] = []
    /// The options in their order. Of one given twice the last counts.
    private(set) var options: [Option] = []

    /// An option as it was given.
    struct Option {
        let name: String
        let value: String?
    }

    /// Takes `arguments` apart. `--` ends the options; a value stands behind its option, or after `=`, and short ones may stand together.
    init(_ arguments: [String]) throws(UsageError) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "--" {
                words += rest
                return
            }
            guard argument.hasPrefix("-"), argument != "-" else {
                words.append(argument)
                continue
            }
            do throws(UsageError) {
                try take(argument, &rest)
            } catch {
                throw UsageError(error.message, verb: verb(orOneIn: rest))
            }
        }
    }

    /// The verb, whose help has its options, also where it comes only after what is wrong.
    private func verb(orOneIn rest: ArraySlice<String>) -> String? {
        let candidates = words.isEmpty ? Array(rest) : Array(words.drop { $0 == "help" }.prefix(1))
        return candidates.first { VerbSpecification.named($0) != nil }
    }

    private mutating func take(_ argument: String, _ rest: inout ArraySlice<String>) throws(UsageError) {
        let (name, attached) = OptionSpecification.split(argument)
        guard let option = OptionSpecification.written(name) else {
            let known = OptionSpecification.all.lazy.flatMap(\.names).filter { $0.hasPrefix("--") }
            throw UsageError(
                "there is no option \(QuotedText.quote(name))", suggestion: closestWord(to: name, among: known))
        }
        guard let meaning = option.value else {
            options.append(Option(name: option.name, value: nil))
            guard let attached else { return }
            // Short ones may stand together, as getopt(3) has it: -fn5 is -f -n5.
            guard !argument.hasPrefix("--"), attached.first?.isLetter == true else {
                throw UsageError("\(name) takes no value")
            }
            rest.insert("-\(attached)", at: rest.startIndex)
            return
        }
        guard let value = attached ?? rest.popFirst(), !value.isEmpty else {
            throw UsageError("\(name) needs a value, \(meaning)")
        }
        options.append(Option(name: option.name, value: value))
    }

    func has(_ option: OptionSpecification) -> Bool {
        options.contains { $0.name == option.name }
    }

    func value(_ option: OptionSpecification) -> String? {
        options.last { $0.name == option.name }?.value
    }

    /// The first option that `verb` does not take.
    func foreignOption(for verb: VerbSpecification) -> String? {
        // The lists are made where they are looked at: mostly it is one of the first, or there are none.
        options.first { given in
            !OptionSpecification.common.contains { $0.name == given.name }
                && !verb.options.contains { $0.name == given.name }
        }?.name
    }

    /// The hosts of every `--host`, each once.
    func hosts() throws(UsageError) -> [String] {
        let hosts = list(.host)
        // What begins with a dash ssh would take for an option.
        for host in hosts
        where host.isEmpty || host.hasPrefix("-") || host.hasPrefix("@") || host.hasSuffix("@")
            || host.contains(where: \.isWhitespace)
        {
            throw UsageError("--host must be HOST, USER@HOST or USER@HOST:PORT, found \(QuotedText.quote(host))")
        }
        return hosts
    }

    /// What stands between the commas of every such option, each once.
    private func list(_ option: OptionSpecification) -> [String] {
        var found: [String] = []
        for given in options where given.name == option.name {
            for word in (given.value ?? "").split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            where !found.contains(word) {
                found.append(word)
            }
        }
        return found
    }

    /// The value that `text` names.
    private func choice<Value: RawRepresentable<String> & CaseIterable>(
        _ option: OptionSpecification, _ text: String
    ) throws(UsageError) -> Value {
        guard let value = Value(rawValue: text) else {
            let words = Value.allCases.map(\.rawValue)
            throw UsageError(
                "\(option.name) must be one of \(words.joined(separator: ", ")), found \(QuotedText.quote(text))",
                suggestion: closestWord(to: text, among: words))
        }
        return value
    }

    func timeout(standard: Duration?) throws(UsageError) -> Duration? {
        guard let text = value(.timeout) else { return standard }
        guard let limit = WaitLimit(text) else {
            throw UsageError(
                "--timeout must be a duration up to a day (500ms, 30s, 2min) or 'infinity', found \(QuotedText.quote(text))"
            )
        }
        return limit.duration
    }

    /// Whether an order is waited for: of `--wait` and `--no-wait` the last counts.
    var waits: Bool {
        let names = [OptionSpecification.waitAsEver.name, OptionSpecification.noWait.name]
        return options.last { names.contains($0.name) }?.name != OptionSpecification.noWait.name
    }

    func drainTimeout() throws(UsageError) -> Duration? {
        guard has(.wait) || !has(.timeout) else { throw UsageError("--timeout has a meaning only with --wait") }
        return try timeout(standard: nil)
    }

    /// What an order is for. Nothing is ordered of all services that does not say so.
    func selectors(of verb: String, advice: String? = nil) throws(UsageError) -> [String] {
        guard has(.everything) else {
            guard words.isEmpty else { return words }
            throw UsageError(advice ?? "'\(verb)' needs NAME…, or --all for every service")
        }
        guard words.isEmpty else { throw UsageError("'\(verb) --all' is for every service, and takes no names") }
        return ["*"]
    }

    func condition() throws(UsageError) -> Condition {
        guard let text = value(.for) else { return .ready }
        return try choice(.for, text)
    }

    func since() throws(UsageError) -> UInt64? {
        guard let text = value(.since) else { return nil }
        guard let number = UInt64(text) else {
            throw UsageError("--since must be the number of an event, found \(QuotedText.quote(text))")
        }
        return number
    }

    /// The kinds of every `--kind`; none is all.
    func eventKinds() throws(UsageError) -> [EventKind] {
        var kinds: [EventKind] = []
        for word in list(.kind) { kinds.append(try choice(.kind, word)) }
        return kinds
    }

    /// How many of the events that there were are shown; nil for all, or with `-f` for none.
    func lastEvents() throws(UsageError) -> Int? {
        guard value(.lines) != nil else { return nil }
        return try number(of: .lines, 1...ProtocolLimits.rememberedEvents)
    }

    /// The filter of `logs`; a time that is so long ago is counted from `now`.
    func logFilter(now: WallTime) throws(UsageError) -> LogFilter {
        var filter = LogFilter(isOfErrors: has(.standardError))
        if let text = value(.since) {
            if let time = TimeText.parse(text) {
                filter.since = time
            } else if let ago = try? Duration(text: text) {
                filter.since = WallTime(nanoseconds: now.nanoseconds - ago.clampedNanoseconds)
            } else {
                throw UsageError(
                    "--since must be how long ago (10min) or a time (2026-11-27T14:02:11Z), found \(QuotedText.quote(text))"
                )
            }
        }
        if let text = value(.grep) {
            do throws(LinePattern.Fault) {
                filter.pattern = try LinePattern(text)
            } catch {
                throw UsageError(
                    "--grep must be an extended regular expression, found \(QuotedText.quote(text)): \(error.problem)")
            }
        }
        return filter
    }

    func lines() throws(UsageError) -> Int {
        guard value(.lines) != nil else { return LogsParams.standardLines }
        // Who follows may have seen enough of what was.
        return try number(of: .lines, has(.follow) ? ProtocolLimits.followedLogLines : ProtocolLimits.logLines)
    }

    private func number(of option: OptionSpecification, _ range: ClosedRange<Int>) throws(UsageError) -> Int {
        let text = value(option) ?? ""
        guard let number = Int(text), range.contains(number) else {
            throw UsageError(
                "\(option.name) must be a number from \(range.lowerBound) to \(range.upperBound), found \(QuotedText.quote(text))"
            )
        }
        return number
    }
}
