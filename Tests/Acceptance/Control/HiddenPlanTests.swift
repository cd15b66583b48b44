import Glibc
import Testing

/// What an admin is told of a configuration who is shut out of some of its services.
@Suite(.daemons, .enabled(if: Programs.isRoot, "only root can be somebody else"))
struct HiddenPlanTests {
    private static let admin: UInt32 = 54_321
    private static let hidden = "access = { observe = [], operate = [], admin = [] }"
    private static let seen = "access = { observe = [\(admin)], admin = [] }"
    private static let access = "[supervisor.access]\nadmin = [\(admin)]\n"

    private func connect(_ daemon: Daemon) throws -> Connection {
        try Connection(to: daemon.socket, uid: Self.admin, gid: Self.admin)
    }

    private func supctl(_ verb: String, _ daemon: Daemon) async throws -> Output {
        let asAdmin = ["--reuid=\(Self.admin)", "--regid=\(Self.admin)", "--clear-groups"]
        let setpriv = try #require(Programs.find("setpriv"))
        guard try await run(setpriv, asAdmin + [Programs.supctl, "--version"]).code == 0 else {
            try Test.cancel("supctl is built where user \(Self.admin) cannot run it")
        }
        return try await run(setpriv, asAdmin + [Programs.supctl, verb], environment: ["SUPD_SOCKET": daemon.socket])
    }

    private func withServices(_ configuration: String, _ body: (Daemon) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        try #require(chmod(folder.path, 0o755) == 0)
        try await withDaemon(Self.access + configuration, folder: folder, body)
    }

    private static let before =
        TOML.child("web", ["wait"], #"requires = ["priv-a"]"#) + TOML.child("own", ["wait"], seen)
        + TOML.child("priv-a", ["wait"], hidden) + TOML.child("priv-gone", ["wait"], hidden)
        + TOML.child("priv-pool", ["wait"], hidden)
        + TOML.child("many", ["wait"]) + idle
    /// Longer than what is kept of a value.
    private static let manyNeeds =
        "after = [" + fillers.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
    private static let fillers = (100..<170).map { "priv-\($0)-" + String(repeating: "x", count: 50) }
    private static let idle = fillers.map { TOML.child($0, ["wait"], hidden, "enabled = false") }.joined()
    private static let after =
        "[[supervisor.hooks]]\nrun = \"command\"\nat = \"after-services\"\ncommand = [\"/bin/true\", \"priv-a\"]\n"
        + TOML.child("web", ["wait"], #"requires = ["priv-a"]"#, #"wants = ["priv-new"]"#, #"after = ["own"]"#)
        + TOML.child(
            "own", ["wait"], seen, #"description = "shown""#,
            #"health = { type = "exec", command = ["/bin/true", "geheim"], period = "1h" }"#)
        + TOML.child("many", ["wait"], manyNeeds) + idle
        + TOML.child("priv-a", ["wait", "longer"], hidden) + TOML.child("priv-new", ["exit", "1"], hidden)
        + TOML.child("priv-pool", ["wait"], hidden) + TOML.child("new", ["wait"])

    @Test func aPlanCountsHiddenServicesAndNamesNone() async throws {
        try await withServices(Self.before) { daemon in
            try await daemon.service("priv-pool", becomes: "RUNNING")
            let root = try daemon.connect()
            _ = try await root.call("service.scale", ["service": "priv-pool", "instances": 2])
            try daemon.folder.write("supd.toml", Self.access + Self.after)
            let admin = try connect(daemon)
            let (whole, told) = (try await root.call("config.plan"), try await admin.call("config.plan"))
            #expect(whole.text.contains("priv-a") && whole.text.contains("geheim") && whole.hidden_services.isNull)
            #expect(whole.kept_instances.array.map(\.name.string) == ["priv-pool"], "\(whole.text)")
            for plan in [told, try await admin.call("config.reload")] {
                #expect(!plan.text.contains("priv-") && !plan.text.contains("geheim"), "\(plan.text)")
                #expect(plan.counts == whole.counts && plan.token == whole.token, "\(plan.text)")
                #expect(Set(plan.services.array.map(\.name.string)) == ["web", "own", "new", "many"], "\(plan.text)")
                #expect(plan.hidden_services == 3, "\(plan.text)")
                let web = try #require(plan.services.array.first { $0.name == "web" })
                let keys = web["keys"].array
                #expect(keys.first { $0.key == "wants" }?.new.isNull == true, "\(plan.text)")
                #expect(keys.first { $0.key == "after" }?.new == #"["own"]"#, "\(plan.text)")
                // Of a value that is too long to be kept it is not known which services it names.
                let many = try #require(plan.services.array.first { $0.name == "many" })["keys"].array
                #expect(many.map(\.key) == ["after"] && many[0].new.isNull, "\(plan.text)")
                // Of what he sees and may not administer he is told all but what may be a secret.
                let own = try #require(plan.services.array.first { $0.name == "own" })["keys"].array
                #expect(own.first { $0.key == "description" }?.new == "\"shown\"", "\(plan.text)")
                #expect(own.first { $0.key == "health" }?.new.isNull == true, "\(plan.text)")
                #expect(plan.supervisor.array.map(\.key) == ["hooks"] && plan.supervisor.array[0].new.isNull)
            }
            let keys = try await admin.call("service.definition", ["services": ["many"]]).services.array[0]["keys"]
            #expect(keys.array.first { $0.key == "after" }?.value.isNull == true, "\(keys.text)")
            // What he applies is the whole.
            #expect(try await root.call("service.status", ["services": ["priv-new"]]).services.array.count == 1)
            #expect(try await root.exchange("service.status", ["services": ["priv-gone"]]).error.code == -32004)
        }
    }

    @Test func whatIsRestartedWithAHiddenServiceDoesNotNameIt() async throws {
        func text(_ argument: String) -> String {
            TOML.child("web", ["wait"], #"requires = ["priv-a"]"#)
                + TOML.child("priv-a", ["wait", argument], Self.hidden)
        }
        try await withServices(text("1")) { daemon in
            try await daemon.service("web", becomes: "RUNNING")
            try daemon.folder.write("supd.toml", Self.access + text("2"))
            let output = try await supctl("plan", daemon)
            #expect(
                output.output.hasPrefix(
                    "restart  web  with another service, if it is up\na service that you may not see\n0 unchanged\n"
                ),
                "\(output)")
            let deferred = try await connect(daemon).call("config.reload", ["defer": true])
            #expect(deferred.deferred == [] && !deferred.text.contains("priv-"), "\(deferred.text)")
            let later = try await connect(daemon).call("config.plan")
            #expect(later.older_definitions.isNull && later.hidden_services.isNull, "\(later.text)")
            #expect(try await daemon.connect().call("config.plan").older_definitions == ["priv-a"])
        }
    }

    @Test func faultsAreToldToThoseWhoMaySeeAll() async throws {
        try await withServices(TOML.child("web", ["wait"]) + TOML.child("priv-a", ["wait"], Self.hidden)) { daemon in
            for fault in ["nicee = 1", #"requires = ["priv-b"]"#] {
                try daemon.folder.write(
                    "supd.toml",
                    Self.access + TOML.child("web", ["wait"]) + TOML.child("priv-a", ["wait"], Self.hidden, fault))
                for method in ["config.plan", "config.reload"] {
                    let told = try await connect(daemon).exchange(method)
                    #expect(
                        told.error.data.kind == "invalid-configuration" && told.error.data.more == 1, "\(told.text)")
                    #expect(told.error.data.faults == [] && !told.text.contains("priv-"), "\(told.text)")
                    #expect(try await daemon.connect().exchange(method).error.data.faults.array.count == 1)
                }
            }
            let output = try await supctl("apply", daemon)
            #expect(
                output.code == 78
                    && output.error == "supctl: the configuration has a fault; nothing was changed. "
                        + "As your user may not see every service, it is not told; "
                        + "'supd check' tells whoever may read the files\n",
                "\(output)")
        }
    }
}
