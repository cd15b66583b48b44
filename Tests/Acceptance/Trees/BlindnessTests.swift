import Glibc
import Testing

/// What a daemon may not look at, or has no descriptor left to look with, is not taken for gone.
@Suite(.daemons)
struct BlindnessTests {
    /// Sets how many descriptors the daemon may have; below what it has, it opens none any more.
    private func limit(_ daemon: Daemon, to count: Int) async throws {
        let output = try await run("/usr/bin/prlimit", ["--pid", "\(daemon.process.pid)", "--nofile=\(count):"])
        guard output.code == 0 else { throw Failure("\(output)") }
    }

    /// Fault 3, and the tree of a service that ends meanwhile.
    @Test(arguments: [Standing.groups, .descent])
    func aTreeIsNotProvedGoneWithoutDescriptors(_ standing: Standing) async throws {
        let folder = try standing.folder()
        let services = TOML.child(
            "web", ["into", folder.path("tree"), "family"], #"timeout_stop = "300ms""#, #"restart = "no""#)
        try await standing.run(services, in: folder) { daemon in
            let text = try await folder.text(of: "tree") { TemporaryFolder.pids($0).count >= 5 }
            let processes = TemporaryFolder.pids(text)
            let main = try await daemon.service("web").requirePID()
            let connection = try daemon.connect()
            _ = try await connection.call("supervisor.ping")
            try await limit(daemon, to: 3)
            try ProcessTable.kill(main, SIGKILL)
            var state = ""
            let deadline = Deadline.usual
            while state != "STOPPING", !deadline.hasPassed {
                state = try await connection.call("service.status").services.array.first?.state.string ?? ""
            }
            // For as long as nothing can be proved, which is longer than the steps take.
            let later = Deadline.seconds(1)
            while !later.hasPassed {
                state = try await connection.call("service.status").services.array.first?.state.string ?? ""
                guard state == "STOPPING" else { break }
            }
            #expect(state == "STOPPING" || processes.filter(ProcessTable.isAlive) == [], "\(state)")
            try await limit(daemon, to: 1024)
            try await daemon.service("web", becomes: "EXITED")
            #expect(processes.filter(ProcessTable.isAlive) == [])
        }
    }

    @Test(arguments: [Standing.groups, .descent])
    func aShutdownWithoutDescriptorsReachesItsServices(_ standing: Standing) async throws {
        let folder = try standing.folder()
        let services = TOML.child("web", ["chronicle", folder.path("up"), "web"])
        try await standing.run(services, in: folder) { daemon in
            _ = try await folder.text(of: "up") { $0.contains("web up") }
            let pid = try await daemon.service("web").requirePID()
            try await limit(daemon, to: 3)
            daemon.process.signal(SIGTERM)
            #expect(try await ProcessTable.isGone(pid, by: .seconds(5)))
            #expect(folder.read("up") == "web up\nweb down\n")
            try await limit(daemon, to: 1024)
            #expect(try await daemon.ended() == .exited(0))
        }
    }

    /// With a reserve of descriptors a service is stopped as ever where the limit is reached by growing.
    @Test(arguments: [Standing.groups, .descent])
    func aStopAtTheLimitEndsTheWholeTree(_ standing: Standing) async throws {
        let folder = try standing.folder()
        let services = TOML.child("web", ["into", folder.path("tree"), "family"], #"timeout_stop = "300ms""#)
        try await standing.run(services, in: folder) { daemon in
            let text = try await folder.text(of: "tree") { TemporaryFolder.pids($0).count >= 5 }
            let processes = TemporaryFolder.pids(text)
            let connection = try daemon.connect()
            _ = try await connection.call("supervisor.ping")
            let open = try ProcessTable.descriptors(of: Int(daemon.process.pid))
            // The lowest number that is free is none of the allowed.
            let free = (0...).first { !open.contains($0) } ?? 0
            try await limit(daemon, to: free)
            _ = try await connection.call("service.stop", ["services": ["web"], "wait": true, "timeout": 20])
            // Out of its group a process is on its way out, and is seen for another moment.
            for pid in processes { #expect(try await ProcessTable.isGone(pid, by: .seconds(2)), "\(pid)") }
            try await limit(daemon, to: 1024)
            try await daemon.terminate()
            #expect(!daemon.log.all.contains { $0.contains("killed processes that no stop was for") })
        }
    }

    /// As in a container: root, but without the right to look into other users' processes.
    @Test func rootWithFewRightsFindsWhatOtherUsersServicesLeave() async throws {
        let folder = try Standing.descent.folder()
        chmod(folder.path, 0o755)
        let configuration =
            "[supervisor]\ncontrol_groups = \"off\"\n"
            + TOML.child(
                "web", ["into", folder.path("tree"), "family"], #"user = "nobody""#, #"timeout_stop = "300ms""#,
                #"restart = "no""#)
        let launcher = [
            "/usr/bin/setpriv",
            "--bounding-set=-all,+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap,+net_bind_service,"
                + "+net_raw,+sys_chroot,+mknod,+audit_write,+setfcap",
        ]
        var old: [Int] = []
        for round in 0..<2 {
            try folder.write("tree", "")
            chmod(folder.path("tree"), 0o666)
            unlink(folder.path("notify"))
            try await withDaemon(configuration, folder: folder, launcher: launcher) { daemon in
                let text = try await folder.text(of: "tree") { TemporaryFolder.pids($0).count >= 5 }
                let processes = TemporaryFolder.pids(text)
                #expect(old.filter(ProcessTable.isAlive) == [], "two copies")
                old = processes
                if round == 0 {
                    daemon.process.signal(SIGKILL)
                    #expect(try await daemon.ended() == .signaled(SIGKILL))
                    daemon.leavesServices()
                } else {
                    try ProcessTable.kill(try await daemon.service("web").requirePID(), SIGKILL)
                    try await daemon.service("web", becomes: "EXITED")
                    #expect(processes.filter(ProcessTable.isAlive) == [])
                }
            }
        }
    }

    /// Where supd cannot look at processes it says so, and no zeros.
    @Test func withoutProcWhatAServiceUsesIsUnknown() async throws {
        let launcher = ["/usr/bin/unshare", "--mount", "--propagation", "private", "/bin/sh", "-ec"]
        let hide = launcher + ["mount -t tmpfs none /proc; exec \"$@\"", "sh"]
        guard try await run(hide[0], Array(hide.dropFirst()) + ["/bin/true"]).code == 0 else {
            try Test.cancel("a mount namespace of its own is not allowed here")
        }
        let service = TOML.service("web", ["/bin/sleep", "1000"])
        try await withDaemon(service, launcher: hide) { daemon in
            try await daemon.service("web", becomes: "RUNNING")
            let tree = try await daemon.connect().call("service.tree").services.array.first ?? .null
            #expect(tree.processes.isNull && tree.cpu.isNull && tree.memory.isNull && tree.more.int == 1, "\(tree)")
            #expect(tree.keys.contains("processes") && tree.pid.int != nil, "\(tree)")
            #expect(
                try await daemon.supctl("tree").output == "web RUNNING, at least 1 process, CPU and memory unknown\n")
            let card = try await daemon.supctl("status", "web").output
            #expect(card.contains(" Tasks: at least 1\n") && card.contains(" Memory: unknown\n"), "\(card)")
            #expect(try await daemon.supctl("tree", "-o", "name,memory").output == "web\t-\n")
        }
    }

    /// Whoever freezes a service must not freeze the daemon with it.
    @Test func aFrozenServiceHoldsNobodyUp() async throws {
        let folder = try Standing.groups.folder()
        let services = TOML.child(
            "web", ["into", folder.path("up"), "wait"], #"exec_reload = "/bin/true""#, #"timeout_stop = "300ms""#)
        try await Standing.groups.run(services, in: folder) { daemon in
            _ = try await folder.announcedPID(in: "up")
            let base = try await daemon.connect().call("supervisor.status").process_tracking.path.string ?? ""
            try folder.overwrite(base + "/web/cgroup.freeze", with: "1")
            let reload = try await daemon.supctl("reload", "web")
            #expect(reload.code == 1 && reload.error.contains("the group is frozen"), "\(reload)")
            try await daemon.order("stop", "web")
            #expect(try await daemon.service("web").state == "STOPPED")
        }
    }

    /// A service's own groups below its own are its own, whatever commands run beside it.
    @Test func aCommandLeavesAServicesGroupsAlone() async throws {
        let folder = try Standing.groups.folder()
        let services = TOML.child("web", ["into", folder.path("up"), "wait"], #"exec_reload = "/bin/true""#)
        try await Standing.groups.run(services, in: folder) { daemon in
            _ = try await folder.announcedPID(in: "up")
            let base = try await daemon.connect().call("supervisor.status").process_tracking.path.string ?? ""
            #expect(mkdir(base + "/web/own", 0o755) == 0)
            #expect(try await daemon.supctl("reload", "web").code == 0)
            #expect(access(base + "/web/own", F_OK) == 0)
            try await daemon.order("stop", "web")
            // Nobody waits for its removal.
            let deadline = Deadline.usual
            while access(base + "/web", F_OK) == 0, !deadline.hasPassed { sched_yield() }
            #expect(access(base + "/web", F_OK) != 0)
        }
    }
}
