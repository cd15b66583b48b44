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

    @Test func staysWithinItsBytesAndKeepsTheLastLinesWhole() {
        for limit in [512, 600, 1000, 5000] {
            var ring = LogRing(byteLimit: limit)
            var all: [String] = []
            for number in 0..<500 {
                let line = String(repeating: "x", count: number % 90) + "\(number)"
                all.append(line)
                append(line + "\n", to: &ring)
                #expect(ring.allocatedBytes <= limit)
                let kept = texts(ring, 9999)
                #expect(kept.count >= 4 || kept.count == all.count)
                #expect(kept == Array(all.suffix(kept.count)))
            }
        }
    }

    @Test func whatOneReadGaveIsForgottenLineByLine() {
        var ring = LogRing(byteLimit: 1024)
        append((0..<80).map { "early \($0)\n" }.joined(), to: &ring)
        let before = texts(ring, 999).count
        append("late\n", to: &ring)
        let after = texts(ring, 999)
        #expect(after.last == "late")
        #expect(after.count > before - 5)
        #expect(after.dropLast().last == "early 79")
    }

    @Test func aRunThatIsTooLongLeavesItsLastLines() {
        for count in [1, 5, 40, 400, 4000] {
            let lines = (0..<count).map { "number \($0) " + String(repeating: "y", count: $0 % 60) }
            var ring = LogRing(byteLimit: 2048)
            append("before\n", to: &ring)
            append(lines.map { $0 + "\n" }.joined(), to: &ring)
            let kept = texts(ring, 9999)
            #expect(kept == Array((["before"] + lines).suffix(kept.count)))
            #expect(kept.count == count + 1 || kept.reduce(0) { $0 + $1.utf8.count + 1 } > 1900)
            #expect(texts(ring, 1) == [lines[count - 1]])
        }
    }

    @Test func whateverWasSaidTheTailIsTheEndOfIt() {
        for _ in 0..<60 {
            var ring = LogRing(byteLimit: Int.random(in: 512...2000))
            var all: [String] = []
            for _ in 0..<Int.random(in: 1...60) {
                let count = [1, 1, 1, 3, 30, 200].randomElement() ?? 1
                let run = (0..<count).map { _ in
                    String(repeating: "x", count: Int.random(in: 0...([0, 5, 60, 600, 4000].randomElement() ?? 1)))
                }
                append(run.map { $0 + "\n" }.joined(), to: &ring)
                all += run
                let tail = ring.tail(.max)
                #expect(!tail.isEmpty)
                #expect(ring.allocatedBytes <= ring.byteLimit)
                for (kept, said) in zip(tail, all.suffix(tail.count)) {
                    #expect(kept.flags.contains(.shortened) ? said.hasPrefix(kept.text) : said == kept.text)
                }
            }
        }
    }

    @Test func questionsAreAnsweredPageByPage() throws {
        for limit in [600, 5000, 1 << 20] {
            var ring = LogRing(byteLimit: limit)
            var all: [String] = []
            for read in 0..<200 {
                let lines = (0..<read % 7).map { String(repeating: "x", count: ($0 * 13 + read) % 50) + "\(read)" }
                all += lines
                append(lines.map { $0 + "\n" }.joined(), to: &ring)
            }
            let kept = texts(ring, .max)
            #expect(
                kept == all.suffix(kept.count) && ring.tail(LogQuestion(lines: 1)).isIncomplete == (limit < 1 << 20))
            for bytes in [1, 150, 1000, 20_000] {
                var pages: [String] = []
                var question = LogQuestion(lines: 17, bytes: bytes)
                while true {
                    let tail = ring.tail(question)
                    #expect(tail.bytes <= bytes || tail.lines.count == 1)
                    pages = tail.lines.map(\.text) + pages
                    guard let earlier = tail.earlier else { break }
                    #expect(tail.isFull && tail.lines.count <= 17)
                    try #require(question.before.map { earlier < $0 } ?? true)
                    question.before = earlier
                }
                #expect(pages.count == kept.count && pages == kept, "\(limit) \(bytes)")
            }
        }
    }

    /// Whoever goes on after a line has all that came since, or is told that some are gone.
    @Test func whatCameAfterALineIsWhatIsLeftOfIt() {
        for _ in 0..<40 {
            var ring = LogRing(byteLimit: Int.random(in: 600...4000))
            var number: UInt64 = 0
            var all: [(number: UInt64, text: String)] = []
            for _ in 0..<Int.random(in: 1...60) {
                // Others write in between.
                number += UInt64.random(in: 0...1) * UInt64.random(in: 1...1000)
                var lines = (0..<([1, 2, 30, 300].randomElement() ?? 1)).map {
                    String(repeating: "x", count: Int.random(in: 0...40)) + "\($0)"
                }
                // Too long for all of it, or for any ring.
                if Int.random(in: 0..<20) == 0 {
                    lines = [String(repeating: "y", count: Int.random(in: 200...5000))]
                }
                for line in lines {
                    number += UInt64(line.utf8.count + 1)
                    all.append((number, line))
                }
                append(lines.map { $0 + "\n" }.joined(), to: &ring, number: number)
                if Int.random(in: 0..<20) == 0 { ring.resize(to: Int.random(in: 600...4000)) }
                let kept = all.suffix(ring.tail(.max).count)
                for _ in 0..<5 {
                    let after = Bool.random() ? all.randomElement()?.number ?? 0 : UInt64.random(in: 0...number)
                    let until = Bool.random() ? .max : UInt64.random(in: after...number)
                    let tail = ring.tail(LogQuestion(lines: .max, after: after, until: until))
                    let meant = kept.filter { $0.number > after && $0.number <= until }
                    #expect(tail.lines.map(\.number) == meant.map(\.number) && !tail.isFull)
                    #expect(zip(tail.lines, meant).allSatisfy { $1.text.hasPrefix($0.text) })
                    let none = ring.tail(LogQuestion(lines: 0, after: after))
                    #expect(none.lines.isEmpty && none.isFull == kept.contains { $0.number > after })
                    let gone = all.dropLast(kept.count).last?.number ?? 0
                    #expect(tail.isIncomplete == (gone > after))
                    // Fewer than there are is told as well.
                    let few = ring.tail(LogQuestion(lines: 3, after: after, until: until))
                    #expect(few.lines.map(\.number) == meant.suffix(3).map(\.number))
                    #expect(few.isFull == (meant.count > 3))
                }
            }
        }
    }

    @Test func aPlaceHoldsWhileLinesComeAndGo() throws {
        var ring = LogRing(byteLimit: 1000)
        for number in 0..<20 { append("line \(number)\n", to: &ring) }
        let last = ring.tail(LogQuestion(lines: 2))
        #expect(last.lines.map(\.text) == ["line 18", "line 19"])
        let earlier = try #require(last.earlier)
        for number in 20..<30 { append("line \(number)\n", to: &ring) }
        #expect(ring.tail(LogQuestion(lines: 1, before: earlier)).lines.map(\.text) == ["line 17"])
        for number in 30..<90 { append("line \(number)\n", to: &ring) }
        let gone = ring.tail(LogQuestion(lines: 1, before: earlier))
        #expect(gone.lines.isEmpty && gone.isIncomplete && !gone.isFull)
    }

    @Test func whateverSizeItGetsItHasTheLastLinesAndPlacesHold() throws {
        var ring = LogRing(byteLimit: 4000)
        var all: [String] = []
        for _ in 0..<300 {
            for _ in 0..<Int.random(in: 0...40) {
                all.append(String(repeating: "x", count: Int.random(in: 0...30)) + "\(all.count)")
                append(all[all.count - 1] + "\n" + (Bool.random() ? "" : "\n"), to: &ring)
            }
            let before = ring.tail(LogQuestion(lines: 5))
            ring.resize(to: Int.random(in: 600...9000))
            #expect(ring.allocatedBytes <= ring.byteLimit)
            let kept = texts(ring, .max).filter { !$0.isEmpty }
            #expect(kept == all.suffix(kept.count) && (kept.count >= 5 || kept.count == all.count))
            guard let earlier = before.earlier else { continue }
            let page = ring.tail(LogQuestion(lines: 1, before: earlier)).lines.first?.text
            #expect(page == nil || page == texts(ring, 6).first)
        }
    }

    @Test func aLineOverTheBytesAskedForIsAnsweredOnlyWhereItIsToBe() {
        var ring = LogRing()
        append(String(repeating: "x", count: 2000) + "\n", to: &ring)
        #expect(ring.tail(LogQuestion(lines: 9, bytes: 100)).lines.count == 1)
        let none = ring.tail(LogQuestion(lines: 9, bytes: 100, takesOne: false))
        #expect(none.lines.isEmpty && none.isFull && none.earlier != nil)
    }

    @Test func aLongLineIsShortenedAndFlagged() {
        var ring = LogRing(byteLimit: 1000)
        append("short\n", to: &ring)
        append(String(repeating: "x", count: 900) + "\n", to: &ring)
        #expect(ring.tail(3).map(\.text.utf8.count) == [5, ring.longestLine])
        #expect(ring.tail(3).map { $0.flags.contains(.shortened) } == [false, true])
        // Too long for the ring, and what came before it is not what is left out in between.
        append("many\n" + String(repeating: "y", count: 5000) + "\n", to: &ring)
        #expect(ring.tail(3).map(\.text) == [String(repeating: "y", count: ring.longestLine)])
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
        append("c\nd\n", to: &ring, continues: true)
        #expect(ring.tail(2).map { $0.flags.contains(.continuation) } == [true, false])
    }

    @Test func theLevelIsOfALineAndNotOfItsOtherPieces() {
        var ring = LogRing()
        append("<3>a\n<8>b\n<7>", to: &ring, ending: .cut, hasLevels: true)
        append("<1>c\n<5>d\n", to: &ring, continues: true, hasLevels: true)
        append("<2>e\n", to: &ring)
        #expect(ring.tail(9).map(\.text) == ["a", "<8>b", "", "<1>c", "d", "<2>e"])
        #expect(ring.tail(9).map(\.level) == [.error, nil, .debug, nil, .notice, nil])
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
        ending: LineRun.Ending = .newline, continues: Bool = false, hasLevels: Bool = false, number: UInt64 = 0
    ) {
        Array(text.utf8).withUnsafeBytes {
            ring.append(
                LineRun(bytes: $0, ending: ending, continuesLine: continues, hasLevels: hasLevels),
                time: WallTime(nanoseconds: time), pid: pid, stream: stream, number: number)
        }
    }

    private func texts(_ ring: LogRing, _ count: Int) -> [String] { ring.tail(count).map(\.text) }
}
