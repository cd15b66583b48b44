import SupdPlugin
import SupdProtocol

/// What `list-dependencies` prints: a tree of what services need, or of what needs them, each once with all below it.
struct DependencyText {
    private let services: [String: RelatedService]
    private let isReversed: Bool
    private let terminal: Terminal
    private let lines: TreeLines
    private var shown: Set<String> = []
    private var text = ""

    /// The trees of the services that `names` are of, all where there are none.
    static func text(
        _ services: [RelatedService], names: [String], isReversed: Bool, terminal: Terminal, lines: TreeLines
    ) -> String {
        var writer = DependencyText(services, isReversed: isReversed, terminal: terminal, lines: lines)
        let roots = services.map(\.name).filter { name in
            names.isEmpty || names.contains(name) || names.contains { $0.prefix { $0 != "@" } == name }
        }
        for name in roots.isEmpty ? services.map(\.name) : roots { writer.add(name, kind: nil, head: "", below: "") }
        return writer.text
    }

    private init(_ services: [RelatedService], isReversed: Bool, terminal: Terminal, lines: TreeLines) {
        self.services = Dictionary(services.map { ($0.name, $0) }) { first, _ in first }
        self.isReversed = isReversed
        self.terminal = terminal
        self.lines = lines
    }

    /// Adds a service and what is below it. By hand, as a chain may be longer than this program's stack is deep.
    private mutating func add(_ name: String, kind: ServiceRelation.Kind?, head: String, below: String) {
        var waiting = [(name: name, kind: kind, head: head, below: below)]
        while let (name, kind, head, below) = waiting.popLast() {
            let service = services[name]
            let relations = (isReversed ? service?.neededBy : service?.needs) ?? []
            let isRepeated = !shown.insert(name).inserted
            let remark = kind.map { " (\($0.rawValue))" } ?? ""
            let end = isRepeated && !relations.isEmpty ? ", as above" : ""
            let line = head + dot(service) + " \(DisplayText.safe(name)) \(states(service))\(remark)\(end)"
            text += (terminal.width.map { terminal.hasColour ? line : DisplayText.cut(line, to: $0) } ?? line) + "\n"
            guard !isRepeated else { continue }
            for (index, relation) in relations.enumerated().reversed() {
                let isLast = index == relations.count - 1
                waiting.append(
                    (
                        relation.service, relation.kind, below + (isLast ? lines.last : lines.branch),
                        below + (isLast ? lines.blank : lines.trunk)
                    ))
            }
        }
    }

    private func states(_ service: RelatedService?) -> String {
        guard let service else { return "(not yours to see)" }
        let states = ServiceState.allCases.compactMap { state in service.states[state].map { (state, $0) } }
        if states.count == 1, states[0].1 == 1 { return states[0].0.rawValue }
        return states.map { "\($0.1) \($0.0.rawValue)" }.joined(separator: ", ")
    }

    private func dot(_ service: RelatedService?) -> String {
        // What cannot be seen is in no state that is known.
        guard let states = service?.states else { return "?" }
        let (dot, colour): (String, Colour) =
            if states[.fatal] != nil {
                (lines.failed, .red)
            } else if states[.backoff] != nil {
                (lines.again, .yellow)
            } else if states[.starting] != nil || states[.stopping] != nil {
                (lines.moving, .yellow)
            } else if states[.running] != nil {
                (lines.up, .green)
            } else {
                (lines.down, .grey)
            }
        return terminal.hasColour ? colour.paint(dot) : dot
    }
}

/// What trees are drawn with, and the marks of states.
struct TreeLines {
    var branch: String
    var last: String
    var trunk: String
    var blank = "  "
    var up: String
    var down: String
    var moving: String
    var again: String
    var failed: String

    static let unicode = TreeLines(
        branch: "├─", last: "└─", trunk: "│ ", up: "●", down: "○", moving: "◐", again: "↻", failed: "×")
    static let ascii = TreeLines(
        branch: "|-", last: "`-", trunk: "| ", up: "*", down: "o", moving: "~", again: "r",
        failed: "x")

    /// The mark of an instance, which tells states apart without colours.
    func mark(of service: ServiceStatus) -> String {
        switch service.state {
        case .running: up
        case .starting, .stopping: moving
        case .backoff: again
        case .fatal: failed
        case .exited: service.lastExit?.success == false ? failed : down
        case .stopped: down
        }
    }

    /// By the locale that the environment names (locale(7)).
    static func of(_ variable: (String) -> String?) -> TreeLines {
        for name in ["LC_ALL", "LC_CTYPE", "LANG"] {
            if let locale = variable(name), !locale.isEmpty { return isUTF8(locale) ? .unicode : .ascii }
        }
        return .ascii
    }

    /// Whether a locale's name has the codeset UTF-8, which may be written as "utf8".
    private static func isUTF8(_ locale: String) -> Bool {
        let wanted: StaticString = "utf8"
        var matched = 0
        for byte in locale.utf8 where byte != UInt8(ascii: "-") {
            let small = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
            // It begins with a letter that it has once.
            matched = small == wanted.utf8Start[matched] ? matched + 1 : small == wanted.utf8Start[0] ? 1 : 0
            if matched == wanted.utf8CodeUnitCount { return true }
        }
        return false
    }
}
