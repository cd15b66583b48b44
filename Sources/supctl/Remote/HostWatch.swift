import SupdConnection
import SupdPlugin

/// Says on a terminal which hosts are waited for, where that takes a while.
struct HostWatch {
    /// What is over before that is not shown.
    private static let patience = Duration.seconds(1)

    private var screen: Screen
    private var quietUntil = Clock.now.advanced(by: Self.patience)
    private var shown = ""

    init(_ screen: Screen) { self.screen = screen }

    /// Whether there is somebody to be told by now.
    var isDue: Bool { screen.room.canRedraw && Clock.now >= quietUntil }

    /// `hosts` are waited for, and `words` are what their ssh has said last.
    mutating func show(_ hosts: [String], _ words: String) {
        show("waiting for ssh to \(hosts.named(atMost: 3))" + (words.isEmpty ? "" : "; it says: \(words)"))
    }

    mutating func show(_ words: String) {
        let room = screen.room
        let text = DisplayText.safe(words)
        guard text != shown else { return }
        shown = text
        // What cannot be written of it is lost: there is nowhere to say so.
        _ = screen.show((room.width.map { DisplayText.cut(text, to: $0) } ?? text) + "\n")
    }

    /// An ssh asks a person something: nothing is put between its words.
    mutating func standBack() {
        screen.letStand()
        shown = ""
        quietUntil = Clock.now.advanced(by: Self.patience)
    }

    mutating func end() { _ = screen.clear() }
}
