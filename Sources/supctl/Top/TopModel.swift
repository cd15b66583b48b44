import SupdPlugin
import SupdProtocol

/// What `top` shows, and what keys make of that: no clock, no terminal, no daemon.
struct TopModel {
    /// A service, and what it uses.
    struct Row {
        var status: ServiceStatus
        /// Time of one processor a second, since the look before; nil before there are two.
        var processor: Double?
        var memory = 0
        /// Whether supd could not look at its processes.
        var isUnknown = false
        /// Whether it could look at some of them only.
        var isPart = false
        /// What `processor` was, the newest last.
        var past: [Double] = []
    }

    /// What the rows are in the order of.
    enum Order: String {
        case name, cpu = "CPU", memory, restarts, state
    }

    /// What is on the screen.
    enum Page: Equatable {
        case list
        /// The list, while the filter is typed.
        case filter
        /// Lines about one service: from the first on, or `fromEnd` the last of them.
        case text(title: String, fromEnd: Bool)
    }

    /// What a key wants done.
    enum Wish: Equatable {
        case quit
        case order(Verb.Order, service: String)
        case logs(service: String)
        case why(service: String)
    }

    /// How many values a sparkline has.
    static let pastLength = 8

    private(set) var rows: [Row] = []
    private(set) var order = Order.name
    private(set) var filter = ""
    private(set) var page = Page.list
    /// The name of the service that keys are for.
    private(set) var selected: String?
    /// What came of the last order, until the next key.
    var message = ""
    /// For how long the daemon has not answered what it was asked.
    var silence = Duration.zero
    /// Whether it is known which services there are.
    private(set) var isKnown = false
    /// The lines of a page of text.
    var text: [String] = []
    /// How many lines of the screen such a page is scrolled from where it begins.
    private(set) var scrolled = 0
    /// How many of them there are more than the screen has room for: said by whoever shows it.
    var scrollLimit = 0 {
        didSet { scrolled = min(scrolled, scrollLimit) }
    }

    private var times = [String: (attempt: UInt64, time: Duration)]()
    private var looked: MonotonicInstant?

    /// Takes what the daemon says at the instant `now`.
    mutating func update(_ services: [ServiceStatus], _ trees: [ServiceTree], at now: MonotonicInstant) {
        isKnown = true
        let elapsed = looked.map { Double(now.duration(since: $0).clampedNanoseconds) } ?? 0
        let before = Dictionary(rows.map { ($0.status.name, $0) }, uniquingKeysWith: { first, _ in first })
        let used = Dictionary(trees.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var times = [String: (attempt: UInt64, time: Duration)]()
        rows = services.map { status in
            var row = Row(status: status, past: before[status.name]?.past ?? [])
            guard let tree = used[status.name] else { return row }
            guard let memory = tree.residentBytes, let time = tree.processorTime else {
                row.isUnknown = true
                return row
            }
            guard tree.processes?.isEmpty == false else { return row }
            row.memory = memory
            row.isPart = tree.more > 0
            times[status.name] = (status.attempt, time)
            if let last = self.times[status.name], last.attempt == status.attempt, elapsed > 0 {
                // A process that has ended takes its time along.
                let share = max(0, Double((time - last.time).clampedNanoseconds) / elapsed)
                row.processor = share
                row.past = (row.past + [share]).suffix(Self.pastLength)
            }
            return row
        }
        self.times = times
        looked = now
        if !shown.contains(where: { $0.status.name == selected }) { selected = shown.first?.status.name }
    }

    /// The rows that the filter lets through, in their order.
    var shown: [Row] {
        let word = filter.lowercased()
        let fitting = rows.filter { row in
            word.isEmpty
                || ([row.status.name, row.status.state.rawValue] + row.status.tags).contains {
                    $0.lowercased().contains(word)
                }
        }
        // Equal ones stay in the daemon's order.
        let numbered = fitting.enumerated()
        return switch order {
        case .name:
            fitting.sorted {
                ($0.status.service, $0.status.instance ?? 0) < ($1.status.service, $1.status.instance ?? 0)
            }
        case .cpu:
            numbered.sorted { ($1.element.processor ?? 0, $0.offset) < ($0.element.processor ?? 0, $1.offset) }.map(
                \.element)
        case .memory: numbered.sorted { ($1.element.memory, $0.offset) < ($0.element.memory, $1.offset) }.map(\.element)
        case .restarts:
            numbered.sorted { ($1.element.status.restarts, $0.offset) < ($0.element.status.restarts, $1.offset) }.map(
                \.element)
        case .state:
            numbered.sorted { (Self.rank($0.element), $0.offset) < (Self.rank($1.element), $1.offset) }.map(\.element)
        }
    }

    /// What is not well comes first.
    private static func rank(_ row: Row) -> Int {
        switch row.status.state.known {
        case .fatal: 0
        case .backoff: 1
        case .stopping: 2
        case .starting, nil: 3
        case .running: row.status.ready && row.status.health?.known != .unhealthy ? 5 : 4
        case .exited: 6
        case .stopped: 7
        }
    }

    /// Takes a key, and answers what is to be done, if anything.
    mutating func press(_ key: Key) -> Wish? {
        message = ""
        switch page {
        case .text(_, let fromEnd):
            switch key {
            case .escape, .enter, .character("q"): page = .list
            case .up, .character("k"): scroll(fromEnd ? 1 : -1)
            case .down, .character("j"): scroll(fromEnd ? -1 : 1)
            case .pageUp: scroll(fromEnd ? 10 : -10)
            case .pageDown: scroll(fromEnd ? -10 : 10)
            default: break
            }
            return nil
        case .filter:
            type(key)
            return nil
        case .list:
            return pressInList(key)
        }
    }

    private mutating func type(_ key: Key) {
        switch key {
        case .enter: page = .list
        case .escape:
            filter = ""
            page = .list
        case .backspace: _ = filter.popLast()
        case .character(let character): filter.append(character)
        default: break
        }
        if !shown.contains(where: { $0.status.name == selected }) { selected = shown.first?.status.name }
    }

    private mutating func pressInList(_ key: Key) -> Wish? {
        switch key {
        case .up, .character("k"): move(-1)
        case .down, .character("j"): move(1)
        case .pageUp: move(-10)
        case .pageDown: move(10)
        case .escape: filter = ""
        case .character("/"): page = .filter
        case .character("n"): order = .name
        case .character("c"): order = .cpu
        case .character("m"): order = .memory
        case .character("t"): order = .restarts
        case .character("s"): order = .state
        case .character("q"): return .quit
        case .character("S"): return selected.map { .order(.start, service: $0) }
        case .character("X"): return selected.map { .order(.stop, service: $0) }
        case .character("R"): return selected.map { .order(.restart, service: $0) }
        case .character("l"): return selected.map { open("the lines of \($0)", .logs(service: $0), fromEnd: true) }
        case .character("w"), .enter: return selected.map { open("why \($0) is as it is", .why(service: $0)) }
        default: break
        }
        return nil
    }

    private mutating func open(_ title: String, _ wish: Wish, fromEnd: Bool = false) -> Wish {
        page = .text(title: title, fromEnd: fromEnd)
        text = []
        scrolled = 0
        return wish
    }

    private mutating func scroll(_ count: Int) { scrolled = min(max(0, scrolled + count), scrollLimit) }

    private mutating func move(_ count: Int) {
        let names = shown.map(\.status.name)
        guard !names.isEmpty else { return }
        let place = selected.flatMap(names.firstIndex) ?? 0
        selected = names[min(max(0, place + count), names.count - 1)]
    }
}
