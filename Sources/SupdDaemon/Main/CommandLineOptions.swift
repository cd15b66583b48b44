import SupdPlugin

/// What `supd` was asked to do.
struct CommandLineOptions: Equatable {
    enum Command: Equatable {
        case serve, check, plugins, version, help
        case run(RunOptions)
    }

    var command = Command.serve
    var config: String?
    var socket: String?
    var logLevel = LogLevel.info
    var logFormat = LogFormat.auto

    /// What is wrong with a command line.
    struct Fault: Error, Equatable {
        var message: String
    }

    static let usage = """
        supd, a process supervisor

        usage: supd [OPTIONS]
               supd check [FILE]
               supd run [OPTIONS] -- COMMAND…
               supd plugins
               supd help | --version

        \(DaemonOption.list(.serve))

        supd run: one command with no file, as a container's entry point. It finds what it would find without supd:
        environment, folder, standard streams, terminal. SIGTERM stops it, other signals are passed on, its orphans are
        reaped, and its exit status is supd's.

        \(DaemonOption.list(.run, but: .serve))
          --socket, --log-level, --log-format   as above

        supd stays in the foreground. SIGTERM, SIGINT, SIGQUIT or SIGRTMIN+3 shuts it down; SIGHUP has it read its
        configuration anew and do what has changed, as 'supctl apply' does; 'supctl' commands it.
        'supd check' reads the configuration, or FILE in place of it, reports every fault and runs nothing.
        'supd plugins' lists what is compiled in, and the options that it takes.

        """

    /// The standard values.
    init() {}

    /// Reads the words after the program's name.
    init(_ arguments: some Collection<String>) throws(Fault) {
        var rest = Array(arguments)[...]
        if rest.first == "run" {
            self = try Self.run(rest.dropFirst())
            return
        }
        switch rest.first {
        case "help":
            // Whatever help is wanted for: it is one page.
            command = .help
            return
        case "check":
            command = .check
            rest = rest.dropFirst()
        case "plugins":
            command = .plugins
            rest = rest.dropFirst()
        default: break
        }
        let place = Self.place(of: command)
        while let word = rest.popFirst() {
            var name = word
            var attached: String?
            if word.hasPrefix("--"), let equals = word.firstIndex(of: "=") {
                name = String(word[..<equals])
                attached = String(word[word.index(after: equals)...])
            }
            func value() throws(Fault) -> String {
                guard let value = attached ?? rest.popFirst(), !value.isEmpty else {
                    throw Fault(message: "\(name) needs a value")
                }
                return value
            }
            guard !word.hasPrefix("-") || DaemonOption.isKnown(name, of: place) else {
                throw Fault(message: Self.unknown(word, place))
            }
            switch name {
            case "--help", "-h":
                guard attached == nil else { throw Fault(message: "\(name) takes no value") }
                command = .help
                return
            case "--version", "-V": command = .version
            case "--config", "-c": config = try value()
            case "--socket": socket = try value()
            case "--log-level": logLevel = try Self.word(name, try value())
            case "--log-format": logFormat = try Self.word(name, try value())
            case _ where command == .check && config == nil && !word.hasPrefix("-"): config = word
            default:
                throw Fault(message: Self.unknown(word, place))
            }
            if attached != nil, command == .version {
                throw Fault(message: "\(name) takes no value")
            }
        }
    }

    static func unknown(_ word: String, _ place: DaemonOption.Place) -> String {
        if place == .check, !word.hasPrefix("-") { return "'supd check' takes one file, found '\(word)' as well" }
        let what = word.hasPrefix("-") ? "option" : "argument"
        let whose = place == .serve ? "" : " of 'supd \(place.rawValue)'"
        return "unknown \(what) '\(word)'\(whose)" + advice(on: word, place)
    }

    /// What may have been meant.
    private static func advice(on word: String, _ place: DaemonOption.Place) -> String {
        if word.hasPrefix("-") {
            let name = String(word.prefix { $0 != "=" })
            return didYouMean(closestWord(to: name, among: DaemonOption.names(of: place)))
        }
        guard place == .serve else { return "" }
        if word.hasSuffix(".toml") || word.contains("/") { return "; a configuration is named by --config \(word)" }
        return didYouMean(closestWord(to: word, among: ["check", "run", "plugins", "help"]))
    }

    static func didYouMean(_ word: String?) -> String { word.map { " (did you mean '\($0)'?)" } ?? "" }

    private static func place(of command: Command) -> DaemonOption.Place {
        switch command {
        case .check: .check
        case .plugins: .plugins
        case .run, .serve, .version, .help: .serve
        }
    }

    static func word<Word: RawRepresentable & CaseIterable>(
        _ name: String, _ text: String
    ) throws(Fault) -> Word where Word.RawValue == String {
        if let word = Word(rawValue: text) { return word }
        let known = Word.allCases.map(\.rawValue)
        throw Fault(
            message: "\(name) must be one of \(known.joined(separator: ", ")), found '\(text)'"
                + didYouMean(closestWord(to: text, among: known)))
    }
}
