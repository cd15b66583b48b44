import TestChance
import Testing

@testable import SupdDaemon

@Suite struct LineSplitterTests {
    @Test func wholeLinesAreHandedOutInOneRun() {
        #expect(split(["one\ntwo\nthree\n"]) == ["newline one|two|three"])
    }

    @Test func aLineInSeveralReadsIsPutTogether() {
        #expect(split(["on", "e", "\ntw", "o\n"]) == ["newline one", "newline two"])
    }

    @Test func aLastLineWithoutNewlineComesAtTheEnd() {
        #expect(split(["one\ntwo"]) == ["newline one", "endOfStream two"])
        #expect(split(["one\n"]) == ["newline one"])
        #expect(split([""]) == [])
    }

    @Test func carriageReturnBeforeNewlineIsNotPartOfALine() {
        #expect(split(["a\r\nb\rc\n\r\n\n"]) == ["newline a|b\rc||"])
        #expect(split(["a\r", "\n"]) == ["newline a"])
    }

    @Test func aLineOfExactlyTheMaximumIsNotCut() {
        let line = String(repeating: "x", count: 16)
        #expect(split([line + "\n"], maximum: 16) == ["newline " + line])
        #expect(split([line, "\n"], maximum: 16) == ["newline " + line])
        #expect(split([line], maximum: 16) == ["endOfStream " + line])
        for reads in [[line + "\r\n"], [line, "\r\n"], [line + "\r", "\n"], [line, "\r", "\n"]] {
            #expect(split(reads, maximum: 16) == ["newline " + line], "\(reads)")
        }
        #expect(split([line + "\rx\n"], maximum: 16) == ["cut " + line, "newline +\rx"])
        #expect(split([line + "\r"], maximum: 16) == ["cut " + line, "endOfStream +\r"])
    }

    @Test func aLongerLineIsCutAndItsPiecesAreFlagged() {
        let text = "begin\n" + String(repeating: "x", count: 40) + "\nend\n"
        let sixteen = String(repeating: "x", count: 16)
        #expect(
            split([text], maximum: 16)
                == ["newline begin", "cut \(sixteen)", "cut +\(sixteen)", "newline +xxxxxxxx|end"])
    }

    @Test func nothingIsLostOrReorderedHoweverTheBytesArrive() {
        var random = SeededRandom.announced()
        for _ in 0..<300 {
            let maximum = Int.random(in: 16...40, using: &random)
            let changes = Bool.random(using: &random)
            let longest = changes ? 40 : maximum
            var text: [UInt8] = []
            for _ in 0..<Int.random(in: 0...400, using: &random) {
                text.append([0x0A, 0x61, 0x0D, 0xC3, 0xA4, 0x00, 0xFF].randomElement(using: &random) ?? 0)
            }
            var splitter = LineSplitter(maximumLength: maximum)
            var seen: [UInt8] = []
            func take(_ run: LineRun) {
                seen += run.bytes
                run.forEachLine { #expect($0.bytes.count <= longest) }
                if run.ending == .newline { #expect(run.bytes.last == 0x0A) }
            }
            var position = 0
            while position < text.count {
                let end = min(text.count, position + Int.random(in: 1...50, using: &random))
                push(Array(text[position..<end]), through: &splitter, take)
                #expect(splitter.held.count <= splitter.maximumLength + 1)
                position = end
                if changes { splitter.change(maximumLength: Int.random(in: 16...40, using: &random)) }
            }
            splitter.finish(into: take)
            #expect(seen == text)
        }
    }

    @Test func aCutDoesNotFallInsideACharacter() {
        let text = String(repeating: "x", count: 15) + "ää\n"
        #expect(split([text], maximum: 16) == ["cut " + String(repeating: "x", count: 15), "newline +ää"])
        // Bytes that are no characters are cut where it has to be.
        var splitter = LineSplitter(maximumLength: 16)
        var sizes: [Int] = []
        push([UInt8](repeating: 0x80, count: 40), through: &splitter) { sizes.append($0.bytes.count) }
        #expect(sizes == [16, 16])
    }

    @Test func memoryOfALongLineIsGivenBack() {
        var splitter = LineSplitter(maximumLength: 48 * 1024)
        push([UInt8](repeating: 0x61, count: 40_000), through: &splitter) { _ in }
        #expect(splitter.held.count == 40_000)
        push([0x0A], through: &splitter) { #expect($0.bytes.count == 40_001) }
        #expect(splitter.held.capacity == 0)
    }

    @Test func theLastNewlineIsFoundWhereverItIs() {
        for count in 0..<40 {
            for position in 0...count {
                var bytes = [UInt8](repeating: 0x8A, count: count)
                if position < count { bytes[position] = 0x0A }
                bytes.withUnsafeBytes { #expect($0.lastNewline(before: count) == (position < count ? position : nil)) }
            }
        }
    }

    private func split(_ reads: [String], maximum: Int = 1000) -> [String] {
        var splitter = LineSplitter(maximumLength: maximum)
        var runs: [String] = []
        func describe(_ run: LineRun) {
            var lines: [String] = []
            run.forEachLine {
                lines.append(($0.isContinuation ? "+" : "") + String(decoding: $0.bytes, as: UTF8.self))
            }
            runs.append("\(run.ending) " + lines.joined(separator: "|"))
        }
        for read in reads { push(Array(read.utf8), through: &splitter, describe) }
        splitter.finish(into: describe)
        return runs
    }

    private func push(_ bytes: [UInt8], through splitter: inout LineSplitter, _ body: (LineRun) -> Void) {
        var buffer = [UInt8](repeating: 0, count: splitter.maximumLength + 1 + bytes.count)
        let held = buffer.withUnsafeMutableBytes { splitter.placeHeld(in: $0) }
        buffer.replaceSubrange(held..<held + bytes.count, with: bytes)
        buffer.withUnsafeBytes { splitter.split($0.part(0..<held + bytes.count), into: body) }
    }
}
