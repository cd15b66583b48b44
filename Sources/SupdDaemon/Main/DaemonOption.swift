import SupdPlugin

/// An option of the command line of `supd`. What is not in this table is no option, and the help is made of it; `docs/supd.md`,
/// which is the manual page, says the same (`DaemonOptionTests`).
struct DaemonOption: Sendable {
    /// Every way to write it.
    var names: [String]
    /// What its value is called; nil where it takes none.
    var value: String?
    /// What it is, in a sentence.
    var help: String { makeHelp() }
    /// Whether `supd`, `supd check`, `supd run` and `supd plugins` take it.
    var places: [Place]
    /// Every start looks options up, and none of them reads the help.
    private let makeHelp: @Sendable () -> String

    /// What stands first on the command line.
    enum Place: String, Sendable, CaseIterable {
        case serve, check, run, plugins
    }

    static let all: [Self] = [
        Self(
            names: ["--config", "-c"], value: "FILE",
            help:
                "The configuration; without it /etc/supd/supd.toml for root and $XDG_CONFIG_HOME/supd/supd.toml for others.",
            places: [.serve, .check]),
        Self(
            names: ["--socket"], value: "PATH",
            help:
                "The control socket; without it [supervisor] socket of the configuration, then /run/supd/control.sock "
                + "for root and $XDG_RUNTIME_DIR/supd/control.sock for others. 'none' for no socket, which is what 'supd run' "
                + "has without it.",
            places: [.serve, .run]),
        Self(
            names: ["--log-level"], value: "LEVEL",
            help: "What supd says of itself: \(LogLevel.allCases.map(\.rawValue).joined(separator: ", ")). "
                + "Without it 'info', of 'supd run' 'warning'.",
            places: [.serve, .run]),
        Self(
            names: ["--log-format"], value: "FORMAT",
            help: "How: \(LogFormat.allCases.map(\.rawValue).joined(separator: ", ")).", places: [.serve, .run]),
        Self(
            names: ["--name"], value: "NAME", help: "What the command is called; without it its program's name.",
            places: [.run]),
        Self(
            names: ["--restart"], value: "POLICY",
            help: "Whether it is run again when it ends: no, which it is without it, on-failure, always, …",
            places: [.run]),
        Self(
            names: ["--timeout-stop"], value: "TIME",
            help: "How long it has to end after SIGTERM before all of it is killed; without it 10s.", places: [.run]),
        Self(
            names: ["--stop-signal"], value: "SIGNAL",
            help: "What it is sent instead of SIGTERM: its name, or its number.", places: [.run]),
        Self(names: ["--help", "-h"], help: "Show the help.", places: Place.allCases),
        Self(names: ["--version", "-V"], help: "Show the version.", places: [.serve, .check, .plugins]),
    ]

    init(
        names: [String], value: String? = nil, help: @escaping @Sendable @autoclosure () -> String, places: [Place]
    ) {
        self.names = names
        self.value = value
        self.places = places
        makeHelp = help
    }

    /// Whether `word` is one that is taken there.
    static func isKnown(_ word: String, of place: Place) -> Bool {
        all.contains { $0.places.contains(place) && $0.names.contains(word) }
    }

    /// The long names of those that are taken there.
    static func names(of place: Place) -> [String] {
        all.filter { $0.places.contains(place) }.flatMap(\.names).filter { $0.hasPrefix("--") }
    }

    /// Every way to write it, with its value.
    var spelling: String { names.joined(separator: ", ") + (value.map { " \($0)" } ?? "") }

    /// Those of a place as lines of the help, in columns of at most 110 characters.
    static func list(_ place: Place, but others: Place? = nil) -> String {
        let options = all.filter { option in
            option.places.contains(place) && !(others.map(option.places.contains) ?? false)
        }
        let width = (options.map(\.spelling.count).max() ?? 0) + 4
        return options.map { option in
            var lines = [String(repeating: " ", count: width)]
            lines[0] = "  \(option.spelling)" + String(repeating: " ", count: width - option.spelling.count - 2)
            for word in option.help.split(separator: " ") {
                if lines[lines.count - 1].count + word.count > 110 {
                    lines.append(String(repeating: " ", count: width))
                }
                lines[lines.count - 1] += lines[lines.count - 1].hasSuffix(" ") ? word : " " + word
            }
            return lines.joined(separator: "\n")
        }.joined(separator: "\n")
    }
}
