import SupdConfiguration
import SupdPlugin
import Testing

@Suite struct CommandTests {
    /// The commands of `exec_start_pre` with this value.
    private func commands(_ value: String, _ lines: String = "") throws -> [CommandConfiguration] {
        try Load.service("exec_start_pre = \(value)\n\(lines)").conduct.commands[.startPre] ?? []
    }

    private func command(_ words: String..., timeout: Duration? = .seconds(90)) -> CommandConfiguration {
        CommandConfiguration(words: words, timeout: timeout)
    }

    @Test func oneCommandIsAStringOrAListOfWords() throws {
        #expect(try commands("\"/bin/a 'b c'\"") == [command("/bin/a", "b c")])
        #expect(try commands("[\"/bin/a\", \"b c\"]") == [command("/bin/a", "b c")])
        #expect(try commands("{ command = \"/bin/a b\" }") == [command("/bin/a", "b")])
    }

    @Test func aListHasListsAndTables() throws {
        #expect(
            try commands("[[\"a\", \"b\"], { command = [\"c\"], timeout = 5 }, [\"d\"]]")
                == [command("a", "b"), command("c", timeout: .seconds(5)), command("d")])
    }

    @Test func aDashBeforeTheProgramMakesItsFailureASuccess() throws {
        let ignored = CommandConfiguration(words: ["/bin/a", "-b"], timeout: .seconds(90), ignoresFailure: true)
        #expect(try commands("\"-/bin/a -b\"") == [ignored])
        #expect(try commands("[[\"-/bin/a\", \"-b\"]]") == [ignored])
        #expect(try commands("{ command = \"-/bin/a -b\", ignore_failure = false }") == [ignored])
        #expect(try commands("{ command = \"/bin/a -b\", ignore_failure = true }") == [ignored])
        #expect(try !commands("\"/bin/a -b\"").contains { $0.ignoresFailure })
    }

    @Test(arguments: [
        ("timeout_start = \"3s\"", Duration.seconds(3)), ("timeout_start = \"infinity\"", .seconds(90)),
        ("type = \"oneshot\"", .seconds(90)), ("type = \"oneshot\"\ntimeout_start = 4", .seconds(4)),
    ])
    func aCommandOfTheStartMayTakeAsLongAsTheStart(lines: String, expected: Duration) throws {
        #expect(try commands("\"a\"", lines) == [command("a", timeout: expected)])
        #expect(try commands("{ command = \"a\", timeout = \"infinity\" }", lines) == [command("a", timeout: nil)])
    }

    @Test func aCommandOfTheStopMayTakeAsLongAsItsSteps() throws {
        let steps = "stop_steps = [{ signal = \"INT\", wait = 2 }, { signal = \"TERM\", wait = 5 }]"
        let service = try Load.service("exec_stop = \"a\"\nexec_stop_post = \"b\"\nexec_reload = \"c\"\n\(steps)")
        #expect(
            service.conduct.commands == [
                .stop: [command("a", timeout: .seconds(7))], .stopPost: [command("b", timeout: .seconds(7))],
                .reload: [command("c")],
            ])
        let short = try Load.service("exec_stop_post = \"a\"\ntimeout_stop = 3")
        #expect(short.conduct.commands == [.stopPost: [command("a", timeout: .seconds(3))]])
    }

    @Test func sixteenAreAllowed() throws {
        #expect(try commands("[\(Array(repeating: "[\"a\"]", count: 16).joined(separator: ", "))]").count == 16)
    }
}
