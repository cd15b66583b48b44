import Testing

@testable import SupdProtocol

@Suite struct LineFramerTests {
    private func lines(_ framer: inout LineFramer) throws -> [String] {
        var lines: [String] = []
        while let line = try framer.nextLine() { lines.append(String(decoding: line, as: UTF8.self)) }
        return lines
    }

    @Test func linesComeOutHoweverTheyAreCut() throws {
        let bytes = Array("one\ntwo\n\nthree\r\n\r\nfour\n".utf8)
        for size in 1...bytes.count {
            var framer = LineFramer()
            var found: [String] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                framer.append(rest.prefix(size))
                rest = rest.dropFirst(size)
                found += try lines(&framer)
            }
            #expect(found == ["one", "two", "three\r", "four"])
            #expect(!framer.hasPartialLine)
        }
    }

    @Test func aLineWithoutItsEndIsKept() throws {
        var framer = LineFramer()
        framer.append(Array("one\nhalf".utf8))
        #expect(try lines(&framer) == ["one"])
        #expect(framer.hasPartialLine)
        framer.append(Array(" and half\n".utf8))
        #expect(try lines(&framer) == ["half and half"])
        #expect(!framer.hasPartialLine)
    }

    @Test func atTheEndWhatHasNoEndIsTheLastLine() throws {
        var framer = LineFramer()
        framer.append(Array("one\nhalf".utf8))
        let hasMore = framer.end()
        #expect(hasMore)
        #expect(try lines(&framer) == ["one", "half"])
        let hasMoreAfter = framer.end()
        #expect(!hasMoreAfter)
        #expect(try lines(&framer) == [])
    }

    @Test func aLineOfTheLimitIsTakenAndOneOverItIsNot() throws {
        var framer = LineFramer(limit: 8)
        framer.append(Array("12345678\n".utf8))
        #expect(try lines(&framer) == ["12345678"])
        framer.append(Array("12345678".utf8))
        #expect(try framer.nextLine() == nil)
        framer.append(Array("9".utf8))
        #expect(throws: LineFramer.LineTooLong.self) { try framer.nextLine() }
        framer.append(Array("\nok\n".utf8))
        #expect(throws: LineFramer.LineTooLong.self) { try framer.nextLine() }
    }

    @Test func linesBeforeOneThatIsTooLongStillCome() throws {
        var framer = LineFramer(limit: 4)
        framer.append(Array("ok\n12345\n".utf8))
        #expect(try framer.nextLine() == Array("ok".utf8))
        #expect(throws: LineFramer.LineTooLong.self) { try framer.nextLine() }
    }

    /// A client that drips its bytes must not make the daemon look through all of them for each.
    @Test func drippedBytesAreNotSearchedAgain() throws {
        var framer = LineFramer()
        framer.append(Array("one\n".utf8))
        for count in 1...1000 {
            framer.append(CollectionOfOne(UInt8(ascii: "x")))
            let before = framer.searched
            #expect(try framer.withNextLine { $0.count } == (count == 1 ? 3 : nil))
            if count > 2 { #expect(before == count - 1) }
            if count > 1 { #expect(framer.searched == count) }
        }
        framer.append(CollectionOfOne(0x0A))
        #expect(try framer.nextLine()?.count == 1000)
    }
}
