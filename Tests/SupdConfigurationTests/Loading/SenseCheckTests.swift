import SupdConfiguration
import Testing

/// Values that cannot do what their keys are for.
@Suite struct SenseCheckTests {
    private func warnings(_ lines: String) throws -> [String] {
        let sources = Load.sources([Load.path: "[service.web]\nexec_start = \"/opt/web\"\n\(lines)\n"])
        let configuration = try ConfigurationLoader(plugins: Load.plugins, sources: sources).load(path: Load.path).get()
        return configuration.warnings.map { String($0.description.dropFirst(Load.path.count + 1)) }
    }

    @Test(arguments: [
        (
            "ready = { type = \"delay\", time = \"2min\" }",
            "'ready' lets 2min pass, and 'timeout_start' ends a start after 1min 30s"
        ),
        (
            "environment = { A = \"1\", SUPD_SERVICE = \"x\" }",
            "'environment.SUPD_SERVICE' is not what 'web' finds there"
        ),
        ("reload_signal = \"SIGKILL\"", "'reload_signal' is SIGKILL, which ends 'web'"),
        ("reload_signal = \"SIGSTOP\"", "'reload_signal' is SIGSTOP, which halts 'web'"),
        (
            "kill_signal = \"SIGSTOP\"",
            "3:15: warning: 'kill_signal' is SIGSTOP, which ends no process: 'web' is killed by SIGKILL after 10s"
        ),
        ("kill_signal = \"SIGCONT\"", "'kill_signal' is SIGCONT, which ends no process"),
        (
            "stop_steps = [{ signal = \"SIGCONT\", wait = \"1s\" }, { signal = \"SIGURG\", wait = \"2s\" }]",
            "'stop_steps' is SIGCONT, SIGURG, which ends no process: 'web' is killed by SIGKILL after 3s"
        ),
        ("watchdog = \"10s\"\nwatchdog_signal = \"SIGCONT\"", "'watchdog_signal' is SIGCONT, which ends no process"),
    ])
    func itIsWarnedOf(lines: String, warning: String) throws {
        let told = try warnings(lines)
        #expect(told.count == 1 && told[0].contains(warning), "\(told)")
    }

    @Test(arguments: [
        "ready = { type = \"delay\", time = \"2min\" }\ntimeout_start = \"3min\"",
        "ready = { type = \"delay\", time = \"2min\" }\ntimeout_start = \"infinity\"", "reload_signal = \"SIGUSR1\"",
        "watchdog = \"10s\"\nwatchdog_signal = \"SIGKILL\"", "kill_signal = \"SIGWINCH\"",
        "stop_steps = [{ signal = \"SIGCONT\", wait = \"1s\" }, { signal = \"SIGTERM\", wait = \"2s\" }]",
    ])
    func whatCanBeIsNot(lines: String) throws {
        #expect(try warnings(lines) == [])
    }

    @Test(arguments: [
        (
            "[supervisor.access]\noperate = [7, 8]\n[service.web.access]\nobserve = []",
            "'access.observe' of 'web' is empty, and does not keep out who may do more: 7, 8, by 'operate' of "
                + "[supervisor.access]; write operate = [] there too, or in their place who may"
        ),
        (
            "[supervisor.access]\noperate = [7]\nadmin = [7, \"*\"]\n[service.web.access]\nobserve = []",
            "who may do more: 7, everybody, by 'operate' and 'admin' of [supervisor.access]; write operate = [], admin = [] there"
        ),
        (
            "[supervisor.access]\noperate = [7]\nadmin = [8]\n[service.web.access]\noperate = []",
            "'access.operate' of 'web' is empty, and does not keep out who may do more: 8, by 'admin'"
        ),
    ])
    func ofAnEmptyListThatKeepsNobodyOutToo(lines: String, warning: String) throws {
        let told = try warnings(lines)
        #expect(told.count == 1 && told[0].contains(warning), "\(told)")
    }

    @Test(arguments: [
        "observe = []", "observe = [7]\noperate = [8]", "observe = []\noperate = [8]\nadmin = []",
        "observe = []\noperate = []\nadmin = []",
    ])
    func whoIsNamedBesideAnEmptyListIsMeant(access: String) throws {
        let general = access == "observe = []" ? "observe = [9]" : "observe = [9]\noperate = [9]"
        let told = try warnings("[supervisor.access]\n\(general)\n[service.web.access]\n\(access)")
        #expect(told == [])
    }
}
