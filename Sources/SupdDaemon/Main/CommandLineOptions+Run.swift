import SupdPlugin

/// `supd run`.
extension CommandLineOptions {
    /// Reads the words after `run`.
    static func run(_ arguments: ArraySlice<String>) throws(Fault) -> CommandLineOptions {
        var result = CommandLineOptions()
        result.socket = SocketChoice.none
        result.logLevel = .warning
        var name: ServiceName?
        var restart = "no"
        var timeoutStop = Duration.seconds(10)
        var stopSignal = Signal.term
        var rest = arguments
        while let word = rest.popFirst(), word != "--" {
            let (option, attached) = split(word)
            func value() throws(Fault) -> String {
                guard let value = attached ?? rest.popFirst(), value != "--", !value.isEmpty else {
                    throw Fault(message: "\(option) needs a value")
                }
                return value
            }
            if word.hasPrefix("-"), !DaemonOption.isKnown(option, of: .run) {
                throw Fault(message: Self.unknown(word, .run))
            }
            switch option {
            case "--help", "-h":
                result.command = .help
                return result
            case "--name": name = try serviceName(try value())
            case "--restart": restart = try value()
            case "--timeout-stop": timeoutStop = try duration(option, try value())
            case "--stop-signal": stopSignal = try signal(option, try value())
            case "--socket": result.socket = try value()
            case "--log-level": result.logLevel = try Self.word(option, try value())
            case "--log-format": result.logFormat = try Self.word(option, try value())
            default:
                throw Fault(message: "'supd run' takes its command after --, found '\(word)' before it")
            }
        }
        guard let program = rest.first, !program.isEmpty else {
            throw Fault(message: "'supd run' needs a command after --, as in: supd run -- nginx -g 'daemon off;'")
        }
        let standard = try standardName(of: program)
        result.command = .run(
            RunOptions(
                name: name ?? standard, command: Array(rest), restart: restart,
                timeoutStop: timeoutStop, stopSignal: stopSignal))
        return result
    }

    /// `--name=value` in its two parts.
    private static func split(_ word: String) -> (option: String, value: String?) {
        guard word.hasPrefix("--"), let equals = word.firstIndex(of: "=") else { return (word, nil) }
        return (String(word[..<equals]), String(word[word.index(after: equals)...]))
    }

    /// The program's own name, with what no service's name may have replaced.
    private static func standardName(of program: String) throws(Fault) -> ServiceName {
        let base = program.split(separator: "/").last.map(String.init) ?? program
        let bytes = base.utf8.prefix(ServiceName.maximumLength).map { byte in
            ServiceName(String(UnicodeScalar(byte))) == nil && byte != UInt8(ascii: "-") && byte != UInt8(ascii: ".")
                ? UInt8(ascii: "_") : byte
        }
        let name = String(decoding: bytes, as: UTF8.self)
        let isRefused = name.hasPrefix("-") || name.hasPrefix(".") || ServiceName.isReserved(name)
        return try serviceName(isRefused ? "_" + name.dropFirst() : name)
    }

    private static func serviceName(_ text: String) throws(Fault) -> ServiceName {
        if let name = ServiceName(text) { return name }
        throw Fault(
            message: "--name takes letters, digits and _ . : -, not -, ., tag: or state: first, at most "
                + "\(ServiceName.maximumLength), found '\(text)'")
    }

    private static func duration(_ option: String, _ text: String) throws(Fault) -> Duration {
        guard let duration = try? Duration(text: text), duration > .zero else {
            throw Fault(message: "\(option) takes a time like 10s or 1min, found '\(text)'")
        }
        return duration
    }

    private static func signal(_ option: String, _ text: String) throws(Fault) -> Signal {
        if let signal = Signal(argument: text) { return signal }
        let closest = didYouMean(Signal.closestName(to: text))
        throw Fault(message: "\(option) takes the name of a signal or its number, found '\(text)'\(closest)")
    }
}
