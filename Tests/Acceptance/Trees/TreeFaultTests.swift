import Foundation
import Glibc
import Testing

/// Faults of design/faults.md that are about trees, on the real daemon: as root with control groups and without, and as an
/// ordinary user.
@Suite(.daemons)
struct TreeFaultTests {
    private func tree(in folder: TemporaryFolder, count: Int) async throws -> [Int] {
        let text = try await folder.text(of: "tree") { TemporaryFolder.pids($0).count >= count }
        return TemporaryFolder.pids(text)
    }

    /// The folder that a daemon makes the control groups in.
    private func groupBase(of daemon: Daemon) async throws -> String {
        let status = try await daemon.connect().call("supervisor.status")
        return try #require(status.process_tracking.path.string, "\(status.text)")
    }

    /// What a main process leaves behind is seen while it is there, gets the stop steps, and EXITED is said after it.
    @Test(arguments: Standing.allCases)
    func stragglersAreSeenAndEnded(_ standing: Standing) async throws {
        let folder = try standing.folder()
        let services = TOML.child(
            "web", ["into", folder.path("tree"), "family"], #"timeout_stop = "6s""#, #"restart = "no""#)
        try await standing.run(services, in: folder) { daemon in
            let processes = try await tree(in: folder, count: 5)
            let main = try await daemon.service("web").requirePID()
            try ProcessTable.kill(main, SIGKILL)
            let seen = try await daemon.service("web", becomes: "seen with stragglers") {
                $0.state == "STOPPING" && $0.left_behind.array.count >= 5
            }
            #expect(seen.pid == .null && seen.reason.string?.contains("that it left behind: ") == true, "\(seen.text)")
            let shown = try await daemon.supctl("status", "web")
            #expect(shown.code == 3 && shown.output.contains("left behind"), "\(shown)")
            let listed = try await daemon.supctl("tree", "web")
            let left = processes.filter { $0 != main }
            #expect(left.allSatisfy { listed.output.contains("\($0) ") }, "\(listed.output)")
            try await daemon.service("web", becomes: "EXITED")
            #expect(left.filter(ProcessTable.isAlive) == [])
            #expect(try await daemon.service("web").left_behind.array.isEmpty)
        }
    }

    /// Fault 2, where the kernel says so.
    @Test(arguments: Standing.allCases, ["EAGAIN", "ENOMEM"])
    func aForkThatFailsIsTriedAgainAndNobodysFailure(_ standing: Standing, error: String) async throws {
        let folder = try standing.folder()
        let strace = ["/usr/bin/strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=clone3,clone,fork,vfork"]
        // The first two make the threads that keep deadlines.
        let injection = ["-e", "inject=clone3,clone,fork,vfork:error=\(error):when=3..4"]
        guard access(strace[0], X_OK) == 0 else { try Test.cancel("there is no strace here") }
        try await standing.run(TOML.child("web", ["wait"]), in: folder, launcher: strace + injection) { daemon in
            let web = try await daemon.service("web", becomes: "RUNNING")
            #expect(web.restarts.int == 0 && web.last_exit.errno.string == error, "\(web.text)")
            let failures = daemon.log.all.filter { $0.contains("web could not be started: clone: \(error)") }
            #expect(failures.count >= 1)
        }
    }

    /// Fault 2, where a limit is reached: what finds no room is tried again for as long as that takes.
    @Test func whatFindsNoRoomStartsWhenThereIsSome() async throws {
        let folder = try Standing.user.folder()
        let services = (1...8).map { TOML.child("s\($0)", ["wait"], "start_limit_burst = 2") }.joined()
        // A user of its own: the limit counts all processes of one.
        let user = 64_123
        chown(folder.path, uid_t(user), gid_t(user))
        let asUser = ["/usr/bin/setpriv", "--reuid=\(user)", "--regid=\(user)", "--clear-groups", "/usr/bin/prlimit"]
        try await withDaemon(services, folder: folder, launcher: asUser + ["--nproc=6:100"], untilReady: false) {
            daemon in
            try await daemon.serves()
            // Which of them is a matter of moments.
            let deadline = Deadline.usual
            var waiting: JSONValue?
            while waiting == nil {
                try #require(!deadline.hasPassed, "nobody is tried again")
                waiting = try await daemon.services().first { $0.state == "BACKOFF" && $0.attempt.int ?? 0 > 3 }
                _ = try await daemon.process.ended(by: deadline.orEarlier(in: 0.01))
            }
            let one = try #require(waiting)
            #expect(one.restarts.int == 0 && one.last_exit.errno == "EAGAIN", "\(one.text)")
            // It is said once, and not twice for each of the tries.
            let name = try #require(one.name.string)
            let said = daemon.log.all.filter { $0.contains(" \(name) could not") || $0.contains(" \(name) will be") }
            #expect(said.count == 1 && said[0].contains("EAGAIN"), "\(said)")
            let some = try await daemon.services().filter { $0.state == "RUNNING" }.count
            #expect(some > 0 && some < 8)
            let raise = asUser.dropFirst() + ["--pid", "\(daemon.process.pid)", "--nproc=100:100"]
            let raised = try await run(asUser[0], Array(raise))
            #expect(raised.code == 0, "\(raised)")
            for service in 1...8 {
                let state = try await daemon.service("s\(service)", becomes: "RUNNING")
                #expect(state.restarts.int == 0, "\(state.text)")
            }
        }
    }

    /// Fault 3, whatever step of the start comes to it first.
    @Test(arguments: [Standing.groups, .descent])
    func aStartWithoutDescriptorsIsTriedAgainAndNobodysFailure(_ standing: Standing) async throws {
        let folder = try standing.folder()
        let web = TOML.child(
            "web", ["wait"], "enabled = false", #"restart = "no""#, "start_limit_burst = 1",
            #"exec_start_pre = "/bin/true""#)
        try await standing.run(web, in: folder) { daemon in
            let connection = try daemon.connect()
            // Accepted, and so among those that are open.
            _ = try await connection.call("supervisor.ping")
            func allow(_ descriptors: Int) async throws {
                let arguments = ["--pid", "\(daemon.process.pid)", "--nofile=\(descriptors):"]
                let output = try await run("/usr/bin/prlimit", arguments)
                #expect(output.code == 0, "\(output)")
            }
            func order(_ verb: String) async throws -> JSONValue {
                _ = try await connection.call("service.\(verb)", ["services": ["web"]])
                let states = verb == "start" ? ["BACKOFF", "RUNNING", "FATAL", "EXITED"] : ["STOPPED"]
                let deadline = Deadline.usual
                while true {
                    let status = try await connection.call("service.status", ["services": ["web"]])
                    let web = try #require(status.services.array.first)
                    if states.contains(web.state.string ?? "") { return web }
                    try #require(!deadline.hasPassed, "\(web.text)")
                    _ = try await daemon.process.ended(by: deadline.orEarlier(in: 0.01))
                }
            }
            let folder = "/proc/\(daemon.process.pid)/fd"
            func pipes() throws -> Int {
                try FileManager.default.contentsOfDirectory(atPath: folder).count {
                    let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")
                    return target?.hasPrefix("pipe:") == true
                }
            }
            let pipesBefore = try pipes()
            let open = try FileManager.default.contentsOfDirectory(atPath: folder).count
            var stages: Set<String> = []
            // Some of them may have been open for a moment only, as the files of /proc that it looks at.
            for more in -6...8 {
                try await allow(open + more)
                let web = try await order("start")
                #expect(web.state == "BACKOFF" || web.state == "RUNNING", "\(web.text)")
                if web.state == "BACKOFF" {
                    #expect(web.reason.string?.contains("tried again as it is not its fault") == true, "\(web.text)")
                    #expect(web.last_exit.errno == "EMFILE" && web.restarts.int == 0, "\(web.text)")
                    stages.insert(web.last_exit.stage.string ?? "")
                }
                _ = try await order("stop")
            }
            #expect(stages.count > 1, "\(stages)")
            try await allow(1_000)
            #expect(try await order("start").state == "RUNNING")
            _ = try await order("stop")
            #expect(try pipes() == pipesBefore, "what a start that failed had open")
            guard standing == .groups else { return }
            // Another daemon that begins removes a base that is empty and nobody's.
            let base = try await groupBase(of: daemon)
            #expect(try await run("/usr/bin/flock", ["--nonblock", base, "/bin/true"]).code == 1, "\(base)")
        }
    }

    /// A brother of fault 3: who tidies up takes the empty group of an idle daemon for nobody's.
    @Test func aBaseThatSomebodyHasRemovedIsMadeAnew() async throws {
        let web = TOML.child("web", ["wait"], #"restart = "no""#)
        try await Standing.groups.run(web, in: try Standing.groups.folder()) { daemon in
            let first = try await daemon.service("web", becomes: "RUNNING").requirePID()
            let base = try await groupBase(of: daemon)
            #expect(try await daemon.supctl("stop", "web").code == 0)
            // The group of the last process goes once the loop has nothing else to do.
            let deadline = Deadline.usual
            while rmdir(base) != 0 {
                try #require(!deadline.hasPassed, "errno \(errno)")
                _ = try await daemon.process.ended(by: deadline.orEarlier(in: 0.01))
            }
            #expect(try await daemon.supctl("start", "web").code == 0)
            let second = try await daemon.service("web", becomes: "RUNNING").requirePID()
            #expect(first != second)
            #expect(try await groupBase(of: daemon) == base)
            #expect(try await run("/usr/bin/flock", ["--nonblock", base, "/bin/true"]).code == 1)
        }
    }

    /// Fault 5.
    @Test(arguments: Standing.allCases)
    func anOutputThatAGrandchildHoldsPutsNoEndOff(_ standing: Standing) async throws {
        let folder = try standing.folder()
        let services = TOML.child("web", ["leave-output-open"], #"restart = "no""#, #"timeout_stop = "300ms""#)
        try await standing.run(services, in: folder) { daemon in
            let web = try await daemon.service("web", becomes: "EXITED")
            #expect(web.last_exit.code == 0)
            let said = try await daemon.supctl("logs", "web").output
            let holder = try #require(said.firstMatch(of: /child ([0-9]+)/).flatMap { Int($0.1) }, "\(said)")
            #expect(!ProcessTable.isAlive(holder))
        }
    }

    /// Fault 7.
    @Test(arguments: Standing.allCases)
    func aClosedOutputIsNoEnd(_ standing: Standing) async throws {
        let folder = try standing.folder()
        let services =
            TOML.child("web", ["close-output"])
            + TOML.child("other", ["into", folder.path("up"), "wait"])
        try await standing.run(services, in: folder) { daemon in
            let pid = try await daemon.service("web", becomes: "RUNNING").requirePID()
            let deadline = Deadline.usual
            while access("/proc/\(pid)/fd/1", F_OK) == 0, !deadline.hasPassed { await Task.yield() }
            #expect(access("/proc/\(pid)/fd/1", F_OK) != 0)
            // Another service is ordered and obeys: whatever the loop had to tell of the first is told by then.
            try await daemon.order("restart", "other")
            let web = try await daemon.service("web")
            #expect(web.state == "RUNNING" && web.restarts.int == 0 && web.pid.int == pid)
        }
    }

    /// Fault 8.
    @Test(arguments: Standing.allCases)
    func aStoppedChildHearsItsStopSignal(_ standing: Standing) async throws {
        let folder = try standing.folder()
        let services = TOML.child("web", ["into", folder.path("up"), "stop-self"], #"timeout_stop = "15s""#)
        try await standing.run(services, in: folder) { daemon in
            let pid = try await folder.announcedPID(in: "up")
            let deadline = Deadline.usual
            while ProcessTable.state(of: pid) != "T", !deadline.hasPassed { await Task.yield() }
            try await daemon.order("stop", "web")
            let web = try await daemon.service("web")
            #expect(web.state == "STOPPED" && web.last_exit.code == 0, "\(web.text)")
        }
    }

    /// Fault 9: deaf to SIGTERM, in sessions of their own, and more of them while they are stopped.
    @Test(arguments: Standing.allCases)
    func wholeTreesAreEndedHoweverTheyResist(_ standing: Standing) async throws {
        let folder = try standing.folder()
        let services =
            TOML.child("deaf", ["into", folder.path("tree"), "tree", "5"], #"timeout_stop = "300ms""#)
            + TOML.child("bomb", ["into", folder.path("bomb"), "multiply-on-term", "6"], #"timeout_stop = "500ms""#)
        try await standing.run(services, in: folder) { daemon in
            let processes = try await tree(in: folder, count: 6)
            _ = try await folder.text(of: "bomb") { $0.contains("ready") }
            try await daemon.order("stop", "deaf", "bomb")
            for name in ["deaf", "bomb"] { #expect(try await daemon.service(name).state == "STOPPED") }
            #expect(processes.filter(ProcessTable.isAlive) == [])
            #expect(
                try await daemon.connect().call("service.tree").services.array.allSatisfy { $0.processes.array.isEmpty }
            )
        }
    }

    /// Fault 9, where nothing but the control group tells whose a process is.
    @Test func whatHidesItsOriginIsFoundInItsGroup() async throws {
        let folder = try Standing.groups.folder()
        let services = TOML.child(
            "web", ["into", folder.path("tree"), "stubborn-tree", "5"], #"timeout_stop = "300ms""#)
        try await Standing.groups.run(services, in: folder) { daemon in
            let processes = try await tree(in: folder, count: 6)
            try await daemon.order("stop", "web")
            #expect(try await daemon.service("web").state == "STOPPED")
            #expect(processes.filter(ProcessTable.isAlive) == [])
        }
    }

    /// Fault 9, at the daemon's own end. The stray is a daemon that nothing tells the origin of, as sudo(8) would leave it: it is
    /// found as supd's own descendant.
    @Test(arguments: Standing.allCases)
    func nothingThatAServiceStartedOutlivesTheDaemon(_ standing: Standing) async throws {
        let folder = try standing.folder()
        let services =
            TOML.child("web", ["into", folder.path("tree"), "family"], #"timeout_stop = "500ms""#)
            + TOML.child("stray", ["into", folder.path("tree"), "daemonize-unmarked"], #"timeout_stop = "500ms""#)
        try await standing.run(services, in: folder) { daemon in
            let processes = try await tree(in: folder, count: 6)
            #expect(processes.allSatisfy(ProcessTable.isAlive))
            #expect(try await daemon.terminate() == .exited(0))
            // The stray was killed last, and a kill takes a moment to be seen.
            for pid in processes { #expect(try await ProcessTable.isGone(pid, by: .seconds(2)), "\(pid)") }
        }
    }

    /// Fault 11, twice in a row.
    @Test(arguments: Standing.allCases)
    func whatAKilledDaemonLeftIsEndedBeforeAnythingIsStarted(_ standing: Standing) async throws {
        let folder = try standing.folder()
        let services = TOML.child("web", ["into", folder.path("tree"), "family"], #"timeout_stop = "300ms""#)
        var old: [Int] = []
        for round in 0..<3 {
            unlink(folder.path("tree"))
            try await standing.run(services, in: folder) { daemon in
                let new = try await tree(in: folder, count: 5)
                #expect(old.filter(ProcessTable.isAlive) == [], "round \(round): two copies")
                let told = daemon.log.all.first {
                    $0.contains("an earlier supd has left processes of web behind; killed: ")
                }
                #expect((told != nil) == (round > 0), "round \(round)")
                for pid in old {
                    #expect(told?.contains("\(pid) (") == true, "round \(round): \(pid) in \(told ?? "")")
                }
                old = new
                guard round < 2 else { return }
                daemon.process.signal(SIGKILL)
                #expect(try await daemon.ended() == .signaled(SIGKILL))
                #expect(new.allSatisfy(ProcessTable.isAlive), "they are left behind")
                daemon.leavesServices()
            }
        }
    }

    /// Fault 11, of what shows no mark: it has no environment, as who overwrites it for its title has none that is to be read.
    @Test(arguments: Standing.allCases)
    func whatHidesItsEnvironmentIsEndedAsWell(_ standing: Standing) async throws {
        let folder = try standing.folder()
        let program = TOML.list(["/usr/bin/env", "-i", Programs.testchild, "into", folder.path("tree"), "tree", "2"])
        var old: [Int] = []
        for _ in 0..<2 {
            unlink(folder.path("tree"))
            try await standing.run("[service.web]\nexec_start = \(program)\n", in: folder) { daemon in
                let new = try await tree(in: folder, count: 3)
                #expect(old.filter(ProcessTable.isAlive) == [], "two copies")
                guard old.isEmpty else { return }
                old = new
                if standing != .groups {
                    let pid = try #require(await daemon.service("web").pid.int)
                    _ = try await folder.text(of: "control.sock.lock.leaders") { $0.contains("\n\(pid) ") }
                }
                daemon.process.signal(SIGKILL)
                #expect(try await daemon.ended() == .signaled(SIGKILL))
                #expect(new.allSatisfy(ProcessTable.isAlive), "they are left behind")
                daemon.leavesServices()
            }
        }
        #expect(folder.read("control.sock.lock.leaders") == nil, "after a clean end there is nothing to look for")
    }

    /// Fault 11, of a program that a plugin has started: here one that asks whether a service is ready.
    @Test(arguments: Standing.allCases)
    func aPluginsProgramsAreEndedAsWell(_ standing: Standing) async throws {
        let folder = try standing.folder()
        let asks = TOML.list([Programs.testchild, "into", folder.path("asks"), "wait"])
        let services = TOML.child("web", ["wait"], "ready = { type = \"exec\", command = \(asks), timeout = \"60s\" }")
        var old: Int?
        for _ in 0..<2 {
            unlink(folder.path("asks"))
            try await standing.run(services, in: folder) { daemon in
                let new = try await folder.announcedPID(in: "asks")
                if let old {
                    #expect(!ProcessTable.isAlive(old), "it is left running")
                    #expect(daemon.log.all.contains { $0.contains("has left processes of plugin probes behind") })
                    return
                }
                daemon.process.signal(SIGKILL)
                #expect(try await daemon.ended() == .signaled(SIGKILL))
                daemon.leavesServices()
                old = new
            }
        }
    }

    /// Fault 13: each of many that end together tells its own status.
    @Test(arguments: Standing.allCases)
    func everyChildTellsItsOwnStatus(_ standing: Standing) async throws {
        let folder = try standing.folder()
        let services =
            TOML.child("orphans", ["into", folder.path("done"), "brief-orphans", "200"])
            + (0..<200).map { TOML.child("s\($0)", ["exit", "\($0)"], #"restart = "no""#) }.joined()
        try await standing.run(services, in: folder) { daemon in
            _ = try await folder.announcedPID(in: "done")
            for number in 0..<200 {
                let exit = try await daemon.service("s\(number)", becomes: "EXITED").last_exit
                #expect(exit.code.int == number)
            }
        }
    }

    /// Fault 14: never taken for a program that exits 127.
    @Test(arguments: Standing.allCases)
    func aProgramThatCannotBeRunIsToldWithItsError(_ standing: Standing) async throws {
        let folder = try standing.folder()
        try await folder.writeProgram("text", "no program\n")
        try folder.write("plain", "#!/bin/sh\n")
        let busy = try folder.openProgram("busy", copiedFrom: Programs.testchild)
        defer { close(busy) }
        let services =
            TOML.service("absent", [folder.path("absent")], #"restart = "no""#)
            + TOML.service("plain", [folder.path("plain")], #"restart = "no""#)
            + TOML.service("text", [folder.path("text")], #"restart = "no""#)
            + TOML.service("busy", [folder.path("busy")], #"restart = "no""#)
            + TOML.service("long", ["/bin/true", String(repeating: "x", count: 200_000)], #"restart = "no""#)
        try await standing.run(services, in: folder) { daemon in
            let errors = [
                "absent": "ENOENT", "plain": "EACCES", "text": "ENOEXEC", "busy": "ETXTBSY", "long": "E2BIG",
            ]
            for (name, error) in errors {
                let exit = try await daemon.service(name, becomes: "FATAL").last_exit
                #expect(
                    exit.errno.string == error && exit.stage == "exec" && exit.code == .null, "\(name): \(exit.text)")
            }
        }
    }

    /// Fault 15.
    @Test(arguments: Standing.allCases)
    func aServiceInheritsNothing(_ standing: Standing) async throws {
        let folder = try standing.folder()
        let services = TOML.child("web", ["into", folder.path("up"), "report"], #"restart = "no""#)
        try await standing.run(services, in: folder, launcher: [Programs.testchild, "soil"]) { daemon in
            try await daemon.service("web", becomes: "EXITED")
            let text = folder.read("up") ?? ""
            let pairs = text.split(separator: "\n").map { line in
                let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
            }
            let report = Dictionary(pairs) { first, _ in first }
            #expect(report["umask"] == "0022")
            for mask in ["SigBlk", "SigIgn", "SigCgt"] { #expect(report[mask] == "0000000000000000", "\(mask)") }
            #expect(report.keys.filter { $0.hasPrefix("fd.") }.sorted() == ["fd.0", "fd.1", "fd.2"])
            let variables = report.keys.filter { $0.hasPrefix("env.") }.sorted()
            #expect(
                variables == [
                    "env.INVOCATION_ID", "env.PATH", "env.SUPD_INSTANCE", "env.SUPD_INVOCATION", "env.SUPD_SERVICE",
                ])
        }
    }
}
