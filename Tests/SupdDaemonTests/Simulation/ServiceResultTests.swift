import SupdConfiguration
import SupdEngine
import SupdPlugin
import Testing

@testable import SupdDaemon

/// The table of systemd.exec(5) for `$SERVICE_RESULT`, `$EXIT_CODE` and `$EXIT_STATUS`, a row a case. Its rows `exec-condition` and
/// `start-limit-hit` are of what supd has not, and of what runs no command.
@Suite struct ServiceResultTests {
    struct Row: Sendable {
        var outcome: ExitOutcome
        var forced: ForcedEnd?
        var isEarly = false
        var killed = false
        var stopOverran = false
        var rules = ExitStatusRules()
        var result: String
        var code: String?
        var status: String?
    }

    private static func signal(_ signal: Signal, dumps: Bool = false) -> ExitOutcome {
        .signaled(signal, coreDumped: dumps)
    }
    private static let segv = Signal(name: "SEGV") ?? .kill
    private static let oneshot: ExitStatusRules = {
        var rules = ExitStatusRules()
        rules.signalsAreClean = false
        return rules
    }()

    static let rows: [Row] = [
        Row(outcome: .exited(code: 0), result: "success", code: "exited", status: "0"),
        Row(outcome: signal(.hup), result: "success", code: "killed", status: "HUP"),
        Row(outcome: signal(.int), result: "success", code: "killed", status: "INT"),
        Row(outcome: signal(.term), result: "success", code: "killed", status: "TERM"),
        Row(outcome: signal(.pipe), result: "success", code: "killed", status: "PIPE"),
        Row(outcome: signal(.term), rules: oneshot, result: "signal", code: "killed", status: "TERM"),
        Row(
            outcome: .exited(code: 3), rules: ExitStatusRules(success: ExitStatusSet(codes: [3])), result: "success",
            code: "exited", status: "3"),
        Row(outcome: .exited(code: 0), isEarly: true, result: "protocol", code: "exited", status: "0"),
        Row(outcome: .exited(code: 1), isEarly: true, result: "exit-code", code: "exited", status: "1"),
        Row(outcome: signal(.term), forced: .startTimeout, result: "timeout", code: "killed", status: "TERM"),
        Row(outcome: signal(.kill), forced: .startTimeout, result: "timeout", code: "killed", status: "KILL"),
        Row(outcome: .exited(code: 0), forced: .startTimeout, result: "timeout", code: "exited", status: "0"),
        Row(outcome: .exited(code: 3), forced: .runtimeMax, result: "timeout", code: "exited", status: "3"),
        Row(outcome: signal(.kill), forced: .commandTimeout, result: "timeout", code: "killed", status: "KILL"),
        Row(outcome: signal(.term), stopOverran: true, result: "timeout", code: "killed", status: "TERM"),
        Row(outcome: .exited(code: 1), stopOverran: true, result: "exit-code", code: "exited", status: "1"),
        Row(outcome: signal(.kill), killed: true, result: "timeout", code: "killed", status: "KILL"),
        Row(outcome: .exited(code: 1), result: "exit-code", code: "exited", status: "1"),
        Row(outcome: .exited(code: 255), result: "exit-code", code: "exited", status: "255"),
        Row(outcome: signal(.kill), result: "signal", code: "killed", status: "KILL"),
        Row(outcome: signal(.usr1), result: "signal", code: "killed", status: "USR1"),
        Row(outcome: signal(segv, dumps: true), result: "core-dump", code: "dumped", status: "SEGV"),
        Row(outcome: signal(.abrt, dumps: true), forced: .watchdog, result: "watchdog", code: "dumped", status: "ABRT"),
        Row(outcome: signal(.kill), forced: .watchdog, result: "watchdog", code: "killed", status: "KILL"),
        Row(outcome: .exited(code: 0), forced: .watchdog, result: "watchdog", code: "exited", status: "0"),
        Row(outcome: .outOfMemory, result: "oom-kill", code: "killed", status: "KILL"),
        Row(outcome: .unknown, result: "exit-code", code: nil, status: nil),
        Row(
            outcome: .spawnFailed(SpawnFailure(stage: .exec, error: ErrorNumber(2), subject: "/nowhere")),
            result: "resources", code: nil, status: nil),
    ]

    @Test(arguments: rows) func aCommandIsToldTheRow(row: Row) {
        let exit = ExitRecord(
            attempt: 1, pid: 42, outcome: row.outcome, forced: row.forced, isEarly: row.isEarly, ranFor: .seconds(1))
        let told = CommandEnvironment(
            mainProcess: nil, exit: exit, rules: row.rules, killed: row.killed, stopOverran: row.stopOverran
        ).variables
        func value(_ name: String) -> String? { told.first { $0.name.rawValue == name }?.value }
        #expect(value("SERVICE_RESULT") == row.result)
        #expect(value("EXIT_CODE") == row.code)
        #expect(value("EXIT_STATUS") == row.status)
        #expect(value("MAINPID") == nil)
    }
}
