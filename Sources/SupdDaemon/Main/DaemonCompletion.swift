import SupdPlugin

/// What can stand where somebody has pressed Tab behind `supd`: `supd --complete WORD…`, the last of which is being typed. The shells'
/// scripts in `contrib/completions` ask for it as they ask supctl.
struct DaemonCompletion {
    /// What a shell begins its question with.
    static let option = "--complete"
    /// What the shell has to look up itself.
    private static let files = (word: ":files", help: "")

    /// The names of the restart policies that there are.
    var policies: [String]

    /// A line for each word that `words`, those after the program's name, can go on with: the word, and what it is behind a tab.
    func text(_ words: [String]) -> String {
        guard let current = words.last else { return "" }
        let before = words.dropLast()
        let place = before.first.flatMap { DaemonOption.Place(rawValue: $0) } ?? .serve
        // Of a command that is run by supd it knows nothing.
        if before.contains("--") { return lines([Self.files]) }
        if let option = before.last.flatMap({ Self.option($0, of: place) }), option.value != nil {
            return lines(values(of: option).filter { fits($0.word, current) })
        }
        if current.hasPrefix("-"), let sign = current.firstIndex(of: "=") {
            let begun = String(current[current.index(after: sign)...])
            guard let option = Self.option(String(current[..<sign]), of: place) else { return "" }
            return lines(
                values(of: option).filter { fits($0.word, begun) }.map { word, help in
                    word.hasPrefix(":") ? (word, help) : ("\(current[...sign])\(word)", help)
                })
        }
        if current.hasPrefix("-") { return lines(options(current, place, before)) }
        let isFirst = before.isEmpty
        if isFirst { return lines(Self.commands.filter { fits($0.word, current) }) }
        let hasFile = before.dropFirst().contains { !$0.hasPrefix("-") }
        return place == .check && !hasFile ? lines([Self.files]) : ""
    }

    private static let commands = [
        (word: "check", help: "Report every fault of the configuration, and run nothing."),
        (word: "run", help: "Run one command with no file, as a container's entry point."),
        (word: "plugins", help: "List what is compiled in, and the options that it takes."),
        (word: "help", help: "Show the help."),
    ]

    private static func option(_ name: String, of place: DaemonOption.Place) -> DaemonOption? {
        DaemonOption.all.first { $0.places.contains(place) && $0.names.contains(name) }
    }

    private func options(
        _ current: String, _ place: DaemonOption.Place, _ before: ArraySlice<String>
    ) -> [(word: String, help: String)] {
        DaemonOption.all.filter { option in
            option.places.contains(place) && !option.names.contains(where: before.contains)
        }.compactMap { option in
            // A short name is offered only where nothing but its dash is there, or itself.
            let name = option.names.first { $0.hasPrefix(current) && ($0.hasPrefix("--") || current.count > 1) }
            return name.map { ($0, option.help) }
        }
    }

    private func values(of option: DaemonOption) -> [(word: String, help: String)] {
        let words: [String] =
            switch option.value {
            case "FILE", "PATH": [":files"]
            case "LEVEL": LogLevel.allCases.map(\.rawValue)
            case "FORMAT": LogFormat.allCases.map(\.rawValue)
            case "POLICY": policies
            case "SIGNAL": Signal.allNames
            default: []
            }
        return words.map { ($0, "") }
    }

    private func fits(_ word: String, _ current: String) -> Bool { word.hasPrefix(":") || word.hasPrefix(current) }

    private func lines(_ candidates: [(word: String, help: String)]) -> String {
        candidates.map { $0.help.isEmpty ? "\($0.word)\n" : "\($0.word)\t\($0.help)\n" }.joined()
    }
}
