import SupdPlugin
import SupdProtocol
import Testing

@testable import supctl

@Suite struct TopTests {
    private func tree(_ name: String, seconds: Int, memory: Int) -> ServiceTree {
        ServiceTree(
            name: name, state: .running, pid: 7, controlGroup: nil,
            processes: [
                TreeProcess(
                    pid: 7, parent: 1, command: "x", state: "S", processorTime: .seconds(seconds),
                    residentBytes: memory, age: .seconds(9))
            ])
    }

    /// `app` has used half a processor since the look before, `db` nothing, `old` does not run.
    private func model() -> TopModel {
        var model = TopModel()
        var services = [
            status(instance("app"), .running, pid: 7), status(instance("db"), .running, pid: 8),
            status(instance("old"), .fatal, reason: "could not start"),
        ]
        services[1].tags = ["store"]
        services[1].restarts = 9
        model.update(
            services, [tree("app", seconds: 10, memory: 1 << 20), tree("db", seconds: 0, memory: 5 << 20)],
            at: MonotonicInstant(nanoseconds: 0))
        model.update(
            services, [tree("app", seconds: 12, memory: 1 << 20), tree("db", seconds: 0, memory: 5 << 20)],
            at: MonotonicInstant(nanoseconds: 4_000_000_000))
        return model
    }

    private func lines(_ model: TopModel, width: Int = 80, height: Int = 24, colour: Bool = false) -> [String] {
        TopText.lines(
            model, now: now, terminal: Terminal(width: width, hasColour: colour, height: height, canRedraw: true))
    }

    @Test func whatServicesUseIsShown() {
        let shown = lines(model(), height: 8)
        #expect(
            shown == [
                "2 RUNNING, 1 FATAL; CPU 50%, 6.0M; by name", "",
                "   NAME  STATE     CPU            MEMORY  RESTARTS  SINCE  REASON",
                ">  app   RUNNING   50%         ▅    1.0M         3   1min",
                "   db    RUNNING    0%         ▁    5.0M         9   1min",
                "   old   FATAL       -                 -         3   1min  could not start", "", TopText.orders,
            ], "\(shown.joined(separator: "\n"))")
    }

    @Test func whatIsUnknownIsNoDash() {
        var model = TopModel()
        let services = [status(instance("app"), .running, pid: 7), status(instance("db"), .running, pid: 8)]
        let unknown = ServiceTree(name: "db", state: .running, pid: 8, processes: nil)
        model.update(
            services, [tree("app", seconds: 10, memory: 1 << 20), unknown], at: MonotonicInstant(nanoseconds: 0))
        #expect(
            lines(model, height: 6) == [
                "2 RUNNING; CPU 0%, 1.0M beside what is unknown; by name", "",
                "   NAME  STATE     CPU            MEMORY  RESTARTS  SINCE  REASON",
                ">  app   RUNNING     -              1.0M         3   1min",
                "   db    RUNNING     ?                 ?         3   1min", TopText.orders,
            ], "\(lines(model, height: 6).joined(separator: "\n"))")
    }

    /// What some of many processes use is not shown as what all do.
    @Test func whatIsOfSomeProcessesIsMarked() {
        var model = TopModel()
        let services = [status(instance("app"), .running, pid: 7)]
        for seconds in [0, 2] {
            var part = tree("app", seconds: seconds, memory: 1 << 20)
            part.more = 3
            model.update(services, [part], at: MonotonicInstant(nanoseconds: Int64(seconds) * 2_000_000_000))
        }
        let shown = lines(model, height: 6)
        #expect(shown[0] == "1 RUNNING; CPU 50%, 1.0M beside what is unknown; by name")
        #expect(shown[3].contains(" 50%+ ") && shown[3].contains(" 1.0M+ "), "\(shown[3])")
    }

    /// Eighty columns have them all, whatever there is to say of a service, and none comes or goes while it is watched.
    @Test func restartsAndWhatTheProcessorDidHaveRoomBesideALongReason() {
        var model = TopModel()
        let reason = "exit code 3, last said \"no such table\", run again by its policy 'on-failure'"
        let services = [status(instance("postgres", 2), .running, pid: 7, reason: reason)]
        var heads: Set<String> = []
        for look in 0..<12 {
            let instant = MonotonicInstant(nanoseconds: .init(look) * 4_000_000_000)
            model.update(services, [tree("postgres@2", seconds: look, memory: 1 << 20)], at: instant)
            heads.insert(lines(model)[2])
        }
        #expect(heads == ["   NAME        STATE     CPU            MEMORY  RESTARTS  SINCE  REASON"])
        let shown = ">  postgres@2  RUNNING   25%  ▃▃▃▃▃▃▃▃    1.0M         3   1min  exit code 3, …"
        #expect(lines(model)[3] == shown, "\(lines(model)[3])")
        #expect(lines(model, width: 72)[2] == "   NAME        STATE     CPU            MEMORY  RESTARTS  SINCE")
        #expect(lines(model, width: 62)[2] == "   NAME        STATE     CPU  MEMORY  RESTARTS  SINCE")
        // Nor where a name and a state are as long as they are.
        let name = instance(String(repeating: "n", count: 20), 10)
        var long = [status(name, .running, pid: 7, reason: reason)]
        long[0].health = .known(.unhealthy)
        model.update(long, [], at: MonotonicInstant(nanoseconds: 1 << 40))
        #expect(lines(model)[2].hasSuffix("  CPU            MEMORY  RESTARTS  SINCE"), "\(lines(model)[2])")
        #expect(lines(model, width: 40)[2].split(separator: " ") == ["NAME", "STATE", "CPU", "MEMORY"])
    }

    @Test func byNameIsByServiceAndNumber() {
        var model = TopModel()
        let names = [instance("web", 10), instance("web", 2), instance("db"), instance("web-2")]
        model.update(names.map { status($0, .running) }, [], at: MonotonicInstant(nanoseconds: 0))
        #expect(model.shown.map(\.status.name) == ["db", "web@2", "web@10", "web-2"])
    }

    /// How to leave is always seen.
    @Test func whereKeysHaveNoRoomTheMostUsedAreShown() {
        #expect(lines(model(), width: 60).last?.hasPrefix("q quit ") == true)
    }

    @Test(arguments: [(80, 24), (40, 10), (20, 4), (200, 60)]) func itFitsAnyWindow(width: Int, height: Int) {
        var model = model()
        for page in 0..<3 {
            let shown = lines(model, width: width, height: height, colour: page == 1)
            #expect(shown.count == height)
            for line in shown {
                let plain = line.replacing(/\u{1B}\[[0-9;]*m/, with: "")
                #expect(DisplayText.width(of: plain) < width, "\(line)")
            }
            _ = model.press(page == 0 ? .character("/") : .enter)
            if page == 1 { _ = model.press(.character("l")) }
            model.text = (0..<100).map { "line \($0) 漢字 " + String(repeating: "x", count: 100) }
        }
    }

    /// Why is read from its beginning, and lines from the last one; keys reach the rest.
    @Test(arguments: [("w", true), ("l", false)] as [(Character, Bool)])
    func aPageOfTextIsScrolled(key: Character, isFromItsBeginning: Bool) {
        var model = model()
        _ = model.press(.character(key))
        model.text = (1...100).map { "line \($0)" }
        model.scrollLimit = TopText.scrollLimit(model, terminal: Terminal(width: 80, height: 13))
        func seen() -> [String] { Array(lines(model, height: 13).dropFirst(2).dropLast()) }
        let (here, away, back): ([Int], Key, Key) =
            isFromItsBeginning ? (Array(1...10), .pageDown, .pageUp) : (Array(91...100), .pageUp, .pageDown)
        #expect(seen() == here.map { "line \($0)" })
        _ = model.press(away)
        #expect(seen() == here.map { "line \($0 + (isFromItsBeginning ? 10 : -10))" })
        // The screen is full to the end, and the way back is the same.
        for _ in 0..<20 { _ = model.press(away) }
        #expect(seen() == (isFromItsBeginning ? 91...100 : 1...10).map { "line \($0)" })
        _ = model.press(back)
        #expect(seen() == (isFromItsBeginning ? 81...90 : 11...20).map { "line \($0)" })
        for _ in 0..<20 { _ = model.press(back) }
        #expect(seen() == here.map { "line \($0)" })
    }

    /// Lines of the screen are scrolled, and of a higher screen, or a shorter text, there is less to scroll.
    @Test func aPageIsScrolledByLinesOfTheScreen() {
        var model = model()
        _ = model.press(.character("w"))
        model.text = ["a", "  " + String(repeating: "word ", count: 20) + "end", "z"]
        func fit(_ height: Int) {
            model.scrollLimit = TopText.scrollLimit(model, terminal: Terminal(width: 41, height: height))
        }
        func seen(_ height: Int) -> [String] { Array(lines(model, width: 41, height: height).dropFirst(2).dropLast()) }
        let set = "  word word word word word word word"
        fit(6)
        #expect(seen(6) == ["a", set, set])
        for _ in 0..<9 { _ = model.press(.down) }
        #expect(seen(6) == [set, "  " + String(repeating: "word ", count: 6) + "end", "z"])
        fit(9)
        #expect(model.scrolled == 0 && seen(9).first == "a")
    }

    @Test func whatIsSetInIsFoldedSetIn() {
        #expect(DisplayText.folded("    ab cd ef", to: 9) == ["    ab cd", "    ef"])
        #expect(DisplayText.folded("      ab cd", to: 8) == ["    ab", "    cd"])
        #expect(DisplayText.folded("  ab", to: 8) == ["  ab"])
        #expect(DisplayText.folded("", to: 8) == [""])
        #expect(DisplayText.folded("         ", to: 8) == [""])
    }

    @Test func keysSortAndFilter() {
        var model = model()
        for (key, names) in [
            ("c", ["app", "db", "old"]), ("m", ["db", "app", "old"]), ("t", ["db", "app", "old"]),
            ("s", ["old", "app", "db"]), ("n", ["app", "db", "old"]),
        ] as [(Character, [String])] {
            _ = model.press(.character(key))
            #expect(model.shown.map(\.status.name) == names, "\(key)")
        }
        _ = model.press(.character("/"))
        for character in "STOREx" { _ = model.press(.character(character)) }
        #expect(model.shown.isEmpty && lines(model)[2] == "no services")
        _ = model.press(.backspace)
        #expect(lines(model).last == "filter: STORE█")
        _ = model.press(.enter)
        #expect(lines(model, width: 30)[0] == "only 'STORE': 2 RUNNING, 1 F…")
        model.silence = .seconds(9)
        #expect(lines(model)[0].hasPrefix("only 'STORE': supd has not answered for 9s"))
        // Keys mean orders again, for what is seen.
        #expect(model.press(.character("X")) == .order(.stop, service: "db"))
        _ = model.press(.escape)
        #expect(model.shown.count == 3)
    }

    @Test func keysAreForTheChosenService() {
        var model = model()
        _ = model.press(.down)
        #expect(model.press(.character("R")) == .order(.restart, service: "db"))
        #expect(model.press(.character("S")) == .order(.start, service: "db"))
        for _ in 0..<5 { _ = model.press(.character("j")) }
        #expect(model.press(.character("w")) == .why(service: "old"))
        // A page of text takes no orders.
        #expect(model.press(.character("X")) == nil)
        #expect(model.press(.character("q")) == nil)
        #expect(model.press(.character("l")) == .logs(service: "old"))
        _ = model.press(.escape)
        _ = model.press(.pageUp)
        #expect(model.selected == "app")
        #expect(model.press(.character("q")) == .quit)
    }

    @Test func theChosenOneIsSeenAndStaysWithItsName() {
        var model = TopModel()
        let services = (1...50).map { status(instance("app", $0), .running) }
        model.update(services, [], at: MonotonicInstant(nanoseconds: 0))
        for _ in 0..<4 { _ = model.press(.pageDown) }
        #expect(lines(model).contains { $0.hasPrefix(">  app@41 ") })
        model.update(services.reversed(), [], at: MonotonicInstant(nanoseconds: 1))
        #expect(model.selected == "app@41")
        model.update([services[0]], [], at: MonotonicInstant(nanoseconds: 2))
        #expect(model.selected == "app@1")
        model.update([], [], at: MonotonicInstant(nanoseconds: 3))
        #expect(model.press(.character("X")) == nil)
    }

    @Test func anotherAttemptBeginsAnew() {
        var model = model()
        var service = status(instance("app"), .running, pid: 9)
        service.attempt += 1
        model.update([service], [tree("app", seconds: 0, memory: 1)], at: MonotonicInstant(nanoseconds: 5_000_000_000))
        #expect(model.rows[0].processor == nil && model.rows[0].past == [0.5])
    }

    @Test(arguments: [
        ("q", [Key.character("q")]), ("\u{1B}[A\u{1B}[B\u{1B}OA", [.up, .down, .up]), ("\u{1B}", [.escape]),
        ("\u{1B}[5~\u{1B}[6~", [.pageUp, .pageDown]), ("\r\u{7F}ä", [.enter, .backspace, .character("ä")]),
        ("\u{1B}[1;5Hx", [.character("x")]), ("\u{1B}xy", [.character("y")]), ("\u{1}", []),
    ])
    func keysAreRead(_ text: String, expected: [Key]) {
        #expect(Key.all(in: Array(text.utf8)) == expected)
    }

    @Test func aSparklineIsOfOneProcessorAtLeast() {
        #expect(TopText.sparkline([0, 0.5, 1]) == "▁▅█")
        #expect(TopText.sparkline([0, 4, 2]) == "▁█▅")
        #expect(TopText.sparkline([]) == "")
    }
}
