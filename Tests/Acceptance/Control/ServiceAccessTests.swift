import Glibc
import Testing

/// `[service.NAME.access]`: a team that has one service and no other.
@Suite(.daemons, .enabled(if: Programs.isRoot, "only root can be somebody else"))
struct ServiceAccessTests {
    private static let nobody: UInt32 = 65_534
    private static let team: UInt32 = 54_321

    private func withServices(
        _ configuration: String, _ body: (Daemon) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        try #require(chmod(folder.path, 0o755) == 0)
        try await withDaemon(configuration, folder: folder, body)
    }

    private func member(_ daemon: Daemon) throws -> Connection {
        try Connection(to: daemon.socket, uid: Self.nobody, gid: Self.team)
    }

    private func names(_ reply: JSONValue) -> [String?] { reply.services.array.map(\.name.string) }

    @Test func aTeamRestartsItsOwnServiceAndNoOther() async throws {
        try await withServices(
            "[supervisor.access]\nobserve = \"*\"\n"
                + TOML.child("web", ["wait"], "[service.web.access]", "operate = \"@\(Self.team)\"")
                + TOML.child("db", ["wait"])
        ) { daemon in
            let member = try member(daemon)
            let before = try await daemon.runs()
            let restarted = try await member.call("service.restart", ["services": ["web"], "wait": true])
            #expect(restarted.services.array.map(\.state) == ["RUNNING"])
            let denied = try await member.exchange("service.restart", ["services": ["web", "db"]])
            #expect(denied.error.code == -32001 && denied.error.data.class == "operate", "\(denied.text)")
            let data = denied.error.data
            #expect(data.method == "service.restart" && data["name"] == "db", "\(denied.text)")
            #expect(data.holders == ["root"] && data.tables == [], "\(denied.text)")
            #expect(
                denied.error.message.string?.contains("service.restart of db needs the access class 'operate'") == true
                    && denied.error.message.string?.contains("only root does") == true, "\(denied.text)")
            for wait in [false, true] {
                let some = try await member.call("service.restart", ["services": ["*"], "wait": .bool(wait)])
                #expect(names(some) == ["web", "db"])
                #expect(
                    some.services.array[0].error.isNull && some.services.array[1].error.code == -32001, "\(some.text)")
            }
            let signalled = try await member.call("service.signal", ["services": ["*"], "signal": "SIGCONT"])
            #expect(signalled.services.array.map(\.error.isNull) == [true, false], "\(signalled.text)")
            let reloaded = try await member.exchange("service.reload", ["services": ["d*"]])
            #expect(reloaded.error.code == -32001, "of all that was meant it may do nothing: \(reloaded.text)")
            #expect(try await member.exchange("service.scale", ["service": "db", "instances": 2]).error.code == -32001)
            #expect(try await member.exchange("logs.reopen").error.isNull)
            let after = try await daemon.runs()
            #expect(before["web"] != after["web"] && before["db"] == after["db"])
            // What is of the daemon is not of a service.
            #expect(try await member.exchange("config.plan").error.code == -32001)
            #expect(daemon.log.all.contains { $0.contains("denied service.restart to uid \(Self.nobody)") })
            // Others of the same machine have no part in it.
            let other = try Connection(to: daemon.socket, uid: Self.nobody, gid: Self.nobody)
            let refused = try await other.exchange("service.restart", ["services": ["web"]])
            #expect(
                refused.error.message.string?.contains(
                    "root, @\(Self.team) ([service.web.access] over [supervisor.access])") == true, "\(refused.text)")
            #expect(refused.error.data.holders == ["root", .string("@\(Self.team)")], "\(refused.text)")
            #expect(refused.error.data.tables == ["service.web.access", "supervisor.access"], "\(refused.text)")
            // What is taken over counts at once.
            try await daemon.applies(
                "[supervisor.access]\nobserve = \"*\"\n" + TOML.child("web", ["wait"]) + TOML.child("db", ["wait"]))
            #expect(try await member.exchange("service.restart", ["services": ["web"]]).error.code == -32001)
            #expect(try await daemon.runs()["web"] == after["web"], "a change of who may restarts nothing")
        }
    }

    /// Says its name when it is sent SIGUSR1.
    private static func speaker(_ name: String, _ settings: String...) -> String {
        let script = "trap 'echo %n' USR1; echo begun; while :; do sleep 1000 & wait; done"
        return TOML.service(name, ["/bin/sh", "-c", script]) + settings.map { $0 + "\n" }.joined()
    }

    @Test func whoMaySeeOneServiceSeesNothingOfTheOthers() async throws {
        try await withServices(
            Self.speaker("web", "tags = [\"front\"]", "access = { observe = [\(Self.nobody)] }")
                + Self.speaker("web2", "tags = [\"from\"]")
        ) { daemon in
            let member = try member(daemon)
            #expect(names(try await member.call("service.status")) == ["web"])
            #expect(names(try await member.call("service.tree")) == ["web"])
            #expect(names(try await member.call("logs.read", ["services": ["*"]])) == ["web"])
            #expect(try await member.exchange("service.status", ["services": ["web2"]]).error.code == -32001)
            for unseen in ["*2", "tag:from", "web3", "tag:frm"] {
                let reply = try await member.exchange("service.status", ["services": [.string(unseen)]])
                #expect(reply.error.code == -32004 && !reply.text.contains("web2"), "\(reply.text)")
                #expect(reply.error.data.suggestion != "tag:from", "\(reply.text)")
            }
            #expect(try await member.exchange("supervisor.status").error.code == -32001)
            // An order to both is told of the one, and nothing of the daemon.
            let begin = try await daemon.connect().call("events.subscribe").sequence
            try await daemon.order("restart", "*")
            try await daemon.hangUp()
            try await daemon.order("stop", "web")
            #expect(names(try await member.call("service.why", ["services": ["*"]])) == ["web"])
            #expect(try await member.exchange("service.why", ["services": ["web2"]]).error.code == -32001)
            let why = try await member.call("service.why", ["services": ["web"]]).services.array[0]
            let orders = why.history.array.filter { $0.kind == "order" }
            #expect(orders.map(\.order) == ["restart", "stop"], "\(why.text)")
            #expect(orders.allSatisfy { $0.services == ["web"] && $0.count == 1 }, "\(why.text)")
            let told = try await member.call("events.subscribe", ["since": begin])
            #expect(told.services == [])
            var events: [JSONValue] = []
            while events.last?.state != "STOPPED" || events.last?.cause.kind != "order" {
                events.append(try await member.reply().params)
            }
            #expect(Set(events.map(\.kind.string)) == ["order", "state"], "\(events)")
            for event in events {
                let named = event.kind == "order" ? event.services.array : [event.name]
                #expect(named == ["web"] && (event.count.isNull || event.count == 1), "\(event.text)")
            }
            // The last is the last of what there is for him.
            try await daemon.order("restart", "web2")
            var late: [[JSONValue]] = []
            for params in [["since": 0], ["last": 2]] as [JSONValue] {
                let client = try self.member(daemon)
                _ = try await client.call("events.subscribe", params)
                var events: [JSONValue] = []
                while events.last?.caught_up != true { events.append(try await client.reply().params) }
                late.append(events)
            }
            #expect(late[0].count > 3 && late[1] == late[0].suffix(3), "\(late)")
        }
    }

    /// Also where it is none of those that the event would name to somebody who sees all.
    @Test func anOrderToManyIsToldToWhoMaySeeOneOfThem() async throws {
        let others = (10..<40).map { TOML.child("a\($0)", ["wait"]) }
        try await withServices(
            others.joined() + TOML.child("web", ["wait"], "instances = 3", "access = { observe = [\(Self.nobody)] }")
        ) { daemon in
            let member = try member(daemon)
            let begin = try await daemon.connect().call("events.subscribe").sequence
            _ = try await daemon.connect().call("service.signal", ["services": ["*"], "signal": "SIGCONT"])
            _ = try await member.call("events.subscribe", ["since": begin])
            let told = try await member.reply().params
            #expect(
                told.kind == "order" && told.services == ["web@1", "web@2", "web@3"] && told.count == 3, "\(told.text)")
            let why = try await self.member(daemon).call("service.why", ["services": ["web@2"]]).services.array[0]
            let orders = why.history.array.filter { $0.kind == "order" }
            #expect(orders.map(\.services) == [["web@1", "web@2", "web@3"]], "\(why.text)")
            // Who sees all is told of the first, and how many there are.
            let all = try daemon.connect()
            _ = try await all.call("events.subscribe", ["since": begin])
            let whole = try await all.reply().params
            #expect(whole.services.array.count == 16 && whole.count == 33, "\(whole.text)")
        }
    }

    /// Who may see the daemon does not hear of one service by way of it.
    @Test func whatIsHiddenIsNamedNowhere() async throws {
        let hidden = "access = { observe = [], operate = [], admin = [] }"
        try await withServices(
            "[supervisor.access]\nobserve = \"*\"\nadmin = [7]\n" + TOML.child("web", ["wait"], #"wants = ["priv-b"]"#)
                + TOML.child("priv-a", ["wait"], hidden, #"after = ["web"]"#)
                + TOML.child("priv-b", ["exit", "1"], hidden, #"restart = "no""#)
        ) { daemon in
            try await daemon.service("priv-b", becomes: "EXITED")
            #expect(try await daemon.connect().call("tasks.list").text.contains("service priv-a"))
            #expect(try await daemon.connect().call("supervisor.status").status.string?.contains("priv-b") == true)
            let member = try member(daemon)
            let tasks = try await member.call("tasks.list")
            #expect(tasks.text.contains("service web") && !tasks.text.contains("priv"), "\(tasks.text)")
            let status = try await member.call("supervisor.status").status
            #expect(status.string?.hasSuffix("; failed: 1") == true, "\(status.text)")
            let graph = try await member.call("service.dependencies")
            #expect(names(graph) == ["web"] && !graph.text.contains("priv"), "\(graph.text)")
            // Why a drain has begun and how it ended are sentences that may name any.
            _ = try await member.call("events.subscribe", ["kinds": ["drain"]])
            let admin = try Connection(to: daemon.socket, uid: 7, gid: 7)
            let report = try await admin.call("supervisor.drain", ["wait": true])
            #expect(report.services.stopped == ["web"] && !report.text.contains("priv"), "\(report.text)")
            #expect(try await daemon.connect().call("supervisor.drain", ["wait": true]).text.contains("priv-a"))
            var told: [JSONValue] = []
            while told.last?.step != "ended" { told.append(try await member.reply().params) }
            let sentences = told.filter { $0.step != "phase" }.map { $0["text"].string }
            #expect(sentences == ["not told to your user", "not told to your user"], "\(told)")
        }
    }

    /// What is seen of a service that needs a hidden one, or is as it is because of it, says so without its name, whatever is asked.
    @Test func whatNeedsAHiddenServiceDoesNotNameIt() async throws {
        let hidden = "access = { observe = [], operate = [], admin = [] }"
        try await withServices(
            "[supervisor.access]\noperate = \"*\"\n"
                + TOML.child("blocked", ["wait"], #"requires = ["priv-a"]"#, #"after = ["stopped"]"#)
                + TOML.child("stopped", ["wait"], #"requires = ["priv-b"]"#)
                + TOML.child(
                    "priv-a", ["exit", "1"], hidden, #"type = "oneshot""#, #"restart = "no""#, #"tags = ["privy"]"#)
                + TOML.child("priv-b", ["wait"], hidden)
        ) { daemon in
            try await daemon.service("priv-a", becomes: "EXITED")
            try await daemon.order("stop", "priv-b")
            try await daemon.service("stopped", becomes: "STOPPED")
            let root = try daemon.connect()
            let member = try member(daemon)
            // All of it names them to who may see them.
            let requests: [(method: String, params: JSONValue, namesThem: Bool)] = [
                ("service.status", [:], true), ("service.why", ["services": ["blocked", "stopped"]], true),
                ("service.definition", ["services": ["blocked", "stopped"]], true), ("service.dependencies", [:], true),
                ("service.timing", [:], true), ("service.tree", [:], true), ("logs.read", ["services": ["*"]], true),
                ("tasks.list", [:], false), ("supervisor.status", [:], true), ("plugins.list", [:], false),
                ("service.start", ["services": ["blocked"]], true),
                ("service.start", ["services": ["blocked"], "wait": true], true),
                ("service.reset_failed", ["services": ["*"]], true),
                ("service.scale", ["service": "priv-", "instances": 2], true),
                ("service.status", ["services": ["priv-"]], true),
                ("service.status", ["services": ["tag:privi"]], true),
                ("events.subscribe", ["since": 0], false),
            ]
            for (method, params, namesThem) in requests {
                let toRoot = try await root.exchange(method, params)
                #expect(toRoot.text.contains("priv-") == namesThem || toRoot.text.contains("privy"), "\(toRoot.text)")
                let told = try await member.exchange(method, params)
                // What who asks has named himself is no news to him.
                let news = told.text.replacing("'priv-'", with: "").replacing("'tag:privi'", with: "")
                #expect(!news.contains("priv-") && !news.contains("privy"), "\(method): \(told.text)")
            }
            // So is what has happened.
            var events: [JSONValue] = []
            while !events.contains(where: { $0.name == "stopped" && $0.state == "STOPPED" }) {
                events.append(try await member.reply().params)
            }
            #expect(!events.contains { $0.text.contains("priv") }, "\(events.map(\.text))")
            let end = try #require(events.last)
            #expect(end.reason == "stopped because of another service", "\(end.text)")
            #expect(end.cause.kind == "dependency" && end.cause.service.isNull, "\(end.text)")
            let why = try await self.member(daemon).call("service.why", ["services": ["blocked", "stopped"]]).services
                .array
            #expect(why[0].status.reason == "cannot start without another service (EXITED)", "\(why[0].text)")
            #expect(why[0].waits_for["text"] == "another service (EXITED)" && why[0].waits_for.services == [])
            #expect(why[1].cause.kind == "dependency" && why[1].cause.service.isNull, "\(why[1].text)")
            let keys = try await self.member(daemon).call("service.definition", ["services": ["blocked"]]).services
                .array[0]["keys"].array
            #expect(keys.first { $0.key == "requires" }?.value.isNull == true)
            #expect(keys.first { $0.key == "after" }?.value == #"["stopped"]"#)
        }
    }

    @Test func aFollowerHearsNothingOfWhatItMaySeeNoMore() async throws {
        func configuration(db: String...) -> String {
            "[supervisor.access]\nobserve = \"*\"\n" + Self.speaker("web") + Self.speaker("db", db.joined())
        }
        try await withServices(configuration(db: "")) { daemon in
            let member = try member(daemon)
            _ = try await member.call("logs.follow", ["services": ["*"], "lines": 5])
            func hasSaid(_ text: String, _ name: String) async throws {
                let reader = try daemon.connect()
                let deadline = Deadline.usual
                while true {
                    let lines = try await reader.call("logs.read", ["services": [.string(name)]]).services.array[0]
                        .lines
                    if lines.array.last?["text"].string == text { return }
                    if deadline.hasPassed { throw Failure("\(name) has not said \(text): \(lines.text)") }
                }
            }
            func speak(_ names: String...) async throws {
                for name in names {
                    _ = try await daemon.connect().call(
                        "service.signal", ["services": [.string(name)], "signal": "SIGUSR1"])
                    try await hasSaid(name, name)
                }
            }
            for name in ["web", "db"] { try await hasSaid("begun", name) }
            try await speak("db")
            try await daemon.applies(configuration(db: "access = { observe = [] }"))
            try await speak("db", "web")
            var heard: [String?] = []
            while heard.last != "web" {
                let line = try await member.reply().params
                if line["text"] != "begun" { heard.append(line["text"].string) }
            }
            #expect(heard == ["db", "web"])
            // It goes on where it may again.
            try await daemon.applies(configuration(db: ""))
            try await speak("db")
            #expect(try await member.reply().params["text"] == "db")
            try await daemon.applies(configuration(db: "access = { observe = [] }"))
            #expect(names(try await Connection(to: daemon.socket, uid: 7, gid: 7).call("service.status")) == ["web"])
        }
    }
}
