import SupdPlugin
import Synchronization
import Testing

@testable import supctl

/// What a screen was told to write, piece by piece.
final class Written: Sendable {
    private let pieces = Mutex<[String]>([])

    var all: [String] { pieces.withLock { $0 } }

    func screen(_ terminal: Terminal) -> Screen {
        Screen(terminal: { terminal }) { [self] text in
            pieces.withLock { $0.append(text) }
            return nil
        }
    }
}

@Suite struct ScreenTests {
    @Test func inAPipeOneTextFollowsTheOther() {
        let written = Written()
        var screen = written.screen(.none)
        _ = screen.show("a\nb\n")
        _ = screen.show("c\n")
        _ = screen.clear()
        #expect(written.all == ["a\nb\n", "c\n"])
    }

    @Test func onATerminalTheLinesAreWrittenOverInOneWrite() {
        let written = Written()
        var screen = written.screen(Terminal(width: 40, height: 10, canRedraw: true))
        _ = screen.show("a\nb\n")
        _ = screen.show("c\n")
        _ = screen.clear()
        _ = screen.clear()
        #expect(
            written.all == [
                "a\u{1B}[K\nb\u{1B}[K\n\u{1B}[J", "\r\u{1B}[2Ac\u{1B}[K\n\u{1B}[J", "\r\u{1B}[1A\u{1B}[J",
            ])
    }

    /// A line that fills the last cell would lose it to the erasing after it.
    @Test func theLastCellIsLeftFreeWhereLinesAreWrittenOver() {
        #expect(Written().screen(Terminal(width: 40, canRedraw: true)).room.width == 39)
        #expect(Written().screen(Terminal(width: 40)).room.width == 40)
    }

    @Test func whatIsHigherThanTheTerminalIsCut() {
        let written = Written()
        var screen = written.screen(Terminal(width: 40, height: 4, canRedraw: true))
        _ = screen.show("1\n2\n3\n4\n5\n")
        #expect(written.all == ["1\u{1B}[K\n2\u{1B}[K\n… 3 more\u{1B}[K\n\u{1B}[J"])
    }

    @Test func aBlockStartsAnewInAWindowOfAnotherSize() {
        let written = Written()
        let small = Terminal(width: 20, height: 10, canRedraw: true)
        var screen = written.screen(Terminal(width: 40, height: 10, canRedraw: true))
        _ = screen.show("a\nb\n")
        screen.terminal = { small }
        _ = screen.show("c\n")
        #expect(written.all.last == "\u{1B}[H\u{1B}[2Jc\u{1B}[K\n\u{1B}[J")
    }
}
