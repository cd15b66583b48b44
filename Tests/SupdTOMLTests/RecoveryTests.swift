import SupdTOML
import Testing

@Suite struct RecoveryTests {
    private func lines(_ text: String) -> [Int] {
        TOML.parseAll(text).errors.map(\.position.line)
    }

    /// `a.b.c = …` for every value, tables in the order of the text.
    private func settings(_ table: TOMLTable, under path: String = "") -> [String] {
        table.entries.flatMap { entry -> [String] in
            let name = path + entry.key.name
            guard case .table(let inner) = entry.value.value else { return [name] }
            return settings(inner, under: name + ".")
        }
    }

    @Test func aFileWithManyMistakesReportsEachOnceAndKeepsTheRest() {
        let (table, errors) = TOML.parseAll(
            """
            include = ["a", "b"
            [supervisor]
            socket = /run/supd.sock
            exit_when = 'never
            start_parallelism = 64
            [supervisor.drain
            timeout = "60s"
            timeout = "61s"
            [service.web]
            exec_start = [
              "/usr/bin/web"
              "--port",
            ]
            description = "C:\\dir"
            enabled = True
            tags = [front]
            limits = { nofile = 1, }
            backoff = {
              policy = "x",
              max = 1
            }
            environment = { A = "x"
            nice 5
            umask = 18
            [service.web]
            type = "exec"
            [service.db]
            user =
            date = 2023-02-30
            pass_environment = [ "A",
              "B"
            [service.last]
            exec_start = '''/bin/true
            """)
        #expect(
            errors.map(\.position.line) == [
                1, 3, 4, 6, 8, 11 + 1, 14, 15, 16, 17, 18, 22, 23, 25, 28, 29, 30, 33,
            ])
        #expect(
            settings(table) == [
                "supervisor.start_parallelism", "supervisor.drain.timeout", "service.web.description",
                "service.web.umask",
            ])
    }

    @Test(arguments: [
        "a = [1, x, 2]", "a = [1, 2", "a = [\n 1\n 2\n]", "a = [[1,\n 2], [x]]", "a = {b = 1",
        "a = {\n b = 1,\n c = 2\n}",
        "a = [ {b = 1}, {b = }, ]", "a = \"x", "a = [\"x, \"y\"]", "a = [\n 'x,\n 'y',\n]", "[a", "[[a]", "a", "a = ",
        "a b",
        "a = {b = [1, 2}", "a = [{b = 1]", "a = [ # ]\n 1 x ]", "a = 1 ]", "a = ]", "}", "a = [\n \"x\"\n# c\n",
        "a = [\n \"\"\"x\n]\n\"\"\" 1 ]", "a = [\n [1],\n [2]\n",
    ])
    func oneMistakeIsOneErrorAndWhatFollowsIsRead(mistake: String) {
        let before = mistake.split(separator: "\n").count
        let (table, errors) = TOML.parseAll("first = 1\n\(mistake)\n\nnext = 1\n[table]\nkey = 1\n")
        #expect(errors.count == 1, "\(errors)")
        #expect((2...before + 3).contains(errors.first?.position.line ?? 0), "\(errors)")
        let names = settings(table)
        #expect(names.contains("first"))
        #expect(names.contains("table.key"))
        #expect(names.contains("next") || mistake.hasPrefix("["), "\(names)")
    }

    @Test func theLinesOfAHeaderThatCannotBeReadDoNotEndInTheTableBefore() {
        let (table, errors) = TOML.parseAll("[a]\nx = 1\n[b..c]\nx = 2\ny = 3 3\n[d]\nx = 4")
        #expect(errors.map(\.position.line) == [3, 5])
        #expect(settings(table) == ["a.x", "d.x"])
    }

    @Test func aHeaderWithoutItsBracketStillOpensItsTable() {
        let (table, errors) = TOML.parseAll("[a]\nx = 1\n[b\nx = 2\n[c] # fine\nx = 3")
        #expect(errors.map(\.position.line) == [3])
        #expect(settings(table) == ["a.x", "b.x", "c.x"])
    }

    @Test func aStringThatIsNeverClosedHidesNoLaterStatement() {
        let (table, errors) = TOML.parseAll("a = '''\nsome text\nb = 1\n[c]\nd = x\n")
        #expect(errors.map(\.position.line) == [1, 5])
        #expect(settings(table) == ["b"])
    }

    @Test func aTableWithALineLeftOutSaysSo() throws {
        let (table, errors) = TOML.parseAll("[a]\nx = 1 1\n[b]\nx = y\n[c]\nx = 1\nx = 2\n")
        #expect(errors.count == 3)
        let isComplete = table.entries.map { entry -> Bool? in
            guard case .table(let inner) = entry.value.value else { return nil }
            return inner.isComplete
        }
        #expect(isComplete == [false, false, true])
        #expect(table.isComplete)
        #expect(!TOML.parseAll("a = \n[b]\n").table.isComplete)
    }

    @Test func ofAKeySetTwiceTheFirstValueStays() {
        guard case .integer(let value) = TOML.parseAll("a = 1\na = 2").table["a"]?.value.value else {
            Issue.record("no integer")
            return
        }
        #expect(value == 1)
    }

    @Test func whatIsSetTwiceIsKeptToBeChecked() {
        let (table, errors) = TOML.parseAll("[a]\nx = 1\nx = 2\n[b]\n[a]\ny = 3\n[c]\nz = {k = 1, k = 2}")
        #expect(errors.map(\.position.line) == [3, 5, 8])
        #expect(errors.map(\.isRepetition) == [true, true, true])
        #expect(table.repetitions.map(\.key.name) == ["a"])
        guard case .table(let first)? = table["a"]?.value.value,
            case .table(let second) = table.repetitions[0].value.value
        else {
            Issue.record("no tables")
            return
        }
        #expect(first.entries.map(\.key.name) == ["x"])
        #expect(first.repetitions.map(\.key.name) == ["x"])
        #expect(second.entries.map(\.key.name) == ["y"])
        // Of these something is lost that can be read nowhere.
        for text in ["a = 1\n[a]", "a = 1\n[a.b]", "[a]\n[[a]]", "a = x", "[a"] {
            #expect(TOML.parseAll(text).errors.map(\.isRepetition) == [false], "\(text)")
        }
    }

    @Test func errorsAreInTheOrderOfTheText() {
        let text = "a = [\n 'x\ty\u{1}',\n 1 2,\n]\nb = {c = 1, c = 2}\n[b.c]\nd = '''"
        let places = TOML.parseAll(text).errors.map(\.position)
        #expect(places == places.sorted())
        #expect(places.map(\.line) == [2, 3, 5, 6, 7])
    }
}
