import SupdPlugin
import SupdHost
import Testing

@testable import SupdDaemon

@Suite struct LogRingTests {
    @Test func costsNothingBeforeTheFirstLineAndLittleAfterIt() {
        var ring = LogRing()
        #expect(ring.allocatedBytes == 0)
        #expect(ring.tail(10).isEmpty)
        append("hello\n", to: &ring)
        #expect(ring.allocatedBytes <= 512)
    }

    @Test func theTailIsTheLastLinesInOrder() {
        var ring = LogRing()
        append("one\ntwo\n", to: &ring)
        append("three\n", to: &ring)
        #expect(texts(ring, 2) == ["two", "three"])
        #expect(texts(ring, 99) == ["one", "two", "three"])
        #expect(texts(ring, 0) == [])
        #expect(texts(ring, -1) == [])
    }

    @Test func staysWithinItsBytesAndItsLines() {
        var ring = LogRing(byteLimit: 1000, lineLimit: 7)
        for number in 0..<500 {
            append("line \(number)\n", to: &ring)
            #expect(ring.allocatedBytes <= 1000)
            #expect(ring.count <= 7)
            #expect(texts(ring, 1) == ["line \(number)"])
        }
        #expect(texts(ring, 99) == (493..<500).map { "line \($0)" })

        var narrow = LogRing(byteLimit: 600)
        for number in 0..<500 { append(String(repeating: "x", count: number % 90) + "\(number)\n", to: &narrow) }
        #expect(narrow.allocatedBytes == 600)
        #expect(texts(narrow, 99).last == String(repeating: "x", count: 499 % 90) + "499")
        #expect(narrow.count > 3)
    }

    @Test func aRunOfManyLinesLeavesTheSameAsTheLinesOneByOne() {
        for count in [1, 5, 40, 400] {
            let lines = (0..<count).map { "number \($0) " + String(repeating: "y", count: $0 % 60) + "\n" }
            var together = LogRing(byteLimit: 2048, lineLimit: 100)
            var oneByOne = LogRing(byteLimit: 2048, lineLimit: 100)
            append("before\n", to: &together)
            append("before\n", to: &oneByOne)
            append(lines.joined(), to: &together)
            for line in lines { append(line, to: &oneByOne) }
            #expect(texts(together, 999) == texts(oneByOne, 999))
        }
    }

    @Test func aLongLineIsShortenedAndFlagged() {
        var ring = LogRing(byteLimit: 1000)
        append("short\n" + String(repeating: "x", count: 5000) + "\n", to: &ring)
        let lines = ring.tail(2)
        #expect(lines.map(\.text.utf8.count) == [5, ring.longestLine])
        #expect(lines.map { $0.flags.contains(.shortened) } == [false, true])
    }

    @Test func aLineKeepsWhenWhoAndWhere() {
        var ring = LogRing()
        append("a\n", to: &ring, time: 5, pid: 4_194_303, stream: .error)
        append("b", to: &ring, time: -7, pid: 1, stream: .output, ending: .cut)
        let lines = ring.tail(2)
        #expect(lines.map(\.time.nanoseconds) == [5, -7])
        #expect(lines.map(\.pid) == [4_194_303, 1])
        #expect(lines.map(\.stream) == [.error, .output])
        #expect(lines.map { $0.flags.contains(.cut) } == [false, true])
    }

    @Test func bytesThatAreNotTextAreReplaced() {
        var ring = LogRing()
        let bytes: [UInt8] = [0x61, 0xFF, 0x00, 0x62, 0x0A]
        bytes.withUnsafeBytes {
            ring.append(
                LineRun(bytes: $0, ending: .newline, continuesLine: false), time: WallTime(nanoseconds: 0), pid: 1,
                stream: .output)
        }
        #expect(texts(ring, 1) == ["a\u{FFFD}\0b"])
    }

    private func append(
        _ text: String, to ring: inout LogRing, time: Int64 = 0, pid: Int32 = 1, stream: LogStream = .output,
        ending: LineRun.Ending = .newline
    ) {
        Array(text.utf8).withUnsafeBytes {
            ring.append(
                LineRun(bytes: $0, ending: ending, continuesLine: false), time: WallTime(nanoseconds: time), pid: pid,
                stream: stream)
        }
    }

    private func texts(_ ring: LogRing, _ count: Int) -> [String] { ring.tail(count).map(\.text) }
}
