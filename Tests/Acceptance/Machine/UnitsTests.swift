import Foundation
import Testing

/// What contrib/install installs, as a package would, under a real systemd.
@Suite(.daemons)
struct UnitsTests {
    private static let child = "/under-test/testchild"

    /// Has everything in its place inside; the programs are those under test, wherever they are: the manual pages are made outside.
    private func install(in sandbox: Sandbox) async throws {
        try FileManager.default.createDirectory(
            atPath: sandbox.folder.path("programs"), withIntermediateDirectories: false)
        for name in ["supd", "supctl"] {
            try await sandbox.folder.writeProgram(
                "programs/\(name)",
                """
                #!/bin/sh
                [ -x /under-test/\(name) ] || exec '\(Programs.folder)/\(name)' "$@"
                exec /under-test/\(name) "$@"

                """)
        }
        let installed = try await run(
            "\(Programs.root)/contrib/install",
            ["PREFIX=/usr", "DESTDIR=\(sandbox.folder.path("stage"))", "FROM=\(sandbox.folder.path("programs"))"],
            environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"])
        try #require(installed.code == 0, "\(installed)")
        _ = try await sandbox.require(
            "cp -a --no-preserve=ownership /run/sandbox/stage/. / && systemd-sysusers && systemd-tmpfiles --create supd.conf"
                + " && systemctl daemon-reload")
    }

    private func configure(_ configuration: String, in sandbox: Sandbox) async throws {
        try await sandbox.write("/etc/supd/supd.toml", configuration)
    }

    /// Services do what they always do: as users of their own, with limits, priorities and privileged ports, in folders of theirs.
    @Test func inTheHardenedUnitServicesWork() async throws {
        try await Sandbox.run { sandbox in
            try await install(in: sandbox)
            _ = try await sandbox.require("getent group supd supd-observe && test -d /run/supd")
            for unit in ["supd.service", "supd.socket", "supd@alice.service"] {
                #expect(
                    try await sandbox.shell("systemctl preset \(unit); systemctl is-enabled \(unit)").output
                        == "disabled\n")
            }
            let setup =
                "mkdir /home/work /var/lib/work && chown nobody /home/work /var/lib/work && touch /etc/worker.conf"
            try await configure(
                TOML.service("setup", ["/bin/sh", "-c", setup], #"type = "oneshot""#)
                    + TOML.service(
                        "worker",
                        ["/bin/sh", "-c", "touch /home/work/a /var/lib/work/a /tmp/a && exec \(Self.child) wait"],
                        #"requires = ["setup"]"#, #"user = "nobody""#, "nice = -5", "oom_score_adjust = 100",
                        #"limits = { nofile = "4096", core = "0" }"#, #"working_directory = "/var/lib/work""#)
                    + TOML.service(
                        "web", [Self.child, "serve"], #"sockets = [{ name = "http", listen = "127.0.0.1:80" }]"#,
                        #"user = "nobody""#), in: sandbox)
            _ = try await sandbox.require("systemctl start supd.service")
            let status = try JSONValue(parsing: try await sandbox.require("supctl status --json"))
            #expect(status.services.array.map(\.state) == ["EXITED", "RUNNING", "RUNNING"], "\(status.text)")
            let pid = try status.services.array[1].requirePID()
            #expect(try await sandbox.require("echo $(ps -o ni=,user= -p \(pid))") == "-5 nobody\n")
            #expect(try await sandbox.require("cat /proc/\(pid)/oom_score_adj") == "100\n")
            #expect(try await sandbox.require("grep '^Max open files' /proc/\(pid)/limits").contains("4096"))
            #expect(
                try await sandbox.require("grep ^0:: /proc/\(pid)/cgroup") == "0::/system.slice/supd.service/worker\n")
            #expect(try await sandbox.require(Self.ask("hello", port: 80)).hasSuffix(" hello\n"))
            // What is closed is closed.
            #expect(try await sandbox.require("grep ^Seccomp: /proc/\(pid)/status") == "Seccomp:\t2\n")
            let bounding = try await sandbox.require("awk '/^CapBnd:/ { print $2 }' /proc/\(pid)/status")
            let capabilities = UInt64(bounding.dropLast(), radix: 16)
            #expect(capabilities.map { $0 & 1 << 21 } == 0, "CAP_SYS_ADMIN is in \(bounding)")
            let info = try await sandbox.require("supctl info")
            #expect(
                info.contains("watchdog: last pinged 20") && info.contains("systemd wants that every 30s"), "\(info)")
            _ = try await sandbox.require("systemctl stop supd.service")
            let journal = try await sandbox.require("journalctl -u supd.service --no-pager -o cat -p warning")
            #expect(journal == "", "\(journal)")
        }
    }

    /// As it is packaged everybody reaches the control socket and the groups of sysusers decide; with the drop-in of docs/systemd.md who is in
    /// none of them does not even reach it.
    @Test func theGroupsOfSysusersLetIn() async throws {
        try await Sandbox.run { sandbox in
            try await install(in: sandbox)
            try await configure(
                "[supervisor.access]\nobserve = \"@supd-observe\"\noperate = \"@supd\"\n"
                    + TOML.service("web", [Self.child, "wait"]), in: sandbox)
            func supctl(_ group: String?, _ verb: String) async throws -> Output {
                let groups = group.map { "--groups=$(getent group \($0) | cut -d: -f3)" } ?? "--clear-groups"
                return try await sandbox.shell("setpriv --reuid=65534 --regid=65534 \(groups) supctl \(verb)")
            }
            guard try await supctl(nil, "--version").code == 0 else {
                try Test.cancel("supctl is built where user 65534 cannot run it")
            }
            // Made by supd, and by systemd.
            for unit in ["supd.service", "supd.socket"] {
                _ = try await sandbox.require("systemctl start \(unit)")
                for (group, verb, code) in [
                    ("supd", "restart web", 0), ("supd-observe", "status web", 0), ("supd-observe", "stop web", 5),
                    (nil, "status web", 5),
                ] as [(String?, String, Int32)] {
                    let output = try await supctl(group, verb)
                    #expect(output.code == code, "\(unit), \(group ?? "nobody"): \(output)")
                    if code != 0 { #expect(output.error.contains("those who do are root, "), "\(output)") }
                }
                _ = try await sandbox.require("systemctl stop supd.service supd.socket")
            }
            let manual = try String(contentsOfFile: "\(Programs.root)/docs/systemd.md", encoding: .utf8)
            let dropIn = try #require(
                manual.firstMatch(of: /\/etc\/systemd\/system\/(supd\.socket\.d\/.*)\n([^`]*)```/))
            try await sandbox.write("/etc/systemd/system/\(dropIn.1)", "\(dropIn.2)")
            _ = try await sandbox.require("systemctl daemon-reload && systemctl start supd.socket")
            #expect(try await supctl("supd", "restart web").code == 0)
            let kept = try await supctl(nil, "status web")
            #expect(kept.code == 5 && kept.error.contains("does not let you in"), "\(kept)")
            #expect(kept.error.contains("lets in who is in the group 'supd'"), "\(kept)")
        }
    }

    private static func ask(_ line: String, port: Int) -> String {
        "timeout 20 bash -c 'exec 3<>/dev/tcp/127.0.0.1/\(port) && echo \(line) >&3 && head -n 1 <&3'"
    }

    /// Once they run: who has supd started by asking is answered before that.
    private func mainProcesses(of services: String, in sandbox: Sandbox) async throws -> [Int] {
        _ = try await sandbox.require("supctl wait \(services) --for running --timeout 20s")
        let status = try JSONValue(parsing: try await sandbox.require("supctl status --json \(services)"))
        return try status.services.array.map { try $0.requirePID() }
    }

    /// systemd has made the control socket, and a service's: nobody who connects is refused while supd is away.
    @Test func socketsThatSystemdMakesOutliveSupd() async throws {
        try await Sandbox.run { sandbox in
            try await install(in: sandbox)
            for (name, port) in [("http", 8080), ("nobodys", 8081)] {
                try await sandbox.write(
                    "/etc/systemd/system/\(name).socket",
                    "[Socket]\nListenStream=127.0.0.1:\(port)\nFileDescriptorName=\(name)\nService=supd.service\n")
            }
            // What the configuration says of the control socket is nothing beside systemd's.
            try await configure(
                "[supervisor]\nsocket = \"/run/elsewhere/control.sock\"\n"
                    + TOML.service(
                        "web", [Self.child, "serve"], #"sockets = [{ name = "http", listen = "127.0.0.1:8080" }]"#)
                    + TOML.service("plain", [Self.child, "wait"]), in: sandbox)
            _ = try await sandbox.require(
                "systemctl daemon-reload && systemctl start supd.socket http.socket nobodys.socket")
            #expect(try await sandbox.shell("systemctl is-active supd.service").output == "inactive\n")
            // The first request starts it.
            let info = try await sandbox.require("supctl info")
            #expect(info.contains("socket: /run/supd/control.sock\n"), "\(info)")
            var pids = try await mainProcesses(of: "web plain", in: sandbox)
            #expect(try await sandbox.require(Self.ask("one", port: 8080)) == "\(pids[0]) one\n")
            let environment = try await sandbox.require("tr '\\0' '\\n' </proc/\(pids[0])/environ | grep ^LISTEN_")
            #expect(
                Set(environment.split(separator: "\n")) == [
                    "LISTEN_FDS=1", "LISTEN_FDNAMES=http", "LISTEN_PID=\(pids[0])",
                ])
            // The other one has none of them.
            #expect(try await sandbox.require("ls /proc/\(pids[1])/fd").split(separator: "\n").count == 3)
            #expect(try await sandbox.shell("tr '\\0' '\\n' </proc/\(pids[1])/environ | grep ^LISTEN_").output == "")
            let log = try await sandbox.require("journalctl -u supd.service --no-pager -o cat")
            #expect(
                log.contains("handed over 'nobodys' (stream 127.0.0.1:8081), and no service asks for that"), "\(log)")

            // Stopped, connections wait; started again, whoever waited is answered.
            _ = try await sandbox.require("supctl stop web && systemctl restart supd.service")
            #expect(try await sandbox.require(Self.ask("two", port: 8080)).hasSuffix(" two\n"))
            let waiting = try await sandbox.require(
                "systemctl stop supd.service; \(Self.ask("three", port: 8080)) >/run/answer & "
                    + "supctl ping >/dev/null; wait; cat /run/answer")
            pids = try await mainProcesses(of: "web plain", in: sandbox)
            #expect(waiting == "\(pids[0]) three\n")
            _ = try await sandbox.require("systemctl stop supd.socket http.socket nobodys.socket supd.service")
        }
    }

    /// One that runs as its user, and one of a user's own systemd.
    @Test func aTenantAndAUserHaveTheirOwn() async throws {
        try await Sandbox.run { sandbox in
            try await install(in: sandbox)
            _ = try await sandbox.require("useradd --uid 1234 --create-home tester")
            let services = TOML.service("web", [Self.child, "wait"])
            try await sandbox.write("/etc/supd/tenants/tester.toml", services)
            _ = try await sandbox.require("systemctl start supd@tester.service")
            func service(_ line: String) async throws -> (owner: String, group: String) {
                let status = try JSONValue(parsing: try await sandbox.require(line)).services.array[0]
                #expect(status.state == "RUNNING", "\(status.text)")
                let pid = try status.requirePID()
                return (
                    try await sandbox.require("stat -c %U /proc/\(pid)"),
                    try await sandbox.require("grep ^0:: /proc/\(pid)/cgroup")
                )
            }
            let tenant = "SUPD_SOCKET=/run/supd-tester/control.sock supctl "
            let own = try await service(tenant + "status --json")
            #expect(own.owner == "tester\n" && own.group.hasSuffix("/supd@tester.service/web\n"), "\(own)")
            try await sandbox.write(
                "/etc/supd/tenants/tester.toml", services + TOML.service("db", [Self.child, "wait"]))
            _ = try await sandbox.require("systemctl reload supd@tester.service")
            #expect(try await sandbox.require(tenant + "status db").contains("RUNNING"))
            #expect(try await sandbox.require(tenant + "info").contains("watchdog: last pinged "))
            _ = try await sandbox.require("systemctl stop supd@tester.service")
            #expect(try await sandbox.require("systemctl show -P Result supd@tester.service") == "success\n")

            try await sandbox.write("/home/tester/.config/supd/supd.toml", services)
            try await sandbox.write(
                "/etc/systemd/system/manager.service",
                "[Service]\nType=notify\nUser=tester\nDelegate=yes\nRuntimeDirectory=user/1234\n"
                    + "Environment=XDG_RUNTIME_DIR=/run/user/1234 HOME=/home/tester\nExecStart=/lib/systemd/systemd --user\n"
            )
            _ = try await sandbox.require(
                "chown -R tester /home/tester; systemctl daemon-reload; systemctl start manager.service")
            let user =
                "setpriv --reuid 1234 --regid 1234 --clear-groups env XDG_RUNTIME_DIR=/run/user/1234 HOME=/home/tester "
            let isEnabled = "systemctl --user preset supd.service; \(user)systemctl --user is-enabled supd.service"
            #expect(try await sandbox.shell(user + isEnabled).output == "disabled\n")
            _ = try await sandbox.require(user + "systemctl --user start supd.service")
            let users = try await service(user + "supctl status --json")
            #expect(users.owner == "tester\n" && users.group.hasSuffix("/app.slice/supd.service/web\n"), "\(users)")
            _ = try await sandbox.require(user + "systemctl --user reload supd.service")
            #expect(try await sandbox.require(user + "supctl info").contains("watchdog: last pinged "))
            _ = try await sandbox.require(user + "systemctl --user stop supd.service")
        }
    }

    /// A loop that is stuck in a plugin, and a process that does not run at all.
    @Test func aStuckSupdIsKilledByTheWatchdogAndComesBack() async throws {
        try await Sandbox.run { sandbox in
            try await install(in: sandbox)
            try await sandbox.write(
                "/etc/systemd/system/supd.service.d/test.conf",
                "[Service]\nExecStart=\nExecStart=/under-test/troubled\nWatchdogSec=3s\nRestartSec=100ms\n")
            try await configure(
                TOML.service("web", [Self.child, "into", "/run/web.up", "family"])
                    + TOML.service("last", [Self.child, "wait"], #"restart = "spinning""#), in: sandbox)
            _ = try await sandbox.require("systemctl daemon-reload; : >/run/web.up; systemctl start supd.service")
            func status() async throws -> [JSONValue] {
                try JSONValue(parsing: try await sandbox.require("supctl status --json")).services.array
            }
            for (round, stop) in [
                "kill -KILL \(try await status()[1].requirePID())", "kill -STOP $(systemctl show -P MainPID supd)",
            ]
            .enumerated() {
                let main = try await sandbox.require("systemctl show -P MainPID supd.service")
                let web = try await status()[0].requirePID()
                _ = try await sandbox.require(stop)
                _ = try await sandbox.output(
                    of: "systemctl show -p ActiveState,NRestarts,MainPID supd.service", within: 60
                ) {
                    $0.contains("ActiveState=active\n") && $0.contains("NRestarts=\(round + 1)\n")
                        && !$0.contains("MainPID=\(main)")
                }
                let journal = try await sandbox.require("journalctl -u supd.service --no-pager -o cat")
                #expect(journal.ranges(of: "Watchdog timeout").count == round + 1, "\(journal)")
                #expect(try await status().map(\.state) == ["RUNNING", "RUNNING"])
                #expect(try await sandbox.shell("test -e /proc/\(web)").code != 0, "two copies")
            }
            // One that works is left alone: it has lived for longer than the watchdog's time.
            let main = try await sandbox.require("systemctl show -P MainPID supd.service")
            _ = try await sandbox.output(of: "ps -o etimes= -p \(main)", within: 60) {
                (Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0) >= 8
            }
            #expect(try await sandbox.require("systemctl show -P MainPID supd.service") == main)
            _ = try await sandbox.require("systemctl stop supd.service")
        }
    }

    /// TimeoutStartSec= is for a supd that hangs, and not for services that take their time.
    @Test func aStartMayTakeLongerThanItsTimeout() async throws {
        try await Sandbox.run { sandbox in
            try await install(in: sandbox)
            try await sandbox.write(
                "/etc/systemd/system/supd.service.d/test.conf", "[Service]\nTimeoutStartSec=2s\n")
            try await configure(
                TOML.service("slow", ["/bin/sleep", "7"], #"type = "oneshot""#)
                    + TOML.service("web", [Self.child, "wait"], #"requires = ["slow"]"#)
                    + TOML.service("bad", ["/bin/false"], #"restart = "no""#), in: sandbox)
            _ = try await sandbox.require("systemctl daemon-reload && systemctl start supd.service")
            let text = try await sandbox.output(of: "systemctl show -P StatusText supd.service") {
                $0.hasPrefix("1 of 3")
            }
            #expect(text == "1 of 3 running, 1 exited; failed: bad\n")
            _ = try await sandbox.require("systemctl stop supd.service")
        }
    }

    /// To systemd an end before READY=1 is a failed start, and it starts again what fails.
    @Test func whatIsOrderedDownWhileItStartsStaysDown() async throws {
        try await Sandbox.run { sandbox in
            try await install(in: sandbox)
            try await configure(
                TOML.service("slow", [Self.child, "wait"], #"ready = { type = "delay", time = "1h" }"#), in: sandbox)
            func properties() async throws -> String {
                try await sandbox.require("systemctl show -P ActiveState -P Result -P NRestarts supd.service")
            }
            _ = try await sandbox.require("systemctl daemon-reload && systemctl start --no-block supd.service")
            _ = try await sandbox.output(of: "supctl status slow") { $0.contains("STARTING") }
            // One that holds is up, and not killed for a start that takes too long.
            _ = try await sandbox.require("supctl drain --wait")
            _ = try await sandbox.output(of: "systemctl is-active supd.service") { $0 == "active\n" }
            _ = try await sandbox.require("supctl resume && supctl shutdown --wait")
            _ = try await sandbox.output(of: "systemctl is-active supd.service") { $0 == "inactive\n" }
            #expect(try await properties() == "success\n0\ninactive\n")
            _ = try await sandbox.require("systemctl start --no-block supd.service")
            _ = try await sandbox.output(of: "supctl status slow") { $0.contains("STARTING") }
            _ = try await sandbox.require("supctl shutdown --wait")
            _ = try await sandbox.output(of: "systemctl is-active supd.service") { $0 == "inactive\n" }
            #expect(try await properties() == "success\n0\ninactive\n")
        }
    }
}
