import Glibc
import Testing

/// What a command after the end is told of it, with real programs: the table of systemd.exec(5) for `$SERVICE_RESULT`, `$EXIT_CODE` and
/// `$EXIT_STATUS`, a test a row. `oom-kill` takes a controller (`DelegationTests`); supd has no `exec-condition`, and finds the main process
/// of every type, so `protocol` is told with its exit.
@Suite(.daemons)
struct ServiceResultTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var program: [String]
        var settings: [String] = []
        var result: String
        var code: String?
        var status: String?

        var testDescription: String { [result, code, status].compactMap(\.self).joined(separator: " ") }

        /// A row of a script.
        init(_ script: String, _ settings: String..., told: String...) {
            self.init(program: ["/bin/sh", "-c", script.replacing("$", with: "$$")], settings, told: told)
        }

        init(program: [String], _ settings: [String] = [], told: [String]) {
            (self.program, self.settings, result) = (program, settings, told[0])
            if told.count == 3 { (code, status) = (told[1], told[2]) }
        }
    }

    /// Longer than a shell needs to be there, and to come to its traps.
    private static let soon = "2s"
    private static let deaf = "trap '' TERM ABRT; while :; do sleep 1000; done"
    /// The command after the end has that time, too.
    private static let quick = #"timeout_stop = "\#(soon)""#

    static let rows: [Row] = [
        Row("exit 0", told: "success", "exited", "0"),
        Row("kill -HUP $$", told: "success", "killed", "HUP"),
        Row("kill -INT $$", told: "success", "killed", "INT"),
        Row("kill -TERM $$", told: "success", "killed", "TERM"),
        Row("kill -PIPE $$", told: "success", "killed", "PIPE"),
        Row("exit 3", "success_exit_status = [3]", told: "success", "exited", "3"),
        Row("kill -USR1 $$", #"success_exit_status = ["SIGUSR1"]"#, told: "success", "killed", "USR1"),
        Row("exit 0", #"type = "notify""#, told: "protocol", "exited", "0"),
        Row("exec sleep 1000", #"runtime_max = "100ms""#, told: "timeout", "killed", "TERM"),
        Row("exec sleep 1000", #"type = "notify""#, #"timeout_start = "\#(soon)""#, told: "timeout", "killed", "TERM"),
        Row(deaf, #"runtime_max = "\#(soon)""#, quick, told: "timeout", "killed", "KILL"),
        Row(
            "trap 'exit 0' TERM; sleep 1000 & wait", #"runtime_max = "\#(soon)""#, told: "timeout", "exited", "0"),
        Row(
            "trap 'exit 255' TERM; sleep 1000 & wait", #"runtime_max = "\#(soon)""#, told: "timeout", "exited", "255"),
        Row("exit 1", told: "exit-code", "exited", "1"),
        Row("exit 255", told: "exit-code", "exited", "255"),
        Row("kill -KILL $$", told: "signal", "killed", "KILL"),
        Row("kill -USR1 $$", told: "signal", "killed", "USR1"),
        Row("kill -TERM $$", #"type = "oneshot""#, told: "signal", "killed", "TERM"),
        Row("exec sleep 1000", #"watchdog = "100ms""#, #"limits = { core = "0" }"#, told: "watchdog", "killed", "ABRT"),
        Row(deaf, #"watchdog = "\#(soon)""#, quick, told: "watchdog", "killed", "KILL"),
        Row("trap 'exit 7' ABRT; sleep 1000 & wait", #"watchdog = "\#(soon)""#, told: "watchdog", "exited", "7"),
        Row(program: ["/nowhere/program"], told: ["resources"]),
    ]

    /// Where a core is a file in the working directory; elsewhere a program may get it, and say that it was written or not.
    static let dumpingRows: [Row] = [
        Row(program: [Programs.testchild, "dump-core"], told: ["core-dump", "dumped", "ABRT"]),
        Row("kill -SEGV $$", #"limits = { core = "infinity" }"#, told: "core-dump", "dumped", "SEGV"),
        Row("kill -QUIT $$", #"limits = { core = "infinity" }"#, told: "core-dump", "dumped", "QUIT"),
        Row(
            "exec sleep 1000", #"watchdog = "100ms""#, #"limits = { core = "infinity" }"#,
            told: "watchdog", "dumped", "ABRT"),
    ]

    private static let coresAreFiles: Bool = {
        guard let file = fopen("/proc/sys/kernel/core_pattern", "r") else { return false }
        defer { fclose(file) }
        let first = fgetc(file)
        return first != Int32(UInt8(ascii: "|")) && first != Int32(UInt8(ascii: "/"))
    }()

    /// What the commands after the end were told, a line each: the values that are set.
    private func told(_ program: [String], _ settings: [String], attempts: Int = 1, becomes state: String)
        async throws -> [Substring]
    {
        let folder = try TemporaryFolder()
        let book = "echo $$(printenv SERVICE_RESULT EXIT_CODE EXIT_STATUS) >>\(folder.path("book"))"
        let text = TOML.service(
            "web", program, "working_directory = \(TOML.quoted(folder.path))", settings.joined(separator: "\n"),
            "exec_stop_post = \(TOML.list(["/bin/sh", "-c", book]))")
        var lines: [Substring] = []
        try await withDaemon(text, folder: folder, untilReady: false) { daemon in
            try await daemon.serves()
            let web = try await daemon.service("web", becomes: state)
            #expect(web.attempt.int == attempts, "\(web)")
            lines = (folder.read("book") ?? "").split(separator: "\n")
        }
        return lines
    }

    private func check(_ row: Row) async throws {
        let state = row.result == "resources" ? "FATAL" : "EXITED"
        let lines = try await told(row.program, [#"restart = "no""#] + row.settings, becomes: state)
        #expect(lines == [Substring(row.testDescription)])
    }

    @Test(arguments: rows) func aCommandAfterTheEndIsToldTheRow(row: Row) async throws { try await check(row) }

    @Test(.enabled(if: coresAreFiles, "cores go to a program here (core_pattern)"), arguments: dumpingRows)
    func aCommandAfterACoreDumpIsToldTheRow(row: Row) async throws { try await check(row) }

    /// `start-limit-hit` is of no process: systemd sets nothing else and runs no command for it, and neither does supd.
    @Test func aStartThatTheLimitRefusesRunsNoCommand() async throws {
        let lines = try await told(
            ["/bin/sh", "-c", "exit 1"],
            [
                #"restart = "always""#, "start_limit_burst = 3",
                #"backoff = { policy = "constant", delay = "10ms", jitter = "none" }"#,
            ], attempts: 3, becomes: "FATAL")
        #expect(lines == ["exit-code exited 1", "exit-code exited 1", "exit-code exited 1"])
    }
}
