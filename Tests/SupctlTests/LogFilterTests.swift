import SupdPlugin
import SupdProtocol
import Testing

@testable import supctl

/// Which lines `logs` shows.
@Suite struct LogFilterTests {
    private static let start = WallTime(nanoseconds: 1_709_164_800_000_000_000)

    private static func line(_ text: String, after seconds: Int64 = 0, _ stream: LogLine.Stream = .stdout) -> LogLine {
        LogLine(time: WallTime(nanoseconds: start.nanoseconds + seconds * 1_000_000_000), stream: stream, text: text)
    }

    @Test(arguments: [
        ("no such table", "No such table", true), ("No such", "no such table", false),
        ("^GET /[0-9]+$", "GET /12", true),
        ("^GET /[0-9]+$", "GET /12 ", false), ("a|b", "xbx", true), ("", "x", true),
    ])
    func aPatternIsLookedForAsGrepDoes(pattern: String, text: String, found: Bool) throws {
        let filter = LogFilter(pattern: try LinePattern(pattern))
        #expect(filter.passes(Self.line(text)) == found)
    }

    @Test func aWrongPatternOrTimeSaysWhatIsWrong() {
        for (line, part) in [
            ("logs --grep a[", "found 'a[': "), ("logs --since soon", "found 'soon'"),
            ("events --grep x", "takes no --grep"), ("events --since 5min", "the number of an event"),
        ] {
            guard case .answer(.wrong(let error)) = Arguments.parse(line.split(separator: " ").map(String.init)) else {
                Issue.record("'\(line)' is taken")
                continue
            }
            #expect(error.message.contains(part), "\(error.message)")
        }
    }

    @Test func soLongAgoIsCountedFromNow() throws {
        let filter = try GivenArguments(["--since=1min 30s"]).logFilter(now: Self.start)
        #expect(filter.since == WallTime(nanoseconds: Self.start.nanoseconds - 90_000_000_000))
        #expect(!filter.passes(Self.line("x", after: -91)) && filter.passes(Self.line("x", after: -90)))
    }

    @Test func theLastOfThoseThatPassAreShown() {
        let lines = (0..<6).map { Self.line("\($0)", after: Int64($0), $0.isMultiple(of: 2) ? .stderr : .stdout) }
        let log = LogRead(services: [
            ServiceLog(name: "web", lines: lines, unfinished: [Self.line("$", .stdout)], earlier: 7, shortage: .memory),
            ServiceLog(name: "db", lines: [], shortage: .sinkNone),
        ])
        #expect(LogFilter().filtered(log, lines: 2) == log)
        let errors = LogFilter(isOfErrors: true).filtered(log, lines: 2)
        #expect(errors.services[0].lines.map(\.text) == ["2", "4"])
        #expect(errors.services[0].unfinished.isEmpty && errors.services[0].shortage == nil)
        #expect(errors.services[1].shortage?.known == .sinkNone)
    }
}
