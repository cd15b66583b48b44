import Testing

/// `supctl scale` on the real daemon.
@Suite(.daemons)
struct ScaleTests {
    private func names(_ daemon: Daemon) async throws -> [String] {
        try await daemon.services().map { "\($0.name.string ?? "?") \($0.state.string ?? "?")" }
    }

    @Test func instancesComeAndGoWhileTheFirstRunsOn() async throws {
        let folder = try TemporaryFolder()
        let configuration = TOML.service(
            "web", [Programs.testchild, "into", "%n.%i", "wait"],
            "working_directory = \(TOML.quoted(folder.path))")
        try await withDaemon(configuration, folder: folder) { daemon in
            let first = try await daemon.service("web").requirePID()
            let up = try await daemon.supctl("scale", "web=3")
            #expect(up.code == 0, "\(up)")
            #expect(try await names(daemon) == ["web@1 RUNNING", "web@2 RUNNING", "web@3 RUNNING"])
            #expect(try await daemon.service("web@1").requirePID() == first)
            // Each was given its number.
            _ = try await folder.announcedPID(in: "web.2")
            _ = try await folder.announcedPID(in: "web.3")
            let last = try await daemon.service("web@3").requirePID()
            #expect(try await daemon.supctl("scale", "web=2").code == 0)
            #expect(try await names(daemon) == ["web@1 RUNNING", "web@2 RUNNING"])
            #expect(!ProcessTable.isAlive(last))
            #expect(try await daemon.supctl("status", "web@3").code == 4)
            #expect(try await daemon.supctl("scale", "web=3").code == 0)
            #expect(try await daemon.service("web@3").state == "RUNNING")
            #expect(try await daemon.supctl("scale", "web=1").code == 0)
            #expect(try await names(daemon) == ["web@1 RUNNING"])
            #expect(try await daemon.service("web").requirePID() == first)
            #expect(try await daemon.terminate() == .exited(0))
        }
    }

    @Test func theFirstKeepsTheLinesThatItHadBeforeItHadANumber() async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            _ = try await daemon.log.first(by: .usual) { $0.contains("web[") && $0.contains("ready") }
            #expect(try await daemon.supctl("scale", "web=2").code == 0)
            try await daemon.order("restart", "web@1")
            _ = try await daemon.log.first(by: .usual) { $0.contains("web@1[") && $0.contains("ready") }
            let lines = try await daemon.supctl("logs", "web@1").output
            #expect(lines.matches(of: /ready/).count == 2, "\(lines)")
        }
    }

    @Test func whatCannotBeScaledIsRefused() async throws {
        let folder = try TemporaryFolder()
        let configuration = TOML.child(
            "web", ["wait"], #"log = { sink = "file", file = \#(TOML.quoted(folder.path("web.log"))) }"#)
        try await withDaemon(configuration, folder: folder) { daemon in
            let shared = try await daemon.supctl("scale", "web=2")
            #expect(shared.code == 1 && shared.error.contains("put %i into its name"), "\(shared)")
            let unknown = try await daemon.supctl("scale", "wbe=2")
            #expect(unknown.code == 4 && unknown.error.contains("did you mean 'web'?"), "\(unknown)")
            _ = try await daemon.supctl("drain", "--wait")
            let drained = try await daemon.supctl("scale", "web=1")
            #expect(drained.code == 1 && drained.error.contains("supctl resume"), "\(drained)")
        }
    }

    @Test func anOrderThatCannotBeCarriedOutInTimeSaysWhoIsLate() async throws {
        let configuration = TOML.child("web", ["ignore-term"], "instances = 2", #"timeout_stop = "20s""#)
        try await withDaemon(configuration) { daemon in
            // Deaf to SIGTERM once they say that they are.
            for name in ["web@1", "web@2"] {
                _ = try await daemon.log.first(by: .usual) { $0.contains("\(name)[") && $0.contains("ready") }
            }
            let late = try await daemon.supctl("scale", "web=1", "--timeout", "300ms")
            #expect(late.code == 75 && late.error.contains("web@2 is STOPPING"), "\(late)")
        }
    }

    /// A start that has begun without a number ends under the same name, whatever the instance is called by then.
    @Test(arguments: ["auto", "off"])
    func whatBeganWithoutANumberIsFoundOnceThereIsOne(groups: String) async throws {
        let folder = try TemporaryFolder()
        let before = "echo begun >begun; until test -e go; do sleep 0.01; done"
        let configuration =
            "[supervisor]\ncontrol_groups = \"\(groups)\"\n"
            + TOML.child(
                "web", ["into", "tree", "family"], "exec_start_pre = \(TOML.list(["/bin/sh", "-c", before]))",
                "working_directory = \(TOML.quoted(folder.path))", #"timeout_stop = "200ms""#)
        try await withDaemon(configuration, folder: folder, untilReady: false) { daemon in
            try await daemon.serves()
            _ = try await folder.text(of: "begun")
            #expect(try await daemon.supctl("scale", "web=2", "--no-wait").code == 0)
            try folder.write("go", "")
            for name in ["web@1", "web@2"] { try await daemon.service(name, becomes: "RUNNING") }
            let shown = try await daemon.connect().call("service.tree", ["services": ["web"]]).services.array
            for instance in shown { #expect(instance.processes.array.count > 0, "\(instance.text)") }
            let tree = TemporaryFolder.pids(
                try await folder.text(of: "tree") { $0.filter { $0 == "\n" }.count == 10 })
            try await daemon.order("stop", "web")
            #expect(tree.filter(ProcessTable.isAlive) == [])
        }
    }
}
