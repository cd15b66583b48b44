import SupdPlugin
import Testing

@testable import SupdConfiguration

/// What it takes to go from one configuration to another.
@Suite struct PlanTests {
    @Test func theSameFilesAreNothingToDo() throws {
        let plan = try Plan.from(Example.text, to: Example.text, Example.files)
        #expect(plan.isEmpty && plan.unchanged == 6 && plan.count(of: .unchanged) == 6)
    }

    @Test func orderCommentsBlanksAndFilesAreNoChange() throws {
        let old = """
            include = ["a.toml", "b.toml"]
            [supervisor]
            exit_when = "all-exited"
            drain = { timeout = "90s", jobs = 5 }
            [plugins.load-balancer]
            pool = "x"
            first_port = 9
            [service.web]
            exec_start = "/bin/web"
            limits = { nofile = 1, core = 2 }
            nice = 4
            """
        let new = """
            include = ["b.toml", "a.toml"]

            # Everything else is as before.
            [service.web.limits]
            core=2
            nofile=1
            [plugins]
            load-balancer = { first_port = 9, pool = "x" }
            [defaults]
            nice = 4
            [service.web]
            exec_start = ["/bin/web"]   # the same
            [supervisor.drain]
            jobs = "5s"
            timeout = 90
            [supervisor]
            exit_when = 'all-exited'
            """
        let files = [
            "/etc/supd/a.toml": "[service.a]\nexec_start = \"a\"\nnice = 4\n",
            "/etc/supd/b.toml": "[service.b]\nexec_start = \"b\"\nnice = 4\n",
        ]
        let plan = try Plan.from(old, to: new, files)
        #expect(plan.isEmpty && plan.unchanged == 3, "\(plan)")
    }

    @Test func servicesComeInTheOrderAPersonReads() throws {
        func service(_ name: String, _ lines: String = "") -> String {
            "[service.\(name)]\nexec_start = \"/bin/x\"\n\(lines)\n"
        }
        let old =
            service("z") + service("same") + service("scaled") + service("changed") + service("restarted")
            + service("a")
        let new =
            service("scaled", "instances = 3") + service("new2") + service("restarted", "umask = \"0077\"\nnice = 1")
            + service("changed", "nice = 1\ninstances = 2") + service("same") + service("new1", "instances = 2")
        let plan = try Plan.from(old, to: new)
        #expect(
            plan.services.map { "\($0.name) \($0.kind) \($0.oldInstances) \($0.newInstances)" } == [
                "z removed 1 0", "a removed 1 0", "new2 added 0 1", "new1 added 0 2", "restarted restarted 1 1",
                "changed changed 1 2", "scaled scaled 1 3",
            ])
        #expect(plan.unchanged == 1 && plan.count(of: .removed) == 2 && plan.count(of: .unchanged) == 1)
        #expect(plan.services.prefix(4).allSatisfy { $0.keys.isEmpty })
        // All that is different, also where it is the other key that restarts it.
        #expect(plan.services[4].keys.map(\.key) == ["nice", "umask"])
        #expect(plan.services[4].keys.map(\.effect) == [.atOnce, .nextStart])
    }

    @Test func anotherNameIsARemovalAndAnAddition() throws {
        let plan = try Plan.from("[service.a]\nexec_start = \"x\"\n", to: "[service.b]\nexec_start = \"x\"\n")
        #expect(plan.services.map(\.kind) == [.removed, .added] && plan.unchanged == 0 && !plan.isEmpty)
    }

    @Test func aDefaultChangesThoseThatTakeIt() throws {
        func text(_ nice: Int, file: String) -> String {
            """
            [defaults]
            nice = \(nice)
            log = { sink = "file", file = "\(file)" }
            [service.takes]
            exec_start = "x"
            [service.has-its-own]
            exec_start = "x"
            nice = 1
            log = { file = "/own" }
            [service.has-one]
            exec_start = "x"
            nice = 2
            """
        }
        let plan = try Plan.from(text(1, file: "/a/%n"), to: text(2, file: "/b/%n"))
        #expect(
            plan.services.map { "\($0.name): \($0.keys.map(\.key).joined(separator: " "))" } == [
                "takes: log.file nice", "has-one: log.file",
            ])
        #expect(plan.unchanged == 1)
    }

    @Test func theValueOfAVariableIsNowhere() throws {
        func text(_ lines: String) -> String { "[service.a]\nexec_start = \"x\"\nenvironment = { \(lines) }\n" }
        let plan = try Plan.from(
            text("GONE = \"geheim1\", SAME = \"geheim2\", OTHER = \"geheim3\""),
            to: text("SAME = \"geheim2\", OTHER = \"geheim4\", NEW = \"geheim5\""))
        #expect(
            plan.services.first?.keys.map { $0.text() } == [
                "environment.GONE: (removed)", "environment.NEW: (set)", "environment.OTHER: (changed)",
            ])
        var shown = ""
        dump(plan, to: &shown)
        #expect(!shown.contains("geheim") && !shown.contains("#"), "\(shown)")
    }

    @Test func valuesAreToldAsTheyWereAndAre() throws {
        let change = try Plan.change(
            Plan.web(["timeout_stop": "20", "user": "\"jo\""]), Plan.web(["timeout_stop": "\"1min\"", "nice": "5"]))
        #expect(
            change.keys.map { $0.text() } == [
                "nice: not set → 5", "timeout_stop: \"20s\" → \"1min\"", "user: \"jo\" → not set",
            ])
    }

    @Test func whatHoldsWhereNothingIsSaidIsTold() throws {
        let change = try Plan.change(
            Plan.web(["timeout_stop": "20", "tags": "[\"a\"]"]),
            Plan.web(["log": "{ overflow = \"drop\" }", "type": "\"notify\""]))
        let standards = Dictionary(uniqueKeysWithValues: change.keys.map { ($0.key, $0.standard) })
        #expect(
            standards == [
                "timeout_stop": "\"10s\"", "tags": nil, "log.overflow": "\"wait\"", "type": "\"exec\"",
            ])
        #expect(change.keys.contains { $0.text() == "timeout_stop: \"20s\" → \"10s\" (standard)" })
    }

    /// Whose restart was put off runs by an older definition still.
    @Test func whatRunsByAnotherIsComparedWithThat() throws {
        func file(_ keys: [String: String]) throws -> Configuration { try Load.good(Plan.web(keys)) }
        let older = try file(["instances": "2"])
        let current = try file(["exec_start": "\"/bin/web 2\"", "instances": "3"])
        func changes(to new: Configuration, _ running: Configuration...) throws -> [String] {
            let name = older.services[0].name
            let standing = ServiceStanding(instances: 3, running: running.map { $0.services[0] })
            let plan = ConfigurationPlan(from: current, to: new, standings: [name: standing])
            #expect(plan.services.count + plan.unchanged == 2)
            return plan.services.map { change in
                let keys = change.keys.map(\.key).joined(separator: " ")
                return "\(change.kind) \(change.oldInstances) \(change.newInstances): \(keys)"
            }
        }
        #expect(try changes(to: older) == ["restarted 3 2: exec_start instances"])
        #expect(try changes(to: older, older) == ["scaled 3 2: instances"])
        #expect(try changes(to: file(["nice": "5", "instances": "3"]), older) == ["changed 3 3: nice"])
        #expect(
            try changes(to: file(["nice": "5", "instances": "2"]), older, current) == [
                "restarted 3 2: exec_start instances nice"
            ])
        #expect(try changes(to: file(["instances": "3"]), older) == [])
        // What the files say still is no change, whatever runs.
        #expect(try changes(to: current, older) == [])
    }

    @Test func aNumberThatAnOrderHasChangedIsWhereItBegins() throws {
        func scaled(to instances: Int) throws -> ServiceChange? {
            let old = try Load.good(Plan.web(["instances": "2"]))
            let new = try Load.good(Plan.web(instances == 0 ? [:] : ["instances": "\(instances)"]))
            let standing = ServiceStanding(instances: 4, running: [])
            let plan = ConfigurationPlan(from: old, to: new, standings: [old.services[0].name: standing])
            return plan.services.first
        }
        for instances in [1, 3, 4] {
            let change = try #require(try scaled(to: instances))
            #expect(change.kind == .scaled && change.oldInstances == 4 && change.newInstances == instances)
            #expect(change.keys.map { $0.old ?? "1" } == ["2"])
        }
        #expect(try scaled(to: 2) == nil)
    }

    @Test func aLongValueIsShownWhereItDiffers() {
        let start = String(repeating: "abcdefghij", count: 20)
        let change = KeyChange(key: "exec_start", old: start + "OLD" + start, new: start + "NEW", effect: .nextStart)
        let (old, new) = change.shortenedValues(atMost: 30)
        #expect(old == "…abcdefghijOLDabcdefghijabcdefg…" && new == "…abcdefghijNEW")
        let set = KeyChange(key: "tags", old: nil, new: start, effect: .atOnce)
        #expect(set.text(atMost: 5) == "tags: not set → abcde…")
    }

    @Test func aPluginWithOtherOptionsIsTold() throws {
        func text(_ lines: String) -> String { "[plugins.load-balancer]\n\(lines)\n" }
        let plan = try Plan.from(text("pool = \"a\"\nfirst_port = 80"), to: text("pool = \"b\"\nlast_port = 9001"))
        let change = try #require(plan.plugins.first)
        #expect(plan.plugins.count == 1 && plan.services.isEmpty && change.name == "load-balancer")
        #expect(
            change.keys.map { $0.text() } == [
                "first_port: 80 → not set", "last_port: not set → 9001", "pool: \"a\" → \"b\"",
            ])
        #expect(try Plan.from("", to: text("pool = \"main\"")).isEmpty)
    }

    @Test func whatWasMadeInCodeCanBeLeft() throws {
        let plan = ConfigurationPlan(from: Configuration(), to: try Load.good(Example.text, Example.files))
        #expect(plan.count(of: .added) == 6 && plan.plugins.map(\.name) == ["load-balancer"])
    }

    @Test func tenThousandServicesAreOneLookEach() throws {
        let service = try #require(try Load.good(Plan.web(["nice": "1"])).services.first)
        let other = try #require(try Load.good(Plan.web(["nice": "2"])).services.first)
        func configuration(_ range: Range<Int>, _ template: (Int) -> ServiceConfiguration) throws -> Configuration {
            Configuration(
                services: try range.map { index in
                    var copy = template(index)
                    copy.name = try #require(ServiceName("s\(index)"))
                    return copy
                })
        }
        let old = try configuration(0..<10_000) { _ in service }
        let new = try configuration(100..<10_100) { $0.isMultiple(of: 2) ? other : service }
        let plan = ConfigurationPlan(from: old, to: new)
        #expect(plan.count(of: .removed) == 100 && plan.count(of: .added) == 100)
        #expect(plan.count(of: .changed) == 4_950 && plan.unchanged == 4_950)
        #expect(ConfigurationPlan(from: new, to: new).unchanged == 10_000)
    }
}
