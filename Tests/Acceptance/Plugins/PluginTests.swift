import Glibc
import Testing

/// Plugins in a real daemon: what they bring, and that what they do wrong costs nobody else.
@Suite(.daemons)
struct PluginTests {
    private func does(_ words: [String]) -> String { "[plugins.trouble]\ndoes = \(TOML.list(words))\n" }

    @Test func aPluginThatThrowsFloodsOrNamesAJobTwiceCostsItselfOnly() async throws {
        let folder = try TemporaryFolder()
        let configuration =
            does(["throwing", "flooding", "twice"]) + TOML.child("web", ["chronicle", folder.path("up"), "web"])
        try await withDaemon(configuration, folder: folder, program: Programs.troubled) { daemon in
            try await daemon.becomesReady()
            _ = try await folder.text(of: "up")
            for said in [
                "job 'throwing' of plugin 'trouble' has failed: no reason at all",
                "plugin 'trouble' adds two of job 'twice'",
                "plugin 'trouble' logs faster than it is read",
            ] {
                let line = try await daemon.log.first(by: .usual) { $0.contains(said) }
                #expect(line != nil, "\(said)")
            }
            #expect(try await daemon.service("web").state == "RUNNING")
            #expect(try await daemon.terminate() == .exited(0))
        }
    }

    @Test func methodsOfPluginsAreCalledAndAnswer() async throws {
        let folder = try TemporaryFolder()
        let configuration = TOML.child("web", ["chronicle", folder.path("up"), "web"])
        try await withDaemon(configuration, folder: folder, program: Programs.troubled) { daemon in
            try await daemon.becomesReady()
            let connection = try daemon.connect()
            #expect(try await connection.call("plugin.trouble.echo", ["a": [1, "b"]]) == ["a": [1, "b"]])
            #expect(try await connection.call("plugin.trouble.services") == ["web RUNNING"])
            let failed = try await connection.exchange("plugin.trouble.echo", ["fail": true])
            #expect(failed.error.message == "plugin.trouble.echo: it was asked to fail", "\(failed.text)")
            let unknown = try await connection.exchange("plugin.trouble.ecco")
            #expect(unknown.error.data.suggestion == "plugin.trouble.echo", "\(unknown.text)")
            let list = try await connection.call("plugins.list")
            let trouble = try #require(list.plugins.array.first { $0.name == "trouble" })
            #expect(trouble.version == "1.2")
            #expect(trouble.brings.array.contains("method plugin.trouble.echo"), "\(trouble.text)")
        }
    }

    @Test func anEventSinkGetsEverythingInOrderToTheEnd() async throws {
        let folder = try TemporaryFolder()
        let configuration =
            "[plugins.recorder]\nfile = \(TOML.quoted(folder.path("events")))\n"
            + TOML.child("web", ["chronicle", folder.path("up"), "web"])
        try await withDaemon(configuration, folder: folder, program: Programs.troubled) { daemon in
            try await daemon.becomesReady()
            #expect(try await daemon.terminate() == .exited(0))
        }
        let lines = (folder.read("events") ?? "").split(separator: "\n").map(String.init)
        #expect(lines.enumerated().allSatisfy { $1.hasPrefix("\($0 + 1) ") }, "\(lines)")
        let said = lines.map { String($0.drop { $0 != " " }.dropFirst()) }
        let expected = [
            "web STOPPED>STARTING", "web STARTING>RUNNING", "ready", "drain: SIGTERM", "phase quiesce",
            "phase services",
            "web RUNNING>STOPPING", "web STOPPING>STOPPED", "phase flush",
        ]
        #expect(said.filter { expected.contains($0) } == expected, "\(said)")
        #expect(said.last?.hasPrefix("ended: ") == true, "\(said)")
    }

    @Test func aDrainIsUndone() async throws {
        let folder = try TemporaryFolder()
        let configuration = does(["patient", "first"]) + TOML.child("web", ["chronicle", folder.path("up"), "web"])
        try await withDaemon(configuration, folder: folder, program: Programs.troubled) { daemon in
            try await daemon.becomesReady()
            _ = try await daemon.connect().call("supervisor.drain", ["wait": true])
            #expect(try await daemon.service("web").state == "STOPPED")
            #expect(try await daemon.connect().call("supervisor.resume").state == "RUNNING")
            try await daemon.service("web", becomes: "RUNNING")
            let tasks = try await daemon.connect().call("tasks.list")
            #expect(tasks.tasks.array.contains { $0.name == "job patient" }, "\(tasks.text)")
            #expect(try await daemon.terminate() == .exited(0))
        }
    }

    @Test func supdListsItsPluginsAndChecksTheirOptions() async throws {
        let folder = try TemporaryFolder()
        let list = try await run(Programs.troubled, ["plugins"])
        #expect(list.code == 0)
        #expect(list.output.contains("trouble 1.2: Makes trouble on request."), "\(list.output)")
        #expect(list.output.contains("does = []") && list.output.contains("restart policy always"), "\(list.output)")
        try folder.write("bad.toml", "[plugins.trouble]\ndoes = [\"nothing good\"]\nfil = \"x\"\n")
        let check = try await run(Programs.troubled, ["check", "--config", folder.path("bad.toml")])
        #expect(check.code == 78)
        #expect(check.error.contains("bad.toml:3:1: 'fil' is not an option of plugin 'trouble'"), "\(check.error)")
        #expect(check.error.contains("did you mean 'file'?"))
        try folder.write("bad.toml", "[plugins.trouble]\ndoes = [\"nothing good\"]\n")
        let own = try await run(Programs.troubled, ["check", "--config", folder.path("bad.toml")])
        #expect(own.error.contains("bad.toml:2:8: 'plugins.trouble.does': knows no 'nothing good'"), "\(own.error)")
    }
}
