import Glibc
import Testing

/// What a plugin's method is shown and may order: what its caller may.
@Suite(.daemons, .enabled(if: Programs.isRoot, "only root can be somebody else"))
struct PluginCallerTests {
    private static let caller: UInt32 = 54_321

    @Test func aMethodSeesAndOrdersWhatItsCallerMay() async throws {
        let folder = try TemporaryFolder()
        try #require(chmod(folder.path, 0o755) == 0)
        let configuration =
            "[supervisor.access]\nobserve = [\(Self.caller)]\n"
            + TOML.child("own", ["wait"], "access = { operate = [\(Self.caller)] }") + TOML.child("other", ["wait"])
            + TOML.child("blocked", ["wait"], #"requires = ["priv-a"]"#)
            + TOML.child(
                "priv-a", ["exit", "1"], "access = { observe = [] }", #"type = "oneshot""#, #"restart = "no""#)
        try await withDaemon(configuration, folder: folder, program: Programs.troubled) { daemon in
            try await daemon.service("priv-a", becomes: "EXITED")
            try await daemon.service("other", becomes: "RUNNING")
            try await daemon.service("own", becomes: "RUNNING")
            let (root, caller) = (
                try daemon.connect(), try Connection(to: daemon.socket, uid: Self.caller, gid: Self.caller)
            )
            let services = "plugin.trouble.services"
            #expect(try await root.call(services).text.contains("priv-a EXITED"))
            let seen = try await caller.call(services)
            #expect(seen.array == ["own RUNNING", "other RUNNING", "blocked STOPPED"], "\(seen.text)")
            let reasons = "plugin.trouble.reasons"
            #expect(try await root.call(reasons, ["services": ["blocked"]]).text.contains("priv-a"))
            let told = try await caller.call(reasons, ["services": ["blocked", "o*"]])
            #expect(told.text.contains("another service") && !told.text.contains("priv-a"), "\(told.text)")
            let named = try await caller.exchange(reasons, ["services": ["priv-a"]])
            #expect(named.error.message.string?.contains("needs the access class 'observe'") == true, "\(named.text)")
            let near = try await caller.exchange(reasons, ["services": ["priv-"]])
            #expect(!near.error.isNull && !near.text.contains("priv-a"), "\(near.text)")

            let restart = "plugin.trouble.restart"
            let before = try await daemon.runs()
            for services: JSONValue in [["other"], ["own", "other"], ["o*"], ["priv-a"]] {
                let denied = try await caller.exchange(restart, ["services": services])
                #expect(
                    denied.error.message.string?.contains("needs the access class 'operate'") == true, "\(denied.text)")
            }
            #expect(try await daemon.runs() == before)
            #expect(try await caller.call(restart, ["services": ["own"]]) == true)
            try await daemon.hangUp()
            #expect(daemon.log.all.contains { $0.contains("by plugin 'trouble' for uid \(Self.caller)") })
            #expect(try await root.call(restart, ["services": ["other"]]) == true)
        }
    }
}
