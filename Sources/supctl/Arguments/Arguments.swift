import SupdPlugin
import SupdProtocol

/// The command line: a table of verbs and a table of options, read by hand because a general parser, which looks at
/// its declarations by reflection, takes longer than all the rest of `supctl status`.
enum Arguments {
    /// What is to be said instead of doing something.
    enum Answer: Error, Hashable {
        case help(verb: String?)
        case version
        case wrong(UsageError)

        func outcome(_ terminal: Terminal) -> Outcome {
            switch self {
            case .help(let verb):
                return Outcome(output: HelpText.text(verb: verb, terminal: terminal))
            case .version:
                return Outcome(output: "supctl \(VersionInfo.current)\n")
            case .wrong(let error):
                let help = error.verb.map { "supctl \($0) --help" } ?? "supctl --help"
                return Outcome(status: .wrongUse, errors: "supctl: \(error.message)\nTry '\(help)'.\n")
            }
        }
    }

    /// What a command line asks for. No `Result`: to find what its type needs took a twentieth of `supctl status NAME`.
    enum Parsed {
        case invocation(Invocation)
        case answer(Answer)
    }

    /// What `arguments`, without the program's name, ask for.
    static func parse(_ arguments: [String]) -> Parsed {
        do throws(UsageError) {
            return try parsed(GivenArguments(arguments))
        } catch {
            return .answer(.wrong(error))
        }
    }

    private static func parsed(_ given: GivenArguments) throws(UsageError) -> Parsed {
        var given = given
        let asksForHelp = given.has(.help) || given.words.first == "help"
        if given.words.first == "help" { given.words.removeFirst() }
        // Whoever gives it reads a document of standard output, or nothing.
        if given.has(.json), asksForHelp || given.has(.version) {
            throw asksForHelp
                ? UsageError("the help is for people, and takes no --json")
                : UsageError("'--version' is for people; 'version --json' is for programs")
        }
        if asksForHelp, given.words.isEmpty || given.words == ["help"] { return .answer(.help(verb: nil)) }
        if asksForHelp, given.words == [HelpText.all] { return .answer(.help(verb: HelpText.all)) }
        if given.has(.version) { return .answer(.version) }

        let isBare = given.words.isEmpty
        let name = isBare ? "status" : given.words.removeFirst()
        guard let verb = VerbSpecification.all.first(where: { $0.name == name }) else {
            let none = "there is no verb \(QuotedText.quote(name))"
            if let advice = VerbSpecification.advice(for: name) { throw UsageError("\(none); \(advice)") }
            // service(8) has the name first.
            let isTurned = given.words.first.flatMap(VerbSpecification.named) != nil
            let turned = isTurned ? "\(given.words[0]) \(QuotedText.escape(name))" : nil
            throw UsageError(
                none,
                suggestion: VerbSpecification.elsewhere[name] ?? turned
                    ?? closestWord(to: name, among: VerbSpecification.all.lazy.map(\.name)))
        }
        if asksForHelp { return .answer(.help(verb: verb.name)) }
        try check(given, verb)
        do throws(UsageError) {
            let made = try verb.make(given)
            let hosts = try given.hosts()
            if hosts.count > 1, made.isForOneHost {
                throw UsageError("'\(verb.name)' is for one host at a time")
            }
            return .invocation(
                Invocation(
                    socket: given.value(.socket), json: given.has(.json), hosts: hosts,
                    columns: try given.columns(among: verb.fields), isBare: isBare, verb: made))
        } catch {
            throw UsageError(error.message, verb: verb.name)
        }
    }

    private static func check(_ given: GivenArguments, _ verb: VerbSpecification) throws(UsageError) {
        if let foreign = given.foreignOption(for: verb) {
            throw UsageError("'\(verb.name)' takes no \(foreign)\(verb.whyNot(foreign))", verb: verb.name)
        }
        if given.words.count < verb.count.lowerBound {
            throw UsageError("'\(verb.name)' needs \(verb.words)", verb: verb.name)
        }
        if given.words.count > verb.count.upperBound {
            let extra = QuotedText.quote(given.words[verb.count.upperBound])
            let isApart =
                verb.words == "NAME=N" && given.words.count == 2 && !given.words[0].contains("=")
                && given.words[1].allSatisfy(\.isNumber)
            throw UsageError(
                "'\(verb.name)' takes no \(extra)", verb: verb.name,
                suggestion: isApart ? QuotedText.escape(given.words.joined(separator: "=")) : nil)
        }
        if given.words.contains("") {
            throw UsageError("'\(verb.name)' was given an empty argument", verb: verb.name)
        }
    }
}
