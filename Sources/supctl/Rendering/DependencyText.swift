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

    /// The trees of those of `services` that were asked for.
    static func text(
        _ services: [RelatedService], isReversed: Bool, terminal: Terminal, lines: TreeLines
    ) -> String {
        var writer = DependencyText(services, isReversed: isReversed, terminal: terminal, lines: lines)
        for service in services where service.isAsked { writer.add(service.name, kind: nil, head: "", below: "") }
        return writer.text.isEmpty ? "no services\n" : writer.text
    }

    private init(_ services: [RelatedService], isReversed: Bool, terminal: Terminal, lines: TreeLines) {
        self.services = Dictionary(services.map { ($0.name, $0) }) { first, _ in first }
        self.isReversed = isReversed
        self.terminal = terminal
        self.lines = lines
    }

    /// Adds a service and what is below it. By hand, as a chain may be longer than this program's stack is deep.
    private mutating func add(_ name: String, kind: WireWord<ServiceRelation.Kind>?, head: String, below: String) {
        var waiting = [(name: name, kind: kind, head: head, below: below)]
        while let (name, kind, head, below) = waiting.popLast() {
            let service = services[name]
            let relations = (isReversed ? service?.neededBy : service?.needs) ?? []
            let isRepeated = !shown.insert(name).inserted
            let remark = kind.map { " (\($0.rawValue))" } ?? ""
            let end = isRepeated && !relations.isEmpty ? ", as above" : ""
            let (dot, colour) = dot(service)
            let line = head + dot + " \(DisplayText.safe(name)) \(states(service))\(remark)\(end)"
            let cut = terminal.width.map { DisplayText.cut(line, to: $0) } ?? line
            // A name that is cut may have cut the dot before it.
            let isPainted = terminal.hasColour && cut.hasPrefix(head + dot)
            text += isPainted ? head + (colour?.paint(dot) ?? dot) + cut.dropFirst((head + dot).count) : cut
            text += "\n"
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
        let counts = service.states.counts
        guard counts.count == 1, counts[0].count == 1 else { return service.states.text(failed: service.failed) }
        return DisplayText.safe(counts[0].state.rawValue) + (service.failed > 0 ? " (failed)" : "")
    }

    private func dot(_ service: RelatedService?) -> (String, Colour?) {
        // What cannot be seen is in no state that is known.
        guard let service else { return (TreeLines.unknown, nil) }
        let states = service.states
        return if states[.fatal] + service.failed > 0 {
            (lines.failed, .red)
        } else if states[.backoff] > 0 {
            (lines.again, .yellow)
        } else if states[.starting] + states[.stopping] > 0 {
            (lines.moving, .yellow)
        } else if states[.running] > 0 {
            (lines.up, .green)
        } else if states[.stopped] + states[.exited] > 0 || states.counts.isEmpty {
            (lines.down, .grey)
        } else {
            (TreeLines.unknown, nil)
        }
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

    /// The mark of what is in no state that is known here.
    static let unknown = "?"

    static let unicode = TreeLines(
        branch: "├─", last: "└─", trunk: "│ ", up: "●", down: "○", moving: "◐", again: "↻", failed: "×")
    static let ascii = TreeLines(
        branch: "|-", last: "`-", trunk: "| ", up: "*", down: "o", moving: "~", again: "r",
        failed: "x")

    /// The mark of an instance, which tells states apart without colours.
    func mark(of service: ServiceStatus) -> String {
        switch service.state.known {
        case .running: up
        case .starting, .stopping: moving
        case .backoff: again
        case .fatal: failed
        case .exited: service.lastExit?.success == false ? failed : down
        case .stopped: down
        case nil: Self.unknown
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
