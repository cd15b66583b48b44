import Foundation
import Glibc
import Testing

/// The unit of contrib/systemd under a real systemd.
@Suite(.daemons)
struct SystemdTests {
    /// Installs unit and configuration. The unit is the one that packages install, but for the paths of the programs.
    private func install(_ configuration: String, dropIn: String = "", in sandbox: Sandbox) async throws {
        let unit = try String(contentsOfFile: Programs.root + "/contrib/systemd/supd.service", encoding: .utf8)
        try await sandbox.write(
            "/etc/systemd/system/supd.service", unit.replacing("=/usr/bin/sup", with: "=/under-test/sup"))
        try await sandbox.write("/etc/systemd/system/supd.service.d/test.conf", "[Service]\n\(dropIn)\n")
        try await sandbox.write("/etc/supd/supd.toml", configuration)
        _ = try await sandbox.require("systemctl daemon-reload")
    }

    private func properties(_ names: String, in sandbox: Sandbox) async throws -> [String: String] {
        let text = try await sandbox.require("systemctl show supd.service -p \(names)")
        let pairs = text.split(separator: "\n").map { line in
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), String(parts[1]))
        }
        return Dictionary(uniqueKeysWithValues: pairs)
    }

    private static let child = "/under-test/testchild"

    @Test func theUnitIsActiveOnceReadyAndStopsCleanly() async throws {
        try await Sandbox.run { sandbox in
            try await install(
                TOML.service("web", [Self.child, "wait"]) + TOML.service("database", [Self.child, "wait"]), in: sandbox)
            // Type=notify: this returns when READY=1 has come.
            _ = try await sandbox.require("systemctl start supd.service")
            let up = try await properties("ActiveState,SubState,StatusText,Type,NotifyAccess,MainPID", in: sandbox)
            #expect(up["ActiveState"] == "active")
            #expect(up["SubState"] == "running")
            #expect(up["StatusText"]?.contains("2") == true, "\(up)")
            let status = try JSONValue(parsing: try await sandbox.require("/under-test/supctl status --json"))
            #expect(status.services.array.allSatisfy { $0.state == "RUNNING" })

            _ = try await sandbox.require("systemctl stop supd.service")
            let down = try await properties("ActiveState,Result,ExecMainStatus,ExecMainCode", in: sandbox)
            #expect(down["ActiveState"] == "inactive")
            #expect(down["Result"] == "success")
            #expect(down["ExecMainStatus"] == "0")
            let journal = try await sandbox.require("journalctl -u supd.service -o json --no-pager")
            #expect(!journal.contains("Killing process"), "systemd had to kill what supd had left")
        }
    }

    /// With systemd's standard limit the fifth start in ten seconds would be the last.
    @Test func theUnitIsStartedAgainHoweverOftenItHasEnded() async throws {
        try await Sandbox.run { sandbox in
            try await install(
                TOML.service("web", [Self.child, "wait"]), dropIn: "RestartSec=10ms", in: sandbox)
            _ = try await sandbox.require("systemctl start supd.service")
            var pid = try await properties("MainPID", in: sandbox)["MainPID"] ?? ""
            for _ in 1...7 {
                _ = try await sandbox.require("kill -9 \(pid)")
                let old = pid
                let state = try await sandbox.output(of: "systemctl show supd.service -p ActiveState,MainPID") {
                    $0.contains("ActiveState=active") && !$0.contains("MainPID=\(old)\n")
                }
                pid = String(state.firstMatch(of: /MainPID=(\d+)/)?.1 ?? "")
            }
            let status = try JSONValue(parsing: try await sandbox.require("/under-test/supctl status --json"))
            #expect(status.services.array.allSatisfy { $0.state == "RUNNING" }, "\(status.text)")
        }
    }

    @Test func linesReachTheJournalWithTheirFields() async throws {
        try await Sandbox.run { sandbox in
            try await install(
                TOML.service(
                    "web", ["/bin/sh", "-c", "echo '<3>an error'; echo '<7>a detail'; echo plain; exec sleep 1000"]),
                in: sandbox)
            _ = try await sandbox.require("systemctl start supd.service")
            let text = try await sandbox.output(
                of: "journalctl --sync; journalctl --no-pager -o json SUPD_SERVICE=web SYSLOG_IDENTIFIER=web"
            ) {
                $0.filter { $0 == "\n" }.count >= 3
            }
            let entries = try text.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
            #expect(entries.map { $0.MESSAGE } == ["an error", "a detail", "plain"])
            #expect(entries.map { $0.PRIORITY } == ["3", "7", "6"])
            let status = try JSONValue(parsing: try await sandbox.require("/under-test/supctl status --json web"))
            let pid = try status.services.array[0].requirePID()
            for entry in entries {
                #expect(entry.SYSLOG_IDENTIFIER == "web")
                #expect(entry.SUPD_SERVICE == "web")
                #expect(entry.SUPD_PID.string == "\(pid)")
                #expect(entry.SUPD_ATTEMPT == "1")
                #expect(entry._SYSTEMD_UNIT == "supd.service")
            }
        }
    }

    @Test func journalctlFindsWhatIsSaidByAndOfAServiceAndExplainsIt() async throws {
        try await Sandbox.run { sandbox in
            let catalog = try String(
                contentsOfFile: Programs.root + "/contrib/systemd/supd.catalog", encoding: .utf8)
            try await sandbox.write("/usr/local/lib/systemd/catalog/supd.catalog", catalog)
            _ = try await sandbox.require("journalctl --update-catalog")
            try await install(
                TOML.service(
                    "bad", ["/bin/sh", "-c", "echo the last words; exit 3"],
                    #"backoff = { policy = "constant", delay = "10ms" }"#, "start_limit_burst = 2")
                    + TOML.service("absent", ["/nowhere/program"], #"restart = "no""#)
                    + TOML.service("web", [Self.child, "wait"], "instances = 2"), in: sandbox)
            _ = try await sandbox.require("systemctl start supd.service")
            func entries(_ match: String, where fits: ([JSONValue]) -> Bool) async throws -> [JSONValue] {
                let deadline = Deadline.usual
                while true {
                    let text = try await sandbox.require("journalctl --sync; journalctl --no-pager -o json \(match)")
                    let found = try text.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
                    if fits(found) { return found }
                    if deadline.hasPassed { throw Failure("\(match): \(text)") }
                }
            }
            // What it said, and what supd said of it.
            let bad = try await entries("SUPD_SERVICE=bad") { found in
                found.contains { $0.MESSAGE.string?.contains("given up") == true }
            }
            #expect(bad.contains { $0.MESSAGE == "the last words" && $0.SYSLOG_IDENTIFIER == "bad" })
            #expect(
                bad.contains { $0.MESSAGE.string?.contains("exit code 3") == true && $0.SYSLOG_IDENTIFIER == "supd" })
            #expect(bad.allSatisfy { $0.SYSLOG_IDENTIFIER == "bad" || $0.MESSAGE_ID.string != nil })
            _ = try await sandbox.require("/under-test/supctl stop web@2 bad")
            // The order names two services, and is found by either; one of them by its instance.
            for match in ["SUPD_SERVICE=bad", "SUPD_SERVICE=web", "SUPD_INSTANCE=web@2"] {
                _ = try await entries(match) { found in
                    found.contains { $0.MESSAGE.string?.hasPrefix("stop of ") == true }
                }
            }
            #expect(try await entries("SUPD_INSTANCE=web@1 SUPD_SERVICE=web") { !$0.isEmpty }.count > 0)
            for (service, subject) in [
                ("bad", "Subject: Service bad is given up (FATAL)"),
                ("absent", "Subject: Service absent could not be started"),
                ("web", "Subject: Service web is stopped"),
            ] {
                let text = try await sandbox.require("journalctl --no-pager -x SUPD_SERVICE=\(service)")
                #expect(text.contains("░░ \(subject)") || text.contains("-- \(subject)"), "\(text)")
            }
            let list = try await sandbox.require("journalctl --no-pager --list-catalog")
            #expect(list.split(separator: "\n").filter { $0.contains("supd: ") }.count >= 40, "\(list)")
        }
    }

    @Test func asManyLinesReachTheJournalAsOfAPlainUnit() async throws {
        try await Sandbox.run { sandbox in
            let lines = ["/bin/sh", "-c", "seq -f 'line %%g' 1 10000; exec sleep 1000"]
            try await install(TOML.service("web", lines), in: sandbox)
            let plain = "/bin/sh -c \"seq -f 'line %%g' 1 10000; exec sleep 1000\""
            try await sandbox.write(
                "/run/systemd/system/plain.service", "[Service]\nSyslogIdentifier=plain\nExecStart=\(plain)\n")
            _ = try await sandbox.require("systemctl daemon-reload && systemctl start plain.service supd.service")
            let expected = (1...10_000).map { "line \($0)" }.joined(separator: "\n") + "\n"
            for filter in ["SYSLOG_IDENTIFIER=plain", "SUPD_SERVICE=web SYSLOG_IDENTIFIER=web"] {
                let text = try await sandbox.output(
                    of: "journalctl --sync; journalctl --no-pager -o cat \(filter)", within: 40
                ) { $0.hasSuffix("line 10000\n") }
                #expect(text == expected, "\(filter): \(text.split(separator: "\n").count) lines")
            }
        }
    }

    @Test func aDrainLongerThanTheUnitsTimeoutIsAllowedTo() async throws {
        try await Sandbox.run { sandbox in
            try await install(
                TOML.service(
                    "slow", [Self.child, "into", "/run/slow.up", "stop-slowly", "5000"], #"timeout_stop = "15s""#),
                dropIn: "TimeoutStopSec=2s", in: sandbox)
            _ = try await sandbox.require(
                "mkfifo /run/slow.up && systemctl start supd.service && read line </run/slow.up")
            let before = ContinuousClock.now
            _ = try await sandbox.require("systemctl stop supd.service")
            #expect(before.duration(to: .now) > .seconds(4.5))
            let down = try await properties("Result,ExecMainStatus", in: sandbox)
            #expect(down["Result"] == "success", "\(down)")
            #expect(down["ExecMainStatus"] == "0")
        }
    }

    @Test func aRefusedConfigurationIsNotRetried() async throws {
        try await Sandbox.run { sandbox in
            try await install("[service.web]\nexec_strt = \"/bin/true\"\n", in: sandbox)
            #expect(try await sandbox.shell("systemctl start supd.service").code != 0)
            let down = try await properties("ActiveState,ExecMainStatus,NRestarts,StatusText", in: sandbox)
            #expect(down["ActiveState"] == "failed")
            #expect(down["ExecMainStatus"] == "78")
            #expect(down["StatusText"]?.hasPrefix("/etc/supd/supd.toml:2:1:") == true, "\(down)")
            #expect(down["NRestarts"] == "0")
            let journal = try await sandbox.require("journalctl -u supd.service --no-pager -o cat")
            #expect(journal.contains("/etc/supd/supd.toml:2:1:"), "\(journal)")
            // Where the file itself cannot be read, systemd has the kernel's word for it.
            _ = try await sandbox.shell("rm /etc/supd/supd.toml; systemctl start supd.service")
            let gone = try await properties("ExecMainStatus,StatusErrno", in: sandbox)
            #expect(gone == ["ExecMainStatus": "78", "StatusErrno": "2"])
        }
    }

    @Test func aKilledDaemonIsStartedAgainByItsManagerWithNothingTwice() async throws {
        try await Sandbox.run { sandbox in
            try await install(
                TOML.service("web", [Self.child, "into", "/run/tree", "family"], #"timeout_stop = "500ms""#),
                dropIn: "RestartSec=100ms",
                in: sandbox)
            // Open for both directions, so that a FIFO has no end between two writers.
            let tree = "exec 3<>/run/tree; timeout 20 head -n 5 <&3"
            let old = TemporaryFolder.pids(
                try await sandbox.require("mkfifo /run/tree && systemctl start --no-block supd.service; \(tree)"))
            let first = try await properties("MainPID", in: sandbox)
            let new = TemporaryFolder.pids(
                try await sandbox.require("systemctl kill --kill-whom=main --signal=KILL supd.service; \(tree)"))
            #expect(old.count == 5)
            #expect(new.count == 5)
            _ = try await sandbox.output(of: "systemctl is-active supd.service") { $0 == "active\n" }
            let second = try await properties("MainPID,NRestarts", in: sandbox)
            #expect(second["MainPID"] != first["MainPID"])
            #expect(second["NRestarts"] == "1")
            func living(_ pids: [Int]) async throws -> String {
                try await sandbox.shell("cd /proc && ls -d \(pids.map(String.init).joined(separator: " "))").output
            }
            #expect(try await living(old) == "")
            #expect(try await living(new).split(separator: "\n").count == 5)
            _ = try await sandbox.require("systemctl stop supd.service")
            #expect(try await living(new) == "")
        }
    }

    @Test func aReloadDoesWhatHasChangedOrFailsAndSaysWhy() async throws {
        try await Sandbox.run { sandbox in
            let stays = TOML.service("stays", [Self.child, "wait"])
            try await install(stays, in: sandbox)
            _ = try await sandbox.require("systemctl start supd.service")
            let before = try await properties("MainPID", in: sandbox)
            func status() async throws -> [JSONValue] {
                try JSONValue(parsing: try await sandbox.require("/under-test/supctl status --json")).services.array
            }
            let pid = try await status()[0].requirePID()
            try await sandbox.write("/etc/supd/supd.toml", stays + TOML.service("web", [Self.child, "wait"]))
            _ = try await sandbox.require("systemctl reload supd.service")
            // It has waited for what is new.
            #expect(try await status().map { $0.state } == ["RUNNING", "RUNNING"])
            #expect(try await status()[0].pid.int == pid)

            try await sandbox.write("/etc/supd/supd.toml", "[service.web]\nexec_strt = 1\n")
            #expect(try await sandbox.shell("systemctl reload supd.service").code != 0)
            let refused = try await properties("ActiveState,SubState,StatusText,MainPID", in: sandbox)
            #expect(refused["ActiveState"] == "active" && refused["SubState"] == "running", "\(refused)")
            #expect(refused["MainPID"] == before["MainPID"])
            let fault = "/etc/supd/supd.toml:2:1: "
            #expect(
                refused["StatusText"]?.hasPrefix("the configuration was refused: \(fault)") == true, "\(refused)")
            let journal = try await sandbox.require("journalctl --sync; journalctl -u supd.service --no-pager -o cat")
            #expect(journal.split(separator: "\n").contains { $0.hasPrefix(fault) }, "\(journal)")
            #expect(try await status().map { $0.state } == ["RUNNING", "RUNNING"])

            try await sandbox.write("/etc/supd/supd.toml", stays)
            _ = try await sandbox.require("systemctl kill --kill-whom=main --signal=HUP supd.service")
            _ = try await sandbox.output(of: "systemctl show supd.service -p SubState,StatusText") {
                $0.contains("SubState=running\n") && $0.contains("StatusText=1 of 1 running")
            }
            #expect(try await status().map { $0.pid.int } == [pid])
        }
    }
}
