import Glibc
import SupdHost
import SupdPlugin
import SupdSystemd
import Testing

@Suite struct JournalSocketTests {
    let folder: SocketFolder
    let path: String

    init() throws {
        folder = try SocketFolder()
        path = folder.path + "/journal"
    }

    @Test func anEntryIsLinesOfNameAndValue() throws {
        let journald = try DatagramReceiver(path: path)
        let socket = JournalSocket(path: path)
        #expect(send("hello", [JournalField("PRIORITY", "6"), JournalField("EMPTY", "")], to: socket) == .wrote(5))
        #expect(try journald.next()?.text == "MESSAGE=hello\nPRIORITY=6\nEMPTY=\n")
    }

    @Test func aValueWithNewlinesIsSentByLength() throws {
        let journald = try DatagramReceiver(path: path)
        let socket = JournalSocket(path: path)
        #expect(send("a\nPRIORITY=0", [JournalField("X", "\n")], to: socket) == .wrote(12))
        #expect(
            try journald.next()?.text
                == "MESSAGE\n\u{0C}\0\0\0\0\0\0\0a\nPRIORITY=0\nX\n\u{01}\0\0\0\0\0\0\0\n\n")
    }

    @Test func bytesThatAreNotTextArriveAsTheyAre() throws {
        let journald = try DatagramReceiver(path: path)
        let socket = JournalSocket(path: path)
        let bytes: [UInt8] = [0, 0xFF, 0x1B, 0x80]
        #expect(bytes.withUnsafeBytes { socket.send(message: $0, fields: []) } == .wrote(4))
        #expect(try journald.next()?.bytes == Array("MESSAGE=".utf8) + bytes + [0x0A])
        #expect(socket.send(message: UnsafeRawBufferPointer(start: nil, count: 0), fields: []) == .wrote(0))
        #expect(try journald.next()?.text == "MESSAGE=\n")
    }

    @Test func anEntryTooLargeForADatagramIsASealedFile() throws {
        let journald = try DatagramReceiver(path: path)
        let socket = JournalSocket(path: path)
        // More than any send buffer that could be had.
        let text = String(repeating: "0123456789abcde\n", count: 1_500_000)
        #expect(send(text, [JournalField("PRIORITY", "3")], to: socket) == .wrote(24_000_000))
        let entry = try #require(try journald.next())
        // fcntl(2): F_SEAL_SEAL, _SHRINK, _GROW and _WRITE.
        #expect(entry.seals == 15)
        #expect(entry.bytes.count == 7 + 1 + 8 + 24_000_000 + 1 + 11)
        #expect(entry.bytes.suffix(14) == ArraySlice("e\n\nPRIORITY=3\n".utf8))
        #expect(send("short", [], to: socket) == .wrote(5))
        #expect(try journald.next()?.seals == nil)
    }

    @Test func aFullJournalIsToldAndNotWaitedFor() throws {
        let journald = try DatagramReceiver(path: path)
        let socket = JournalSocket(path: path)
        var sent = 0
        while sent < 1_000_000, send("line \(sent)", [], to: socket) != .wouldBlock { sent += 1 }
        #expect(sent > 0)
        #expect(sent < 1_000_000)
        for number in 0..<sent { #expect(try journald.next()?.text == "MESSAGE=line \(number)\n") }
        #expect(send("again", [], to: socket) == .wrote(5))
    }

    @Test func aJournalThatIsNotThereIsFoundWhenItComes() throws {
        let socket = JournalSocket(path: path)
        #expect(send("x", [], to: socket) == .failed(ErrorNumber(ENOENT)))
        let journald = try DatagramReceiver(path: path)
        #expect(send("y", [], to: socket) == .wrote(1))
        #expect(try journald.next()?.text == "MESSAGE=y\n")
    }

    @Test func aJournalThatIsStartedAnewIsFoundAgain() throws {
        let socket = JournalSocket(path: path)
        var journald: DatagramReceiver? = try DatagramReceiver(path: path)
        #expect(send("one", [], to: socket) == .wrote(3))
        #expect(try journald?.next()?.text == "MESSAGE=one\n")
        journald = nil
        #expect(send("two", [], to: socket) == .failed(ErrorNumber(ECONNREFUSED)))
        #expect(send("three", [], to: socket) == .failed(ErrorNumber(ENOENT)))
        let next = try DatagramReceiver(path: path)
        #expect(send("four", [], to: socket) == .wrote(4))
        #expect(try next.next()?.text == "MESSAGE=four\n")
    }

    @Test func whatAJournalThatGoesHasNotReadIsCounted() throws {
        let socket = JournalSocket(path: path)
        var journald: DatagramReceiver? = try DatagramReceiver(path: path)
        for number in 1...6 { #expect(send("\(number)", [], to: socket) == .wrote(1)) }
        for number in 1...4 { #expect(try journald?.next()?.text == "MESSAGE=\(number)\n") }
        #expect(socket.takeUnreadEntries() == 0)
        #expect(send("7", [], to: socket) == .wrote(1))
        journald = nil
        #expect(send("x", [], to: socket) == .failed(ErrorNumber(ECONNREFUSED)))
        // Three are; what the kernel takes for one is not the same on every machine.
        #expect((3...6).contains(socket.takeUnreadEntries()))
        #expect(socket.takeUnreadEntries() == 0)
        #expect(send("x", [], to: socket) == .failed(ErrorNumber(ENOENT)))
        #expect(socket.takeUnreadEntries() == 0)
    }

    @Test func aPathThatIsNoAddressIsAnError() {
        let socket = JournalSocket(path: "/" + String(repeating: "x", count: 200))
        #expect(send("x", [], to: socket) == .failed(ErrorNumber(ENAMETOOLONG)))
    }

    private func send(_ text: String, _ fields: [JournalField], to socket: JournalSocket) -> WriteResult {
        Array(text.utf8).withUnsafeBytes { socket.send(message: $0, fields: fields) }
    }
}
