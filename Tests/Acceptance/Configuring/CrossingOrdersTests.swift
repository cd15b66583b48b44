import Glibc
import Testing

/// Orders, drains and configurations that meet.
@Suite(.daemons)
struct CrossingOrdersTests {
    private static let stays = TOML.child("stays", ["wait"])

    private static func slow(_ word: String, in folder: TemporaryFolder, _ keys: String...) -> String {
        TOML.child(
            "web", ["into", folder.path(word), "ignore-term"],
            ([#"timeout_stop = "3s""#] + keys).joined(separator: "\n"))
    }

    /// Runs `body` with a daemon whose service `web` takes three seconds to go.
    private func withSlow(_ body: (Daemon, TemporaryFolder) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        try await withDaemon(Self.stays + Self.slow("old", in: folder), folder: folder) { daemon in
            _ = try await folder.announcedPID(in: "old")
            try await body(daemon, folder)
        }
    }

    private func expectSingle(_ daemon: Daemon, _ names: [String]) async throws {
        let services = try await daemon.services()
        #expect(services.compactMap(\.name.string) == names)
        let children = daemon.programs
        #expect(children.sorted() == services.compactMap(\.pid.int).sorted())
    }

    @Test(arguments: ["stop", "start", "restart"])
    func anOrderForWhatIsBeingRemovedDoesNotKeepIt(verb: String) async throws {
        try await withSlow { daemon, _ in
            try daemon.edit(Self.stays)
            #expect(try await daemon.supctl("apply", "--no-wait").code == 0)
            try await daemon.service("web", becomes: "STOPPING")
            let order = try await daemon.supctl(verb, "web")
            #expect((order.code == 0) == (verb == "stop"), "\(order)")
            _ = try await daemon.log.first(by: .usual) { $0.contains("web is removed") }
            #expect(try await daemon.supctl("status", "web").code == 4)
            try await expectSingle(daemon, ["stays"])
        }
    }

    @Test func whatIsBeingRemovedCannotBeScaled() async throws {
        try await withSlow { daemon, _ in
            try daemon.edit(Self.stays)
            #expect(try await daemon.supctl("apply", "--no-wait").code == 0)
            try await daemon.service("web", becomes: "STOPPING")
            let scale = try await daemon.supctl("scale", "web=3")
            #expect(scale.code != 0, "\(scale)")
            _ = try await daemon.log.first(by: .usual) { $0.contains("web is removed") }
            try await expectSingle(daemon, ["stays"])
        }
    }

    @Test func aStopOfWhatIsBeingRestartedWins() async throws {
        try await withSlow { daemon, folder in
            try daemon.edit(Self.stays + Self.slow("new", in: folder))
            let client = try ChildProcess(Programs.supctl, ["apply"], environment: ["SUPD_SOCKET": daemon.socket])
            try await daemon.service("web", becomes: "STOPPING")
            try await daemon.order("stop", "web")
            #expect(try await daemon.service("web").state == "STOPPED")
            // It is not where the configuration wants it.
            #expect(try await client.ended(by: .usual) == .exited(1))
            #expect(!folder.exists("new"))
            try await daemon.order("start", "web")
            _ = try await folder.announcedPID(in: "new")
        }
    }

    @Test func aRestartOfWhatIsBeingRestartedIsOne() async throws {
        try await withSlow { daemon, folder in
            try daemon.edit(Self.stays + Self.slow("new", in: folder))
            #expect(try await daemon.supctl("apply", "--no-wait").code == 0)
            try await daemon.service("web", becomes: "STOPPING")
            try await daemon.order("restart", "web")
            #expect(try await daemon.service("web").attempt == 2)
            _ = try await folder.announcedPID(in: "new")
            try await expectSingle(daemon, ["stays", "web"])
        }
    }

    @Test func aScaleDuringARestartHasEveryInstanceOfTheNewFile() async throws {
        try await withSlow { daemon, folder in
            try daemon.edit(Self.stays + Self.slow("new", in: folder))
            #expect(try await daemon.supctl("apply", "--no-wait").code == 0)
            try await daemon.service("web", becomes: "STOPPING")
            #expect(try await daemon.supctl("scale", "web=2").code == 0)
            for name in ["web@1", "web@2"] { try await daemon.service(name, becomes: "RUNNING") }
            let said = try await folder.text(of: "new") { $0.filter { $0 == "\n" }.count == 2 }
            let pids = try await daemon.services("web").compactMap(\.pid.int)
            #expect(TemporaryFolder.pids(said).sorted() == pids.sorted())
            try await expectSingle(daemon, ["stays", "web@1", "web@2"])
        }
    }

    /// Its name is its own until it is gone: what comes after it waits.
    @Test func whatIsRemovedAndAddedAgainRunsOnceTheOldOneIsGone() async throws {
        try await withSlow { daemon, folder in
            let old = try await daemon.service("web").requirePID()
            try daemon.edit(Self.stays)
            #expect(try await daemon.supctl("apply", "--no-wait").code == 0)
            try await daemon.service("web", becomes: "STOPPING")
            try daemon.edit(Self.stays + Self.slow("new", in: folder))
            let output = try await daemon.supctl("apply")
            #expect(output.code == 0, "\(output)")
            #expect(!ProcessTable.isAlive(old))
            let new = try await folder.announcedPID(in: "new")
            let web = try await daemon.service("web")
            #expect(web.pid.int == new && web.last_exit.isNull && web.restarts == 0, "\(web.text)")
            try await expectSingle(daemon, ["stays", "web"])
        }
    }

    @Test func aDrainRefusesAConfiguration() async throws {
        try await withDaemon(Self.stays) { daemon in
            #expect(try await daemon.supctl("drain", "--wait").code == 0)
            let output = try await daemon.apply(Self.stays + TOML.child("new", ["wait"]))
            #expect(output.code == 1 && output.error.contains("supctl resume"), "\(output)")
            daemon.process.signal(SIGHUP)
            let line = try await daemon.log.first(by: .usual) {
                $0.contains("(order of SIGHUP): supd is drained")
            }
            #expect(line != nil)
            #expect(!daemon.manager.said.all.contains("RELOADING=1"))
            #expect(try await daemon.services().count == 1)
            #expect(try await daemon.supctl("resume").code == 0)
            #expect(try await daemon.supctl("apply").code == 0)
            try await daemon.service("new", becomes: "RUNNING")
        }
    }

    @Test func aDrainDuringAConfigurationWins() async throws {
        try await withSlow { daemon, folder in
            try daemon.edit(Self.stays + Self.slow("new", in: folder) + TOML.child("more", ["wait"]))
            let client = try ChildProcess(Programs.supctl, ["apply"], environment: ["SUPD_SOCKET": daemon.socket])
            try await daemon.service("web", becomes: "STOPPING")
            #expect(try await daemon.terminate() == .exited(0))
            #expect(try await client.ended(by: .seconds(5)) == .exited(1))
            #expect(!folder.exists("new"))
        }
    }

    @Test func theLatestOfTwoConfigurationsWins() async throws {
        try await withSlow { daemon, folder in
            try daemon.edit(Self.stays + Self.slow("new", in: folder))
            let first = try ChildProcess(Programs.supctl, ["apply"], environment: ["SUPD_SOCKET": daemon.socket])
            try await daemon.service("web", becomes: "STOPPING")
            try daemon.edit(Self.stays + Self.slow("newest", in: folder) + TOML.child("more", ["wait"]))
            let second = try await daemon.supctl("apply")
            #expect(second.code == 0, "\(second)")
            #expect(try await first.ended(by: .usual) == .exited(0))
            let newest = try await folder.announcedPID(in: "newest")
            #expect(try await daemon.service("web").pid.int == newest)
            #expect(!folder.exists("new"))
            try await expectSingle(daemon, ["stays", "web", "more"])
        }
    }

    @Test func whatCrashesWhileItIsChangedComesBackByTheNewFile() async throws {
        try await withSlow { daemon, folder in
            try daemon.edit(Self.stays + Self.slow("new", in: folder))
            let client = try ChildProcess(Programs.supctl, ["apply"], environment: ["SUPD_SOCKET": daemon.socket])
            let old = try await daemon.service("web", becomes: "STOPPING").requirePID()
            try ProcessTable.kill(old, SIGSEGV)
            #expect(try await client.ended(by: .usual) == .exited(0))
            _ = try await folder.announcedPID(in: "new")
            try await expectSingle(daemon, ["stays", "web"])
        }
    }
}
