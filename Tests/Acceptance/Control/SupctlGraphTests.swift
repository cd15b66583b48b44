import Glibc
import Testing

/// `supctl cat`, `list-dependencies`, `analyze`, and selectors by state.
@Suite(.daemons)
struct SupctlGraphTests {
    private static func environment(_ daemon: Daemon, _ locale: String) -> [String: String] {
        ["SUPD_SOCKET": daemon.socket, "LC_ALL": locale]
    }

    @Test func catShowsWhatIsInForceAndWhereItStands() async throws {
        let text =
            "[defaults]\nnice = 5\n"
            + TOML.child("web", ["wait"], "tags = [\"front\"]", #"environment = { TOKEN = "hush hush" }"#)
        let folder = try TemporaryFolder()
        try await withDaemon(text, folder: folder) { daemon in
            let file = daemon.configuration
            let output = try await daemon.supctl("cat", "web")
            #expect(output.code == 0, "\(output)")
            func line(_ key: String, _ output: Output) -> String? {
                output.output.split(separator: "\n").first { $0.hasPrefix("\(key) ") }.map(String.init)
            }
            #expect(output.output.hasPrefix("[service.web]\n"))
            #expect(line("nice", output)?.hasSuffix("# [defaults], \(file):2") == true, "\(output.output)")
            #expect(line("tags", output)?.hasPrefix(#"tags = ["front"] "#) == true)
            #expect(line("tags", output)?.hasSuffix("# \(file):5") == true, "\(output.output)")
            #expect(line("environment.TOKEN", output)?.contains(#"= "hush hush""#) == true)
            #expect(line("timeout_start", output) == nil)
            let all = try await daemon.supctl("cat", "--all", "web")
            #expect(line("timeout_start", all)?.hasSuffix("# standard") == true, "\(all.output)")
            // A file that has changed is not taken for what is in force, and what is shown is one itself.
            try daemon.edit(text.replacing("nice = 5", with: "nice = 7"))
            let changed = try await daemon.supctl("cat", "web")
            #expect(changed.output.hasPrefix("# the files say something else by now"), "\(changed.output)")
            #expect(line("nice", changed)?.hasPrefix("nice = 5 ") == true)
            #expect(line("nice", changed)?.hasSuffix("# in force; no file says so by now") == true)
            try await daemon.applies(all.output)
            let unknown = try await daemon.supctl("cat", "wbe")
            #expect(unknown.code == 4, "\(unknown)")
        }
    }

    /// Who may only look sees that there is a secret, and not which.
    @Test(.enabled(if: Programs.isRoot, "only root can be somebody else"))
    func secretsAreForThoseWhoMayAdminister() async throws {
        let folder = try TemporaryFolder()
        try #require(chmod(folder.path, 0o755) == 0)
        let text =
            "[supervisor.access]\noperate = \"*\"\n"
            + TOML.child("web", ["wait"], #"environment = { TOKEN = "hush hush" }"#, "access = { admin = [7] }")
        try await withDaemon(text, folder: folder) { daemon in
            for (uid, isShown) in [(UInt32(65_534), false), (7, true)] {
                let client = try Connection(to: daemon.socket, uid: uid, gid: uid)
                let reply = try await client.call("service.definition", ["services": ["web"]])
                let key = try #require(
                    reply.services.array.first?["keys"].array.first { $0["key"] == "environment.TOKEN" })
                #expect(key.value == (isShown ? .string("\"hush hush\"") : .null), "\(reply.text)")
                #expect(reply.text.contains("hush") == isShown)
                #expect(key.line == 5 && key.origin == "service", "\(key.text)")
            }
        }
    }

    private static let chain =
        TOML.child("disk", ["wait"]) + TOML.child("db", ["wait"], "requires = [\"disk\"]", "after = [\"disk\"]")
        + TOML.child("cache", ["wait"], "enabled = false", "before = [\"web\"]")
        + TOML.child("web", ["wait"], "requires = [\"db\"]", "wants = [\"disk\"]")

    @Test func dependenciesAreATree() async throws {
        try await withDaemon(Self.chain) { daemon in
            let output = try await run(
                Programs.supctl, ["list-dependencies", "web"], environment: Self.environment(daemon, "C.UTF-8"))
            #expect(
                output.output == """
                    ● web RUNNING
                    ├─● db RUNNING (requires)
                    │ └─● disk RUNNING (requires)
                    ├─● disk RUNNING (wants)
                    └─○ cache STOPPED (after)

                    """, "\(output)")
            let reversed = try await run(
                Programs.supctl, ["list-dependencies", "--reverse", "disk"], environment: Self.environment(daemon, "C"))
            #expect(
                reversed.output == """
                    * disk RUNNING
                    |-* db RUNNING (requires)
                    | `-* web RUNNING (requires)
                    `-* web RUNNING (wants)

                    """, "\(reversed)")
            let data = try await daemon.connect().call("service.dependencies", ["services": ["db"]])
            #expect(data.services.array.map(\.name) == ["disk", "db", "web"], "\(data.text)")
            let db = data.services.array[1]
            #expect(db.needs.array.map(\.kind) == ["requires"] && db.needed_by.array.map(\.service) == ["web"])
            #expect(db.states.RUNNING == 1 && db.states.total == 1)
            #expect(data.services.array.map(\.asked) == [false, true, false])
            for (direction, names) in [("needs", ["disk", "db"] as JSONValue), ("needed_by", ["db", "web"])] {
                let params: JSONValue = ["services": ["db"], "direction": .string(direction)]
                let one = try await daemon.connect().call("service.dependencies", params)
                #expect(.array(one.services.array.map(\.name)) == names, "\(one.text)")
            }
        }
    }

    /// What has failed has the same mark as in its card.
    @Test func anEndThatFailedIsSeenInTheTree() async throws {
        let text =
            TOML.service("import", ["/bin/sh", "-c", "exit 3"], #"restart = "no""#)
            + TOML.child("web", ["wait"], #"after = ["import"]"#)
        try await withDaemon(text) { daemon in
            try await daemon.service("import", becomes: "EXITED")
            try await daemon.service("web", becomes: "RUNNING")
            for (verb, shown) in [
                ("list-dependencies", "● web RUNNING\n└─× import EXITED (failed) (after)\n"), ("status", "× import\n"),
            ] {
                let output = try await run(
                    Programs.supctl, [verb, verb == "status" ? "import" : "web"],
                    environment: Self.environment(daemon, "C.UTF-8"))
                #expect(output.output.hasPrefix(shown), "\(output)")
            }
        }
    }

    /// Whatever they are selected by, and nothing else is.
    @Test func treesAreOfWhatIsNamed() async throws {
        let text =
            TOML.child("db", ["wait"], "tags = [\"back\"]")
            + TOML.child("web", ["wait"], "requires = [\"db\"]", "instances = 2") + TOML.child("job", ["wait"])
        try await withDaemon(text) { daemon in
            let (db, job) = ("* db RUNNING\n", "* job RUNNING\n")
            let web = "* web 2 RUNNING\n`-* db RUNNING (requires)\n"
            var reversed = db
            reversed += "`-* web 2 RUNNING (requires)\n"
            let trees: [([String], String)] = [
                (["db"], db), (["tag:back"], db), (["d*"], db), (["web"], web), (["web@2"], web), (["w*"], web),
                (["job", "we*"], web + job), ([], db + web + job), (["--reverse", "d*"], reversed),
            ]
            for (words, tree) in trees {
                let output = try await run(
                    Programs.supctl, ["list-dependencies"] + words, environment: Self.environment(daemon, "C"))
                #expect(output.output == tree, "\(words)")
            }
        }
    }

    @Test func analyzeShowsWhatTheStartTook() async throws {
        let slow = TOML.service("slow", ["/bin/sleep", "0.3"], #"type = "oneshot""#)
        let chain =
            slow + TOML.child("db", ["wait"], "requires = [\"slow\"]")
            + TOML.child("web", ["wait"], "requires = [\"db\"]") + TOML.child("idle", ["wait"], "enabled = false")
        try await withDaemon(chain) { daemon in
            let timing = try await daemon.connect().call("service.timing")
            let ready = try #require(timing.ready.double)
            let times = Dictionary(uniqueKeysWithValues: timing.services.array.map { ($0.name.string ?? "", $0) })
            let (first, last) = (try #require(times["slow"]), try #require(times["web"]))
            let (begun, up) = (try #require(first.begun.double), try #require(first.up.double))
            #expect(up - begun >= 0.29)
            let lastBegun = try #require(last.begun.double)
            #expect(lastBegun >= up)
            let lastUp = try #require(last.up.double)
            #expect(lastUp <= ready)
            #expect(times["idle"]?.begun.isNull == true && times["idle"]?.up.isNull == true)
            let summary = try await daemon.supctl("analyze")
            #expect(summary.output.contains("3 of 3 instances that were started have been up."), "\(summary)")
            #expect(summary.output.contains(/The last of the start (was|were db,) web, at [0-9]/), "\(summary)")
            let blame = try await daemon.supctl("analyze", "blame")
            let blamed = blame.output.split(separator: "\n").compactMap {
                $0.split(separator: " ").last.map(String.init)
            }
            func took(_ name: String) -> Double { (times[name]?.up.double ?? 0) - (times[name]?.begun.double ?? 0) }
            #expect(blamed.first == ["slow", "db", "web"].max { took($0) < took($1) }, "\(blame)")
            #expect(Set(blamed) == ["slow", "db", "web"], "\(blame)")
            let chain = try await run(
                Programs.supctl, ["analyze", "critical-chain"], environment: Self.environment(daemon, "C"))
            let named = chain.output.split(separator: "\n").dropFirst().map { $0.split(separator: "@")[0] }
            #expect(named == ["web ", "`-db ", "  `-slow "], "\(chain)")
            let unknown = try await daemon.supctl("analyze", "critical-chain", "idel")
            #expect(unknown.code == 4 && unknown.error.contains("did you mean 'idle'?"), "\(unknown)")
            let idle = try await daemon.supctl("analyze", "critical-chain", "idle")
            #expect(idle.output == "idle has not been up yet\n", "\(idle)")
            // What is started again is no other start.
            try await daemon.order("restart", "web")
            let again = try await daemon.connect().call("service.timing", ["services": ["web"]])
            #expect(again.services.array == [last])
        }
    }

    @Test func aNumberThatThereIsNotIsAnsweredWithThoseThatThereAre() async throws {
        try await withDaemon(TOML.child("web", ["wait"], "instances = 3") + TOML.child("db", ["wait"])) { daemon in
            for verb in ["status", "stop", "logs"] {
                let output = try await daemon.supctl(verb, "web@9")
                #expect(
                    output.code == 4
                        && output.error == "supctl: no service is named 'web@9': 'web' has web@1 to web@3\n",
                    "\(output)")
            }
            let single = try await daemon.supctl("status", "db@1")
            #expect(single.error == "supctl: no service is named 'db@1'; did you mean 'db'?\n", "\(single)")
            let other = try await daemon.supctl("status", "wbe@1")
            #expect(other.error == "supctl: no service is named 'wbe@1'; did you mean 'web@1'?\n", "\(other)")
        }
    }

    @Test func aGlobThatFitsNothingIsAnsweredWithTheNearestThatDoes() async throws {
        try await withDaemon(TOML.child("web", ["wait"], "instances = 3") + TOML.child("db", ["wait"])) { daemon in
            for (glob, nearest) in [
                ("wbe*", "web*"), ("wbe@*", "web@*"), ("wbe@1*", "web@1*"), ("db@*", "db"), ("zz*", nil),
                ("?be@*", nil),
            ] as [(String, String?)] {
                let output = try await daemon.supctl("stop", glob)
                let advice = nearest.map { "; did you mean '\($0)'?" } ?? ""
                #expect(output.code == 4)
                #expect(output.error == "supctl: no service's name fits '\(glob)'\(advice)\n")
            }
        }
    }

    @Test func statesSelectWhatIsInThem() async throws {
        let configuration =
            TOML.child("web", ["wait"], "tags = [\"front\"]")
            + TOML.child("broken", ["exit", "3"], #"restart = "no""#) + TOML.child("idle", ["wait"], "enabled = false")
        try await withDaemon(configuration) { daemon in
            _ = try await daemon.service("broken", becomes: "EXITED")
            func names(_ selectors: String...) async throws -> [String?] {
                let reply = try await daemon.connect().call(
                    "service.status", ["services": .array(selectors.map(JSONValue.string))])
                return reply.services.array.map(\.name.string)
            }
            #expect(try await names("state:running") == ["web"])
            #expect(try await names("state:EXITED", "state:Stopped", "web") == ["broken", "idle", "web"])
            for (selector, says) in [
                ("state:fatal", "no service is FATAL"), ("state:runing", "did you mean 'state:running'?"),
                ("front", "did you mean 'tag:front'?"), ("stopped", "did you mean 'state:stopped'?"),
            ] {
                let output = try await daemon.supctl("restart", selector)
                #expect(output.code == 4 && output.error.contains(says), "\(output)")
            }
            let refused = try await daemon.supctl("stop")
            #expect(refused.code == 2 && refused.error.contains("--all"), "\(refused)")
            #expect(try await daemon.supctl("stop", "--all").code == 0)
            #expect(try await names("state:stopped") == ["web", "idle"])
        }
    }
}
