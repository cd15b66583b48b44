import SupdPlugin
import SupdProtocol

/// What can stand where somebody has pressed Tab: `supctl --complete WORD…`, the last of which is being typed. The shells' scripts in
/// `contrib/completions` ask for it and know nothing by themselves, so that they do not grow old.
struct Completion {
    /// A line of the answer: the word, and what it is, with a tab between.
    struct Candidate: Hashable {
        var word: String
        var help = ""
        /// By the shell: no name begins with a colon.
        var isLookedUp: Bool { word.hasPrefix(":") }
    }

    /// What a shell begins its question with.
    static let option = "--complete"
    /// What the shell has to look up itself: names of files.
    static let files = Candidate(word: ":files")
    /// Names of machines.
    static let hosts = Candidate(word: ":hosts")

    /// What a running daemon has, asked for once it is needed; empty where there is none.
    var live: (_ kind: LiveNames.Kind, _ socket: String?) -> LiveNames

    /// What `words`, those after the program's name, can go on with.
    func candidates(_ words: [String]) -> [Candidate] {
        guard let current = words.last else { return [] }
        let before = Array(words.dropLast())
        let endsOptions = before.contains("--")
        if !endsOptions, let last = before.last, last.hasPrefix("-"), let named = OptionSpecification.named(last),
            let value = named.option.value, named.value == nil
        {
            guard let given = try? GivenArguments(Array(before.dropLast())) else { return [] }
            return fitting(current, of: meaning(value, given, typed: current))
        }
        // Of a line that is wrong there is nothing to say.
        guard let given = try? GivenArguments(before) else { return [] }
        if !endsOptions, current.hasPrefix("-") { return options(current, given) }
        guard let first = given.words.first else {
            return fitting(current, of: Self.verbs + [Candidate(word: "help", help: "Show the help of a verb.")])
        }
        if first == "help" { return given.words.count == 1 ? fitting(current, of: Self.verbs) : [] }
        guard let verb = VerbSpecification.named(first), let word = verb.placeholder(at: given.words.count - 1) else {
            return []
        }
        guard word != "NAME" || takesName(verb, given) else { return [] }
        let known = Set(given.words.dropFirst())
        return fitting(current, of: meaning(word, given, typed: current)).filter { !known.contains($0.word) }
    }

    private func options(_ current: String, _ given: GivenArguments) -> [Candidate] {
        if let named = OptionSpecification.named(current), let begun = named.value, let value = named.option.value {
            let written = current.dropLast(begun.count)
            return fitting(begun, of: meaning(value, given, typed: begun)).map { candidate in
                candidate.isLookedUp ? candidate : Candidate(word: written + candidate.word, help: candidate.help)
            }
        }
        let verb = given.words.first.flatMap(VerbSpecification.named)
        return ((verb?.options ?? []) + OptionSpecification.common).filter { !given.has($0) }.compactMap { option in
            // A short name is offered only where nothing but its dash is there, or itself.
            let name = option.names.first { $0.hasPrefix(current) && ($0.hasPrefix("--") || current.count > 1) }
            return name.map { Candidate(word: $0, help: option.help) }
        }
    }

    /// What can stand for a word of the help, `NAME` or `SIGNAL`, where so much of it is typed.
    private func meaning(_ placeholder: String, _ given: GivenArguments, typed: String) -> [Candidate] {
        // Nobody waits for ssh with a finger on a key.
        func names(_ kind: LiveNames.Kind) -> LiveNames {
            given.has(.host) ? LiveNames() : live(kind, given.value(.socket))
        }
        return switch placeholder {
        case "NAME": names(.services).selectors
        case "NAME=N": names(.services).services.map { Candidate(word: "\($0.word)=", help: $0.help) }
        case "METHOD": names(.methods).methods
        case "SIGNAL": Signal.allNames.map { Candidate(word: $0) }
        case "DURATION": ["10s", "30s", "2min", "10min", "infinity"].map { Candidate(word: $0) }
        case "CONDITION": Condition.allCases.map { Candidate(word: $0.rawValue) }
        case "KIND": list(EventKind.allCases.map { Candidate(word: $0.rawValue) }, behind: typed)
        case "blame|critical-chain": ["blame", "critical-chain"].map { Candidate(word: $0) }
        case "PATH": [Self.files]
        case "HOST": [Self.hosts]
        case "FIELD,…":
            list(
                given.words.first.flatMap(VerbSpecification.named)?.fields.map {
                    Candidate(word: $0.name, help: $0.help)
                } ?? [], behind: typed)
        case "VERB": Self.verbs
        default: []
        }
    }

    /// Those of `candidates` that were not named yet, each behind those that were.
    private func list(_ candidates: [Candidate], behind typed: String) -> [Candidate] {
        let named = typed.split(separator: ",", omittingEmptySubsequences: false).dropLast().map(String.init)
        return candidates.filter { !named.contains($0.word) }.map { candidate in
            Candidate(word: (named + [candidate.word]).joined(separator: ","), help: candidate.help)
        }
    }

    /// Whether one more name is taken behind what is given: none is behind `--all`, or `blame`.
    private func takesName(_ verb: VerbSpecification, _ given: GivenArguments) -> Bool {
        var more = given
        more.words = Array(given.words.dropFirst()) + ["name"]
        return (try? verb.make(more)) != nil
    }

    private static let verbs = VerbSpecification.all.map { Candidate(word: $0.name, help: $0.help) }

    private func fitting(_ current: String, of candidates: [Candidate]) -> [Candidate] {
        candidates.filter { $0.word.hasPrefix(current) || $0.isLookedUp }
    }
}

extension Completion {
    /// The answer to the shell. Never an error: who types wants no complaint in the line.
    static func outcome(_ words: [String]) -> Outcome {
        let lines = Completion(live: LiveNames.ask).candidates(words).map { candidate in
            let word = DisplayText.safe(candidate.word)
            return candidate.help.isEmpty ? "\(word)\n" : "\(word)\t\(DisplayText.safe(candidate.help))\n"
        }
        return Outcome(output: lines.joined())
    }
}

extension VerbSpecification {
    static func named(_ name: String) -> Self? { all.first { $0.name == name } }

    /// What the word at `index` after the verb is called in the help, without its brackets; nil where it takes none there. One
    /// with `…` may come again.
    func placeholder(at index: Int) -> String? {
        let all = words.split(separator: " ").map { $0.filter { !"[]".contains($0) } }
        guard let last = all.last, index < all.count || last.hasSuffix("…") else { return nil }
        let word = index < all.count ? all[index] : last
        return word.hasSuffix("…") ? String(word.dropLast()) : word
    }
}
