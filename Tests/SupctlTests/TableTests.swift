import SupdPlugin
import SupdProtocol
import Testing

@testable import supctl

@Suite struct TableTests {
    private let services = [
        status(instance("web", 1), .running, pid: 4711, reason: "running since its program began"),
        status(instance("web", 2), .running, ready: false, pid: 4712, reason: "not ready yet"),
        status(
            instance("db"), .backoff, ready: false,
            reason: "exit code 1; waits 2s before it is run again, by its restart policy on-failure"),
    ]

    private func table(_ width: Int?) -> [String] {
        let text = StatusTable.text(services, now: now, terminal: Terminal(width: width))
        #expect(text.hasSuffix("\n"))
        return text.dropLast().split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    @Test func aPipeGetsWholeLines() {
        #expect(
            table(nil) == [
                "NAME   STATE                 PID    SINCE  RESTARTS  REASON",
                "web@1  RUNNING              4711  1min 5s         3  running since its program began",
                "web@2  RUNNING (not ready)  4712  1min 5s         3  not ready yet",
                "db     BACKOFF                 -  1min 5s         3  exit code 1; waits 2s before it is run again, "
                    + "by its restart policy on-failure",
            ])
    }

    @Test func at120CellsTheReasonIsCut() {
        #expect(table(120)[1] == table(nil)[1])
        #expect(
            table(120)[3]
                == "db     BACKOFF                 -  1min 5s         3  exit code 1; waits 2s before it is run again, "
                + "by its restart polic…")
        #expect(table(120)[3].count == 120)
    }

    @Test func at80CellsTheReasonIsCutShorter() {
        #expect(
            table(80) == [
                "NAME   STATE                 PID    SINCE  RESTARTS  REASON",
                "web@1  RUNNING              4711  1min 5s         3  running since its program …",
                "web@2  RUNNING (not ready)  4712  1min 5s         3  not ready yet",
                "db     BACKOFF                 -  1min 5s         3  exit code 1; waits 2s befo…",
            ])
    }

    @Test func at40CellsNoLineIsLonger() {
        #expect(
            table(40) == [
                "NAME   STATE      PID    SINCE  REASON",
                "web@1  RUNNING   4711  1min 5s  running…",
                "web@2  RUNNING…  4712  1min 5s  not rea…",
                "db     BACKOFF      -  1min 5s  exit co…",
            ])
    }

    /// A piece of a number is another number, and two letters of a sentence say nothing.
    @Test func whatHasNoRoomIsLeftOutWhole() {
        #expect(
            table(36) == [
                "NAME   STATE            PID    SINCE",
                "web@1  RUNNING         4711  1min 5s",
                "web@2  RUNNING (not …  4712  1min 5s",
                "db     BACKOFF            -  1min 5s",
            ])
        #expect(
            table(20) == [
                "NAME   STATE", "web@1  RUNNING", "web@2  RUNNING (not…", "db     BACKOFF",
            ])
    }

    /// The sentence says more than a name to its end, and than how often it was run again.
    @Test func aLongNameLeavesRoomForTheReason() {
        let long = status(instance(String(repeating: "n", count: 63)), .running, pid: 4711, reason: services[0].reason)
        func lines(_ width: Int) -> [Substring] {
            StatusTable.text([services[2], long], now: now, terminal: Terminal(width: width)).split(separator: "\n")
        }
        #expect(
            lines(80) == [
                "NAME                  STATE     PID    SINCE  RESTARTS  REASON",
                "db                    BACKOFF     -  1min 5s         3  exit code 1; waits 2s b…",
                "nnnnnnnnnnnnnnnnnnn…  RUNNING  4711  1min 5s         3  running since its progr…",
            ])
        #expect(
            lines(70) == [
                "NAME                  STATE     PID    SINCE  REASON",
                "db                    BACKOFF     -  1min 5s  exit code 1; waits 2s b…",
                "nnnnnnnnnnnnnnnnnnn…  RUNNING  4711  1min 5s  running since its progr…",
            ])
    }

    @Test func aLongNameLeavesRoomForTheState() {
        let long = status(instance(String(repeating: "n", count: 63)), .running, pid: 4711)
        let lines = StatusTable.text([services[0], long], now: now, terminal: Terminal(width: 32)).split(
            separator: "\n")
        #expect(
            lines == [
                "NAME      STATE     PID    SINCE", "web@1     RUNNING  4711  1min 5s",
                "nnnnnnn…  RUNNING  4711  1min 5s",
            ])
    }

    @Test(arguments: 1...130) func noLineIsEverLongerThanTheTerminal(_ width: Int) {
        for line in table(width) { #expect(DisplayText.width(of: line) <= width) }
    }

    @Test func aStateHasItsColourOnlyWhereThatIsSeen() {
        let plain = StatusTable.text(services, now: now, terminal: Terminal(width: 80))
        #expect(!plain.contains("\u{1B}"))
        let coloured = StatusTable.text(services, now: now, terminal: Terminal(width: 80, hasColour: true))
        #expect(coloured.contains("\u{1B}[32mRUNNING\u{1B}[0m"))
        #expect(coloured.contains("\u{1B}[33mBACKOFF\u{1B}[0m"))
        let uncoloured = coloured.replacing("\u{1B}[32m", with: "").replacing("\u{1B}[33m", with: "")
            .replacing("\u{1B}[0m", with: "")
        #expect(uncoloured == plain)
    }

    @Test func whatAServiceSaysCannotForgeARow() {
        let evil = status(instance("web"), .running, reason: "ok\nroot  RUNNING\u{1B}[2K\u{202E}")
        let text = StatusTable.text([evil], now: now, terminal: .none)
        #expect(text.split(separator: "\n").count == 2)
        #expect(text.contains(#"ok\nroot  RUNNING\u{1B}[2K\u{202E}"#))
    }

    @Test func wideCharactersTakeTwoCells() {
        #expect(DisplayText.width(of: "日本") == 4)
        #expect(DisplayText.width(of: "e\u{301}") == 1)
        // As terminals show them: emoji, signs that are none by themselves, and a flag of two letters.
        for wide in ["✅", "❌", "⚡", "⭐", "⏰", "🟢", "🚀", "🇩🇪"] { #expect(DisplayText.width(of: wide) == 2, "\(wide)") }
        for narrow in ["✓", "✔", "↻", "●", "▅", "…", "€"] { #expect(DisplayText.width(of: narrow) == 1, "\(narrow)") }
        #expect(DisplayText.cut("日本語", to: 5) == "日本…")
        #expect(DisplayText.cut("日本語", to: 4) == "日…")
        #expect(DisplayText.cut("abc", to: 3) == "abc")
        #expect(DisplayText.cut("abc", to: 0) == "")
    }

    @Test func anOlderDefinitionIsTold() {
        var old = services
        old[0].outdated = true
        old[1].outdated = true
        old[1].reason = ""
        let text = StatusTable.text(old, now: now, terminal: .none)
        #expect(text.contains("began; runs an older definition until its next start\n"))
        #expect(text.contains("3  runs an older definition until its next start\n"))
    }

    @Test func aPauseShowsWhenItIsOver() {
        var waiting = services[2]
        waiting.nextStartAt = WallTime(nanoseconds: now.nanoseconds + 8_000_000_000)
        #expect(StatusTable.text([waiting], now: now, terminal: .none).contains("db    BACKOFF (in 8s)    -"))
        let late = WallTime(nanoseconds: now.nanoseconds + 9_000_000_000)
        #expect(StatusTable.text([waiting], now: late, terminal: .none).contains("db    BACKOFF (now)    -"))
        waiting.nextStartAt = WallTime(nanoseconds: now.nanoseconds + 1_000_000)
        #expect(StatusTable.text([waiting], now: now, terminal: .none).contains("db    BACKOFF (in 1s)    -"))
    }

    @Test func noServicesAreSaidSo() {
        #expect(StatusTable.text([], now: now, terminal: .none) == "no services\n")
    }

    @Test func aClockThatWasSetBackShowsNoNegativeTime() {
        let before = WallTime(nanoseconds: now.nanoseconds - 3_600_000_000_000)
        #expect(StatusTable.text(services, now: before, terminal: .none).contains("  0s  "))
    }

    @Test func anEndThatFailedIsTold() {
        let services = [
            status(instance("good"), .exited, ready: false, lastExit: exit(code: 0), reason: "exit code 0"),
            status(instance("bad"), .exited, ready: false, lastExit: exit(code: 3), reason: "exit code 3"),
        ]
        let text = StatusTable.text(services, now: now, terminal: Terminal(width: 80, hasColour: true))
        #expect(text.contains("\u{1B}[90mEXITED\u{1B}[0m"), "\(text)")
        #expect(text.contains("\u{1B}[31mEXITED (failed)\u{1B}[0m"), "\(text)")
    }

    @Test func theReasonOfOneServiceIsNeverCut() {
        let text = StatusTable.text([services[2]], now: now, terminal: Terminal(width: 60))
        #expect(
            text == """
                NAME  STATE    PID    SINCE  RESTARTS
                db    BACKOFF    -  1min 5s         3
                  exit code 1; waits 2s before it is run again, by its
                  restart policy on-failure

                """)
        // Where it fits, it stays beside the others.
        #expect(
            StatusTable.text([services[1]], now: now, terminal: Terminal(width: 80)).split(separator: "\n").count == 2)
    }

    @Test(arguments: 1...130) func noLineOfOneServiceIsLongerThanTheTerminal(_ width: Int) {
        let text = StatusTable.text([services[2]], now: now, terminal: Terminal(width: width))
        for line in text.split(separator: "\n") { #expect(DisplayText.width(of: String(line)) <= width) }
    }

    /// What a later daemon says is coloured as nothing, and told apart without colours.
    @Test func aStateThatIsNotKnownHasNoColour() {
        var service = status(instance("web"), .running)
        service.state = .other("PAUSED")
        #expect(StatusTable.colour(of: service) == nil && TreeLines.unicode.mark(of: service) == TreeLines.unknown)
        let terminal = Terminal(width: 80, hasColour: true)
        let (coloured, plain) = (
            StatusTable.text([service], now: now, terminal: terminal),
            StatusTable.text([service], now: now, terminal: Terminal(width: 80))
        )
        #expect(coloured == plain && plain.contains("web   PAUSED"), "\(coloured)")
    }

    @Test func aWordThatIsLongerThanALineIsBroken() {
        #expect(DisplayText.wrapped("ab cdefgh i", to: 4) == ["ab", "cdef", "gh i"])
        #expect(DisplayText.wrapped("日本語", to: 4) == ["日本", "語"])
        #expect(DisplayText.wrapped("", to: 4) == [])
        // A value is shown as it is.
        #expect(DisplayText.wrapped("a  b c  d", to: 4) == ["a  b", "c  d"])
    }
}
