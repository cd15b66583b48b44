import Foundation
import Testing

/// Control groups under a real systemd: delegated to supd, or not.
@Suite(.daemons)
struct DelegationTests {
    private static let child = "/under-test/testchild"

    private func start(_ configuration: String, dropIn: String = "", in sandbox: Sandbox) async throws {
        try await sandbox.write(
            "/etc/systemd/system/supd.service",
            "[Service]\nType=notify\nNotifyAccess=main\nExecStart=/under-test/supd\nKillMode=mixed\n"
                + "RuntimeDirectory=supd\nRuntimeDirectoryPreserve=yes\n\(dropIn)\n")
        try await sandbox.write("/etc/supd/supd.toml", configuration)
        _ = try await sandbox.require("systemctl daemon-reload && systemctl start supd.service")
    }

    /// What /proc/PID/cgroup says of the main process of a service.
    private func group(of service: String, in sandbox: Sandbox) async throws -> String {
        let status = try JSONValue(parsing: try await sandbox.require("/under-test/supctl status --json \(service)"))
        let pid = try status.services.array[0].requirePID()
        return try await sandbox.require("grep ^0:: /proc/\(pid)/cgroup")
    }

    /// Waits until each of a family of six has said that it is where it stays.
    private func familyIsThere(_ service: String, in sandbox: Sandbox) async throws {
        _ = try await sandbox.output(of: "/under-test/supctl logs \(service)") {
            $0.split(separator: "\n").count { $0.contains("child ") } >= 5
        }
    }

    @Test func eachInstanceHasAGroupBelowTheDelegatedOne() async throws {
        try await Sandbox.run { sandbox in
            try await start(
                TOML.service("web", [Self.child, "family"], "instances = 2", #"timeout_stop = "500ms""#)
                    + TOML.service("supd", [Self.child, "wait"]), dropIn: "Delegate=yes", in: sandbox)
            let unit = "0::/system.slice/supd.service"
            #expect(try await group(of: "web@2", in: sandbox) == unit + "/web@2\n")
            // The daemon's own leaf has the name, as soon as it needs one.
            #expect(try await group(of: "supd", in: sandbox) == unit + "/_supd\n")
            let own = try await sandbox.require("grep ^0:: /proc/$(systemctl show -P MainPID supd.service)/cgroup")
            #expect(own == unit + "\n")
            try await familyIsThere("web@1", in: sandbox)
            let tree = try await sandbox.require("/under-test/supctl tree web@1")
            #expect(tree.contains("web@1 RUNNING, 6 processes"), "\(tree)")
            #expect(tree.contains("/system.slice/supd.service/web@1"), "\(tree)")
            _ = try await sandbox.require("/under-test/supctl stop web@1")
            // Nobody waits for its removal.
            let left = try await sandbox.output(of: "ls /sys/fs/cgroup/system.slice/supd.service") {
                !$0.contains("web@1")
            }
            #expect(left.contains("web@2"), "\(left)")
            _ = try await sandbox.require("systemctl stop supd.service")
        }
    }

    /// A unit's group is removed by systemd with all that is in it, so supd leaves its services' there when it goes. One that others
    /// go on in it leaves as it was.
    @Test func aDaemonLeavesToSystemdWhatGoesWithItsUnit() async throws {
        let unit = "/sys/fs/cgroup/system.slice/supd.service"
        let services = (1...3).map { TOML.service("web\($0)", [Self.child, "wait"]) }.joined()
        try await Sandbox.run { sandbox in
            let look = "ExecStopPost=/bin/sh -c 'ls -d \(unit)/*/ >/run/left'"
            try await start(services, dropIn: "Delegate=yes\nRestart=always\nRestartSec=100ms\n\(look)", in: sandbox)
            _ = try await sandbox.require("systemctl stop supd.service")
            let left = try await sandbox.require("cat /run/left")
            #expect(left == (1...3).map { "\(unit)/web\($0)/\n" }.joined())
            #expect(try await sandbox.shell("ls \(unit)").code != 0)

            // The unit stays while it is started again, and so does what is in its group.
            _ = try await sandbox.require("systemctl start supd.service && /under-test/supctl shutdown --wait")
            _ = try await sandbox.output(of: "/under-test/supctl status") { $0.matches(of: /\bRUNNING\b/).count == 3 }
            #expect(try await group(of: "web2", in: sandbox) == "0::/system.slice/supd.service/web2\n")
            let log = try await sandbox.require("journalctl -u supd.service --no-pager -o cat")
            #expect(!log.contains("has left processes"), "\(log)")
            _ = try await sandbox.require("systemctl stop supd.service")
            #expect(try await sandbox.shell("ls \(unit)").code != 0)

            try await start(
                services,
                dropIn: "Delegate=yes\nType=exec\nExecStart=\nExecStart=/bin/sh -c '/under-test/supd; exec sleep 1000'",
                in: sandbox)
            _ = try await sandbox.output(of: "/under-test/supctl status") { $0.matches(of: /\bRUNNING\b/).count == 3 }
            #expect(try await group(of: "web2", in: sandbox) == "0::/system.slice/supd.service/web2\n")
            _ = try await sandbox.require("/under-test/supctl shutdown --wait")
            _ = try await sandbox.output(of: "cat /proc/$(systemctl show -P MainPID supd.service)/comm") {
                $0 == "sleep\n"
            }
            #expect(try await sandbox.shell("ls -d \(unit)/*/").code != 0)
            _ = try await sandbox.require("systemctl stop supd.service")
        }
    }

    /// Fault 11: only the daemon is killed, and the services of it that systemd was told to leave alone are ended by the next one.
    @Test func leftoversOfAKilledDaemonAreFoundInTheirGroups() async throws {
        try await Sandbox.run { sandbox in
            try await start(
                TOML.service("web", [Self.child, "family"], #"timeout_stop = "500ms""#),
                dropIn: "Delegate=yes\nKillMode=process\nSendSIGKILL=no\nRestart=on-failure\nRestartSec=100ms",
                in: sandbox)
            try await familyIsThere("web", in: sandbox)
            let old = try await sandbox.require("cat /sys/fs/cgroup/system.slice/supd.service/web/cgroup.procs")
            #expect(old.split(separator: "\n").count == 6)
            _ = try await sandbox.require("systemctl kill --kill-whom=main --signal=KILL supd.service")
            let log = try await sandbox.output(of: "journalctl -u supd.service --no-pager -o cat") {
                $0.contains("an earlier supd has left processes of web behind; killed: ")
            }
            for pid in old.split(separator: "\n") { #expect(log.contains("\(pid) ("), "\(pid): \(log)") }
            _ = try await sandbox.output(of: "/under-test/supctl status web") { $0.contains("RUNNING") }
            let new = try await sandbox.output(
                of: "cat /sys/fs/cgroup/system.slice/supd.service/web/cgroup.procs"
            ) { $0.split(separator: "\n").count == 6 }
            #expect(Set(old.split(separator: "\n")).isDisjoint(with: Set(new.split(separator: "\n"))))
            _ = try await sandbox.require("systemctl stop supd.service")
        }
    }

    /// The daemon is in a group of the unit's already (DelegateSubgroup=), and one of its services is a supd too: none takes
    /// another's group for its own, or for what an earlier daemon has left.
    @Test func aDaemonTouchesNoGroupOfAnothers() async throws {
        let unit = "/sys/fs/cgroup/system.slice/supd.service"
        try await Sandbox.run { sandbox in
            try await sandbox.write(
                "/usr/local/bin/in-subgroup",
                "#!/bin/sh\nmkdir -p \(unit)/main\necho $$ > \(unit)/main/cgroup.procs\nexec /under-test/supd\n")
            _ = try await sandbox.require("chmod 755 /usr/local/bin/in-subgroup")
            try await start(
                TOML.service("web", [Self.child, "wait"]) + TOML.service("main", [Self.child, "wait"])
                    + TOML.service(
                        "nested",
                        ["/under-test/supd", "run", "--socket", "none", "--name", "inner"] + ["--", Self.child]
                            + ["wait"], #"after = ["web", "main"]"#),
                dropIn: "Delegate=yes\nExecStart=\nExecStart=/usr/local/bin/in-subgroup\nKillMode=process\n"
                    + "SendSIGKILL=no\nRestart=on-failure\nRestartSec=100ms", in: sandbox)
            for round in 0..<2 {
                let inner = try await sandbox.output(of: "cat \(unit)/nested/supd-*/inner/cgroup.procs") {
                    $0.split(separator: "\n").count == 1
                }
                #expect(try await group(of: "main", in: sandbox) == "0::/system.slice/supd.service/_main\n")
                let status = try await sandbox.require("/under-test/supctl status")
                #expect(status.matches(of: /\bRUNNING\b/).count == 3, "\(status)")
                #expect(status.matches(of: /started with supd/).count == 3, "\(status)")
                guard round == 0 else { break }
                _ = try await sandbox.require("systemctl kill --kill-whom=main --signal=KILL supd.service")
                _ = try await sandbox.output(of: "journalctl -u supd.service --no-pager -o cat") {
                    $0.contains("an earlier supd has left processes of nested behind; killed: ")
                }
                _ = try await sandbox.output(of: "cat \(unit)/nested/supd-*/inner/cgroup.procs") {
                    !$0.isEmpty && $0 != inner
                }
            }
            _ = try await sandbox.require("systemctl stop supd.service")
        }
    }

    /// The manager of an ordinary user (`systemd --user`), which marks nothing before version 254: its unit asks for delegation, or does
    /// not; and a group that somebody has made for a user beside all units.
    @Test func aUsersDaemonHasGroupsWhereTheyWereGivenToIt() async throws {
        try await Sandbox.run { sandbox in
            _ = try await sandbox.require("useradd --uid 1234 --create-home tester")
            try await sandbox.write(
                "/etc/systemd/system/manager.service",
                "[Service]\nType=notify\nUser=tester\nDelegate=yes\nRuntimeDirectory=user/1234\n"
                    + "Environment=XDG_RUNTIME_DIR=/run/user/1234 HOME=/home/tester\nExecStart=/lib/systemd/systemd --user\n"
            )
            let units = "/etc/systemd/user"
            for (name, setting) in [("with", "Delegate=yes"), ("without", "")] {
                try await sandbox.write(
                    "\(units)/\(name).service",
                    "[Service]\nType=notify\nNotifyAccess=main\nKillMode=mixed\n\(setting)\n"
                        + "ExecStart=/under-test/supd --config /etc/supd/supd.toml --socket /run/user/1234/\(name)\n")
            }
            try await sandbox.write("/etc/supd/supd.toml", TOML.service("web", [Self.child, "family"]))
            _ = try await sandbox.require("systemctl daemon-reload && systemctl start manager.service")
            let user = "setpriv --reuid 1234 --regid 1234 --clear-groups env XDG_RUNTIME_DIR=/run/user/1234 "
            _ = try await sandbox.require(user + "systemctl --user start with.service without.service")
            let slice = "/system.slice/manager.service/app.slice"
            for (name, group) in [("with", "\(slice)/with.service/web"), ("without", "\(slice)/without.service")] {
                let status = try await sandbox.require(
                    "SUPD_SOCKET=/run/user/1234/\(name) /under-test/supctl status --json web")
                let pid = try JSONValue(parsing: status).services.array[0].requirePID()
                #expect(try await sandbox.require("grep ^0:: /proc/\(pid)/cgroup") == "0::\(group)\n")
            }
            _ = try await sandbox.require(user + "systemctl --user stop with.service without.service")
            // Somebody makes a group for the user.
            let given = "/sys/fs/cgroup/given"
            _ = try await sandbox.require(
                "mkdir \(given) && chown tester: \(given) \(given)/cgroup.procs \(given)/cgroup.subtree_control")
            try await sandbox.write(
                "/usr/local/bin/in-given",
                "#!/bin/sh\necho $$ > \(given)/cgroup.procs\nexec \(user)/under-test/supd "
                    + "--config /etc/supd/supd.toml --socket /run/user/1234/given >/tmp/given.log 2>&1\n")
            _ = try await sandbox.require("chmod 755 /usr/local/bin/in-given; setsid --fork /usr/local/bin/in-given")
            let status = try await sandbox.output(
                of: "SUPD_SOCKET=/run/user/1234/given /under-test/supctl status --json web"
            ) { $0.contains("RUNNING") }
            let pid = try JSONValue(parsing: status).services.array[0].requirePID()
            let group = try await sandbox.require("grep ^0:: /proc/\(pid)/cgroup")
            #expect(group.hasPrefix("0::/given/supd-") && group.hasSuffix("/web\n"), "\(group)")
            _ = try await sandbox.require("SUPD_SOCKET=/run/user/1234/given /under-test/supctl shutdown --wait")
        }
    }

    /// systemd's own unit for a user's manager, with what it delegates to that (`Delegate=pids memory cpu`), and the unit of supd's that is
    /// installed for users: a limit is set where the kernel has its controller, and else the error says who has not.
    @Test func aUsersServiceHasItsLimitOrItsControllerIsNamed() async throws {
        try await Sandbox.run { sandbox in
            _ = try await sandbox.require("useradd --uid 1234 --create-home tester")
            // What systemd-logind and pam_systemd do.
            try await sandbox.write(
                "/etc/systemd/system/user-runtime-dir@.service",
                "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/usr/bin/install -d -m 700 -o %i /run/user/%i\n"
            )
            try await sandbox.write(
                "/etc/systemd/system/user@.service.d/runtime.conf",
                "[Service]\nEnvironment=XDG_RUNTIME_DIR=/run/user/%i\n")
            let unit = try String(
                contentsOfFile: Programs.root + "/contrib/systemd/user/supd.service", encoding: .utf8)
            try await sandbox.write(
                "/etc/systemd/user/supd.service", unit.replacing("=/usr/bin/sup", with: "=/under-test/sup"))
            try await sandbox.write(
                "/home/tester/.config/supd/supd.toml",
                TOML.service("web", [Self.child, "wait"])
                    + TOML.service(
                        "limited", [Self.child, "wait"], #"restart = "no""#, #"resources = { pids_max = 50 }"#))
            _ = try await sandbox.require(
                "chown -R tester /home/tester; systemctl daemon-reload; systemctl start user@1234.service")
            let user =
                "setpriv --reuid 1234 --regid 1234 --clear-groups env XDG_RUNTIME_DIR=/run/user/1234 HOME=/home/tester "
            _ = try await sandbox.require(user + "systemctl --user start supd.service")
            let manager = "/user.slice/user-1234.slice/user@1234.service"
            let controllers = try await sandbox.require("cat /sys/fs/cgroup\(manager)/cgroup.controllers")
            let status = try await sandbox.shell(user + "/under-test/supctl status --json").output
            let services = try JSONValue(parsing: status).services.array
            let web = try services[0].requirePID()
            let supd = "\(manager)/app.slice/supd.service"
            #expect(try await sandbox.require("grep ^0:: /proc/\(web)/cgroup") == "0::\(supd)/web\n")
            if controllers.contains("pids") {
                #expect(services[1].state == "RUNNING")
                #expect(try await sandbox.require("cat /sys/fs/cgroup\(supd)/limited/pids.max") == "50\n")
            } else {
                #expect(services[1].state == "FATAL" && services[1].last_exit.stage == "resources")
                let reason = services[1].reason.string ?? ""
                #expect(reason.contains("\(supd) has ") && reason.contains("a kernel that has 'pids'"), "\(reason)")
            }
            _ = try await sandbox.require(user + "systemctl --user stop supd.service")
            #expect(try await sandbox.shell("ls /sys/fs/cgroup\(supd)").code != 0)
        }
    }

    @Test func withoutDelegationGroupsAreSystemdsAlone() async throws {
        try await Sandbox.run { sandbox in
            try await start(
                TOML.service("web", [Self.child, "wait"])
                    + TOML.service(
                        "limited", [Self.child, "wait"], #"restart = "no""#,
                        #"resources = { memory_max = "64MiB" }"#), in: sandbox)
            #expect(try await group(of: "web", in: sandbox) == "0::/system.slice/supd.service\n")
            let log = try await sandbox.require("journalctl -u supd.service --no-pager -o cat")
            #expect(log.contains("systemd has not delegated"), "\(log)")
            let status = try await sandbox.shell("/under-test/supctl status --json limited").output
            let limited = try JSONValue(parsing: status).services.array[0]
            #expect(limited.state == "FATAL" && limited.last_exit.stage == "resources")
            #expect(limited.reason.string?.contains("set Delegate=") == true, "\(limited.text)")
            _ = try await sandbox.require("systemctl stop supd.service")
        }
    }

    /// What this kernel has no controller for in version 2 is an error before the start, that says so; what it has is set.
    @Test func aLimitIsSetOrItsControllerIsNamed() async throws {
        try await Sandbox.run { sandbox in
            try await start(
                TOML.service(
                    "limited", [Self.child, "wait"], #"restart = "no""#, #"resources = { pids_max = 50 }"#),
                dropIn: "Delegate=yes", in: sandbox)
            let unit = "/sys/fs/cgroup/system.slice/supd.service"
            let controllers = try await sandbox.require("cat \(unit)/cgroup.controllers")
            let status = try await sandbox.shell("/under-test/supctl status --json limited").output
            let limited = try JSONValue(parsing: status).services.array[0]
            if controllers.contains("pids") {
                #expect(limited.state == "RUNNING")
                #expect(try await sandbox.require("cat \(unit)/limited/pids.max") == "50\n")
            } else {
                #expect(limited.state == "FATAL" && limited.last_exit.stage == "resources")
                let reason = limited.reason.string ?? ""
                #expect(reason.contains("pids_max") && reason.contains("set Delegate=pids"), "\(reason)")
            }
            _ = try await sandbox.require("systemctl stop supd.service")
        }
    }

    /// An end for want of memory is told apart from another SIGKILL.
    @Test func aServiceThatUsesUpItsMemorySaysSo() async throws {
        let controllers = try await run(
            "/bin/sh", ["-c", "cat $(findmnt -n -o TARGET -t cgroup2 | head -n 1)/cgroup.controllers"]
        )
        .output
        // Before the machine is made: who is cancelled in it cannot end it.
        guard controllers.contains("memory") else {
            try Test.cancel("version 2 of control groups has no memory controller here: '\(controllers.dropLast())'")
        }
        try await Sandbox.run { sandbox in
            try await start(
                TOML.service(
                    "hungry", ["/usr/bin/tail", "/dev/zero"], #"restart = "no""#,
                    #"resources = { memory_max = "16MiB" }"#,
                    #"exec_stop_post = "/bin/sh -c 'printenv SERVICE_RESULT EXIT_CODE EXIT_STATUS >/run/told'""#),
                dropIn: "Delegate=yes", in: sandbox)
            let status = try await sandbox.output(of: "/under-test/supctl status --json hungry") {
                $0.contains("EXITED")
            }
            let exit = try JSONValue(parsing: status).services.array[0].last_exit
            #expect(exit.out_of_memory == true && exit.signal == "SIGKILL", "\(exit.text)")
            #expect(try await sandbox.require("cat /run/told") == "oom-kill\nkilled\nKILL\n")
            _ = try await sandbox.require("systemctl stop supd.service")
        }
    }
}
