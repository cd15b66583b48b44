import SupdTOML
import Testing

@Suite struct PositionTests {
    private func place(_ line: Int, _ column: Int) -> TOMLPosition {
        TOMLPosition(line: line, column: column)
    }

    private func table(_ entry: TOMLEntry?) throws -> TOMLTable {
        guard case .table(let table) = try #require(entry).value.value else { throw NotATable() }
        return table
    }

    private struct NotATable: Error {}

    @Test func everyKeyAndValueHasItsLineAndColumn() throws {
        let root = try TOML.parse(
            """
            # a comment
              name = "web"
            list = [ 1,
              [2], # two
              { a = 3, "b" . c = 4 } ]
            [service . web]
            after = "x"
            """)
        #expect(root.position == place(1, 1))
        #expect(root.entries.map(\.key.position) == [place(2, 3), place(3, 1), place(6, 2)])
        #expect(root.entries.map(\.value.position) == [place(2, 10), place(3, 8), place(6, 1)])
        guard case .array(let elements) = root.entries[1].value.value else { throw NotATable() }
        #expect(elements.map(\.position) == [place(3, 10), place(4, 3), place(5, 3)])
        guard case .table(let inline) = elements[2].value else { throw NotATable() }
        #expect(inline.position == place(5, 3))
        #expect(inline.entries.map(\.key.position) == [place(5, 5), place(5, 12)])
        let dotted = try table(inline["b"])
        #expect(dotted.position == place(5, 12))
        #expect(dotted["c"]?.key.position == place(5, 18))
        #expect(dotted["c"]?.value.position == place(5, 22))
        let web = try table(try table(root["service"])["web"])
        #expect(web.position == place(6, 1))
        #expect(try table(root["service"])["web"]?.key.position == place(6, 12))
        #expect(web["after"]?.value.position == place(7, 9))
    }

    @Test func columnsCountCharactersAndNotBytes() throws {
        let root = try TOML.parse("\"é€😀\" = [ 'é', 1 ]")
        #expect(root.entries[0].value.position == place(1, 9))
        guard case .array(let elements) = root.entries[0].value.value else { throw NotATable() }
        #expect(elements.map(\.position.column) == [11, 16])
    }

    @Test func aByteOrderMarkIsNoColumnAndCRLFOneLineEnd() throws {
        let root = try TOML.parse("\u{FEFF}a = 1\r\n\r\nb = \"\"\"\r\nx\r\ny\"\"\"\r\nc = 2")
        #expect(root.entries.map(\.key.position) == [place(1, 1), place(3, 1), place(6, 1)])
        guard case .string(let text) = root["b"]?.value.value else { throw NotATable() }
        #expect(text == "x\ny")
    }

    @Test func aTableThatWasOnlyImpliedTakesThePlaceOfItsOwnHeader() throws {
        let root = try TOML.parse("[a.b]\n[a]\n[[c]]\n[[c]]\n")
        #expect(try table(root["a"]).position == place(2, 1))
        #expect(root["a"]?.key.position == place(1, 2))
        #expect(root["c"]?.value.position == place(3, 1))
        guard case .array(let elements) = root["c"]?.value.value else { throw NotATable() }
        #expect(elements.map(\.position) == [place(3, 1), place(4, 1)])
    }

    @Test func placesAreOrderedByLineAndThenByColumn() {
        let places = [place(1, 1), place(1, 9), place(2, 1), place(10, 3)]
        #expect(places.reversed().sorted() == places)
        #expect(place(10, 3).description == "10:3")
    }

    @Test func entriesAreInTheOrderOfTheTextAndFoundByName() throws {
        let names = (0..<200).map { "key\(($0 * 7) % 200)" }
        let root = try TOML.parse(names.map { "\($0) = '\($0)'" }.joined(separator: "\n"))
        #expect(root.entries.map(\.key.name) == names)
        for (line, name) in names.enumerated() {
            #expect(root[name]?.key.position == place(line + 1, 1))
        }
        #expect(root["key200"] == nil)
    }

    @Test func namesThatOnlyLookTheSameAreTwo() throws {
        let root = try TOML.parse("\"\\u00e9\" = 1\n\"e\\u0301\" = 2\n")
        #expect(root["\u{E9}"]?.key.position.line == 1)
        #expect(root["e\u{301}"]?.key.position.line == 2)
    }
}
