import Glibc
import SupdConnection
import SupdJSON
import SupdPlugin
import SupdProtocol

/// `logs -f` and `events`: shows each notice as it comes, until the daemon ends or nobody reads the output. SIGINT ends it as it ends any
/// program.
struct Follower {
    /// The daemon's own objects instead of what a person reads: one a line where they go on, else all in one.
    var json: Bool
    /// Where it is shown, and which file of this process that is.
    var output: Screen
    var descriptor: Int32
    /// Where is said what is to be known beside.
    var errors: Screen
    /// The socket, for what is to be asked beside what is followed.
    var path: String
    private var colours = ServiceColours()
    /// Which lines are shown. What was missed is told of all.
    private var filter = LogFilter()
    /// The events of one object, which is shown once it is whole; nil where each is shown as it comes.
    private var document: [JSONValue]?

    typealias Told = (notice: Notice, params: JSONValue)

    init(json: Bool, output: Screen, descriptor: Int32, errors: Screen, path: String) {
        self.json = json
        self.output = output
        self.descriptor = descriptor
        self.errors = errors
        self.path = path
    }

    mutating func run(
        _ verb: Verb, _ connection: inout ControlConnection, timeout: Duration?
    ) throws(ClientError) -> Outcome {
        let result = try connection.call(verb.call, timeout: timeout)
        var endsCaughtUp = false
        var failure: ErrorNumber?
        switch verb {
        case .logs(_, let lines, _, let filter):
            self.filter = filter
            var log = try LogRead(result: result)
            if LogReading.isShort(log) {
                // By a connection of its own: between its answers there is nothing of what is followed.
                var other = try ControlConnection(connectingTo: path)
                try LogReading.complete(&log, lines: filter.looked(for: lines), &other, timeout: timeout)
            }
            failure = begin(filter.filtered(log, lines: lines), asked: lines)
        case .events(_, _, let follow, _, _):
            endsCaughtUp = !follow
            document = json && !follow ? [] : nil
        default: break
        }
        while failure == nil {
            let notices: [Told]
            do throws(ClientError) {
                notices = try connection.notices(whileRead: descriptor)
            } catch {
                guard case .closed = error else { throw error }
                return .connectionLost
            }
            guard !notices.isEmpty else { return .nobodyReads() }
            let shown = endsCaughtUp ? notices.prefix { !$0.notice.isCaughtUp } : notices[...]
            if document == nil { failure = show(shown) } else { document?.append(contentsOf: shown.map(\.params)) }
            if shown.count < notices.count { break }
        }
        if let document { failure = write(Self.text(of: document, told: result)) }
        guard let failure, failure.rawValue != EPIPE else { return Outcome() }
        return Outcome(status: .failed, errors: "supctl: standard output cannot be written: \(failure)\n")
    }

    /// `events` with what was answered before them: a number to go on from, and whose it is.
    private static func text(of events: [JSONValue], told answer: JSONValue) -> String {
        let members = ["sequence", "started"].compactMap { key in answer.objectValue?[key].map { "\"\(key)\":\($0)" } }
        let all = "\"events\":[\(events.map(\.description).joined(separator: ","))]"
        return "{\((members + [all]).joined(separator: ","))}\n"
    }

    /// Shows the lines that there were.
    private mutating func begin(_ log: LogRead, asked count: Int) -> ErrorNumber? {
        _ = errors.write(LogText.warnings(log, asked: count, ofErrors: filter.isOfErrors))
        let lines = LogText.ordered(log).map { LineNotice(name: $0.name, content: .line($0.line)) }
        guard json else { return write(lines.map { text($0) }.joined()) }
        var writer = JSONWriter()
        for line in lines {
            line.encode(into: &writer)
            writer.endLine()
        }
        return write(String(decoding: writer.bytes, as: UTF8.self))
    }

    /// All that has come at once, in one write of whole lines.
    private mutating func show(_ notices: ArraySlice<Told>) -> ErrorNumber? {
        var shown = ""
        for (notice, params) in notices {
            if case .line(let line) = notice, case .line(let text) = line.content, !filter.passes(text) { continue }
            if json {
                shown += params.description + "\n"
                continue
            }
            switch notice {
            case .line(let line): shown += text(line)
            case .event(let event): shown += EventText.text(event, hasColour: output.terminal().hasColour)
            }
        }
        return write(shown)
    }

    private func write(_ text: String) -> ErrorNumber? { text.isEmpty ? nil : output.write(text) }

    private mutating func text(_ notice: LineNotice) -> String {
        let colour = output.terminal().hasColour ? colours.colour(of: notice.name) : nil
        var text = ""
        switch notice.content {
        case .line(let line): LogText.append(line, of: notice.name, in: colour, to: &text)
        case .gap(let count):
            let name = DisplayText.safe(notice.name)
            text =
                "-- \(plural(Int(clamping: count), "line")) of \(name) missed: they came faster than they were read --\n"
        }
        return text
    }
}

extension Notice {
    fileprivate var isCaughtUp: Bool {
        guard case .event(let notice) = self else { return false }
        return notice.content == .caughtUp
    }
}

/// A colour for each service, in the order in which they are met.
struct ServiceColours {
    private static let all: [Colour] = [
        .cyan, .yellow, .green, .magenta, .blue, .brightCyan, .brightYellow, .brightGreen, .brightMagenta, .brightBlue,
    ]

    private var met = [String: Colour]()

    mutating func colour(of name: String) -> Colour {
        if let colour = met[name] { return colour }
        let colour = Self.all[met.count % Self.all.count]
        met[name] = colour
        return colour
    }
}
