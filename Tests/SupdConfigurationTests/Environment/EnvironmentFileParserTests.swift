import Testing

@testable import SupdConfiguration

@Suite struct EnvironmentFileParserTests {
    private func parse(_ text: String) throws -> [String] {
        try EnvironmentFileParser.parse(Array(text.utf8)).variables.map { "\($0.name)=\($0.value)" }
    }

    /// What systemd.exec(5) says and systemd's own parser does (src/basic/env-file.c).
    @Test(arguments: [
        ("", [String]()), ("A=1", ["A=1"]), ("A=1\nB=2\n", ["A=1", "B=2"]), ("  A = 1  \n", ["A=1"]), ("A=", ["A="]),
        ("# A=1\n; B=2\n\nC=3", ["C=3"]), ("no equals sign\nA=1", ["A=1"]), ("A=a b  c \n", ["A=a b  c"]),
        ("A='a b '", ["A=a b "]), ("A=\"a b \"", ["A=a b "]), ("A=\"a\\\"b\\$c\\d\"", ["A=a\"b$c\\d"]),
        ("A='a\\'b", ["A=a\\b"]), ("A='x'\"y\"z", ["A=xyz"]), ("A=it's", ["A=it's"]), ("A=a\\\nb", ["A=ab"]),
        ("A=\"a\nb\"\nB=1", ["A=a\nb", "B=1"]), ("A=\"a\\\nb\"", ["A=ab"]), ("A=a\\ \\\nB=2", ["A=a B=2"]),
        ("A=1\r\nB=2\r\n", ["A=1", "B=2"]), ("A=$B%i", ["A=$B%i"]), ("A=1#x", ["A=1#x"]), ("A==", ["A=="]),
        ("A=ü", ["A=ü"]), ("A=1\nA=2", ["A=1", "A=2"]), ("A=\\", ["A="]), ("A='a' 'b'", ["A=ab"]),
    ])
    func filesAreReadAsSystemdReadsThem(text: String, expected: [String]) throws {
        #expect(try parse(text) == expected)
    }

    /// As in a configuration. systemd would take it for a part of the name, and leave the line out.
    @Test func aByteOrderMarkIsNoPartOfTheFirstName() throws {
        #expect(try parse("\u{FEFF}A=1\r\nB=\u{FEFF}\r\n") == ["A=1", "B=\u{FEFF}"])
        #expect(try parse("\u{FEFF}") == [])
    }

    /// systemd logs "Ignoring invalid environment assignment" and goes on.
    @Test(arguments: [
        ("1B=2\nA=1", [1]), ("A=1\nexport B=1", [2]), ("A=1\n\nA B=2\n=x", [3, 4]), ("ü=1\nA=1", [1]),
        ("1B='x\nC=2'\nA=1\n2=", [1, 4]), ("A=1\n1B=x\\\nC=2", [2]),
    ])
    func aLineWhoseNameIsNoneIsIgnoredWithAllOfIt(text: String, lines: [Int]) throws {
        let contents = try EnvironmentFileParser.parse(Array(text.utf8))
        #expect(contents.ignored == lines)
        #expect(contents.variables.map(\.name) == ["A"])
    }

    @Test(arguments: [
        ("A='x\n\n", 1), ("B=\"\nA=x", 1), ("A=1\nB=\"x", 2), ("A=a\u{0}b", 1), ("A=\"x\\", 1), ("1A='x", 1),
    ])
    func whatCannotBeTakenIsToldWithItsLine(text: String, line: Int) {
        let fault = #expect(throws: EnvironmentFileParser.Fault.self) { try parse(text) }
        #expect(fault?.line == line)
    }

    @Test func whatIsNotUTF8IsAFaultAndAPrefixOfAFileNeverTraps() throws {
        #expect(throws: EnvironmentFileParser.Fault.self) {
            try EnvironmentFileParser.parse(Array("A=".utf8) + [0xFF, 0xFE])
        }
        let text = Array("# c\nA='x y'\nB=\"a\\\"\\\nb\" z\\\nC = 1\\\\\r\nD=ü\n".utf8)
        for length in 0...text.count {
            _ = try? EnvironmentFileParser.parse(Array(text.prefix(length)))
        }
    }
}
