import SupdJSON
import SupdPlugin
import SupdProtocol
import Testing

@testable import supctl

@Suite struct PlanTextTests {
    private static let plan = ConfigurationPlanReply(
        token: "3f2a", path: "/c",
        counts: .init(added: 1, removed: 1, restarted: 1, changed: 1, scaled: 1, unchanged: 12),
        services: [
            .init(
                name: "web", kind: .restarted,
                keys: [
                    .init(key: "exec_start", old: "\"web --port 80\"", new: "\"web --port 81\"", effect: .nextStart),
                    .init(key: "environment.TOKEN", old: nil, new: nil, effect: .nextStart),
                ]),
            .init(
                name: "db", kind: .changed,
                keys: [
                    .init(key: "timeout_stop", old: "10s", new: "30s", effect: .atOnce),
                    .init(key: "umask", old: nil, new: "0027", effect: .nextStart),
                ]),
            .init(name: "cache", kind: .added), .init(name: "old", kind: .removed),
            .init(
                name: "worker", kind: .scaled, keys: [.init(key: "instances", old: "3", new: "5", effect: .atOnce)],
                instances: .init(old: 3, new: 5)),
        ],
        supervisor: [.init(key: "socket", old: "/a", new: "/b", effect: .daemonRestart)],
        plugins: [.init(name: "lb", keys: [.init(key: "share", old: "1", new: nil, effect: .atOnce)])])

    private func outcome(
        _ verb: Verb, _ plan: ConfigurationPlanReply, _ terminal: Terminal = .none, json: Bool = false
    ) throws -> Outcome {
        var writer = JSONWriter()
        plan.encode(into: &writer)
        let value = try JSONValue(parsing: writer.bytes, limits: .document)
        return try Presentation(json: json, terminal: terminal, now: now).outcome(of: verb, value)
    }

    private func lines(_ width: Int?) -> [String] {
        PlanText.text(Self.plan, terminal: Terminal(width: width)).split(separator: "\n").map(String.init)
    }

    @Test func whatIsHiddenIsCounted() throws {
        var plan = ConfigurationPlanReply(token: "t", path: "/c", counts: .init(changed: 1, unchanged: 3), hidden: 1)
        #expect(
            try outcome(.plan, plan).output == """
                a service that you may not see
                3 unchanged

                'supctl apply --expect t' does this.

                """)
        plan.hidden = 2
        #expect(try outcome(.plan, plan).output.hasPrefix("2 services that you may not see\n3 unchanged\n"))
    }

    @Test func eachKindIsARowWithTheKeysThatMakeItSo() throws {
        let outcome = try outcome(.plan, Self.plan)
        #expect(outcome.status == .done)
        #expect(
            outcome.output == """
                restart  web     exec_start: "web --port 80" → "web --port 81"
                                 environment.TOKEN: (changed)
                change   db      timeout_stop: 10s → 30s
                                 umask: (not set) → 0027 (at its next start)
                add      cache
                remove   old
                scale    worker  3 → 5 instances
                plugin   lb      share: 1 → (not set)
                supervisor  socket: /a → /b (only when supd is restarted)
                12 unchanged

                'supctl apply --expect 3f2a' does this.

                """)
    }

    @Test func at60CellsWhatDoesNotFitGoesOnBelow() {
        #expect(
            lines(60) == [
                #"restart  web     exec_start: "web --port 80" → "web --port"#,
                #"                   81""#,
                "                 environment.TOKEN: (changed)",
                "change   db      timeout_stop: 10s → 30s",
                "                 umask: (not set) → 0027 (at its next start)",
                "add      cache", "remove   old",
                "scale    worker  3 → 5 instances",
                "plugin   lb      share: 1 → (not set)",
                "supervisor  socket: /a → /b (only when supd is restarted)",
                "12 unchanged",
            ])
    }

    @Test func at30CellsValuesStandBelowTheirService() {
        #expect(
            lines(30).prefix(5) == [
                "restart  web", #"    exec_start: "web --port"#, #"      80" → "web --port 81""#,
                "    environment.TOKEN:", "      (changed)",
            ])
    }

    @Test(arguments: 12...130) func noLineIsLongerThanTheTerminal(_ width: Int) {
        for line in lines(width) { #expect(DisplayText.width(of: line) <= width, "\(line)") }
    }

    @Test func whatIsDoneHasItsColourOnlyWhereThatIsSeen() {
        let coloured = PlanText.text(Self.plan, terminal: Terminal(width: 80, hasColour: true))
        for label in ["\u{1B}[33mrestart\u{1B}[0m", "\u{1B}[32madd\u{1B}[0m", "\u{1B}[31mremove\u{1B}[0m"] {
            #expect(coloured.contains(label))
        }
        let uncoloured = [32, 33, 31, 0].reduce(coloured) { $0.replacing("\u{1B}[\($1)m", with: "") }
        #expect(uncoloured == PlanText.text(Self.plan, terminal: Terminal(width: 80)))
        #expect(!PlanText.text(Self.plan, terminal: .none).contains("\u{1B}"))
    }

    @Test func whatAConfigurationSaysCannotForgeARow() {
        let key = ConfigurationPlanReply.Key(key: "a\nb", old: "\u{1B}[2K", new: "x\ny", effect: .atOnce)
        let plan = ConfigurationPlanReply(
            token: "t", path: "/c", services: [.init(name: "w\ne", kind: .changed, keys: [key])])
        #expect(
            PlanText.text(plan, terminal: .none) == #"change  w\ne  a\nb: \u{1B}[2K → x\ny"# + "\n0 unchanged\n")
    }

    @Test func nothingToDoIsSaidSo() throws {
        let plan = ConfigurationPlanReply(token: "t", path: "/c", counts: .init(unchanged: 3))
        #expect(try outcome(.plan, plan).output == "nothing to do: the file says what is in force\n")
        var applied = plan
        applied.outcome = .init(applied: true)
        #expect(
            try outcome(.apply(ReloadParams()), applied)
                == Outcome(output: "nothing to do: the file says what is in force\n"))
    }

    @Test func whatHoldsWithoutBeingSaidIsShown() {
        var plan = ConfigurationPlanReply(token: "t", path: "/c")
        plan.services = [
            .init(
                name: "web", kind: .changed,
                keys: [
                    .init(key: "timeout_stop", old: nil, new: "\"5s\"", effect: .atOnce, standard: "\"10s\""),
                    .init(key: "restart", old: "\"no\"", new: nil, effect: .atOnce, standard: "\"on-failure\""),
                ])
        ]
        #expect(
            PlanText.text(plan, terminal: .none) == """
                change  web  timeout_stop: "10s" (standard) → "5s"
                             restart: "no" → "on-failure" (standard)
                0 unchanged

                """)
    }

    @Test func whatIsDeferredIsNoRestart() throws {
        var plan = ConfigurationPlanReply(token: "t", path: "/c", counts: .init(restarted: 2, scaled: 1, unchanged: 3))
        plan.services = [
            .init(name: "db", kind: .restarted, keys: [.init(key: "nice", old: nil, new: "5", effect: .nextStart)]),
            .init(name: "web", kind: .scaled, instances: .init(old: 3, new: 2), with: "db"),
            .init(name: "migrate", kind: .restarted, with: "db"),
        ]
        #expect(
            PlanText.text(plan, terminal: .none) == """
                restart  db       nice: (not set) → 5
                scale    web      3 → 2 instances
                                  restarted with db, if it is up
                restart  migrate  with db, if it is up
                3 unchanged

                """)
        plan.outcome = .init(applied: true, deferred: ["db"])
        #expect(
            try outcome(.apply(ReloadParams(deferred: true)), plan).output == """
                defer  db   nice: (not set) → 5
                scale  web  3 → 2 instances
                4 unchanged

                by an older definition until the next start: db

                done

                """)
    }

    @Test func whatWasScaledByAnOrderIsSaid() {
        let kept = ConfigurationPlanReply(token: "t", path: "/c", kept: [.init(name: "web", file: 1, now: 3)])
        #expect(
            PlanText.text(kept, terminal: .none) == """
                nothing to do: the file says what is in force
                web keeps the 3 instances that 'supctl scale' gave it, where the file says 1

                """)
        var plan = Self.plan
        plan.kept = kept.kept
        #expect(
            PlanText.text(plan, terminal: .none).hasSuffix(
                "12 unchanged\nweb keeps the 3 instances that 'supctl scale' gave it, where the file says 1\n"))
    }

    @Test func whatRunsByAnOlderDefinitionIsSaid() throws {
        var plan = ConfigurationPlanReply(token: "t", path: "/c", older: ["db", "web"])
        let said = """
            nothing to do: the file says what is in force

            by an older definition until the next start: db, web

            """
        #expect(try outcome(.plan, plan).output == said)
        plan.outcome = .init(applied: true)
        #expect(try outcome(.apply(ReloadParams()), plan).output == said)
    }

    @Test func oneInstanceIsNoPlural() {
        let plan = ConfigurationPlanReply(
            token: "t", path: "/c",
            services: [
                .init(name: "new", kind: .added, instances: .init(old: 0, new: 1)),
                .init(name: "old", kind: .removed, instances: .init(old: 1, new: 0)),
            ])
        let text = PlanText.text(plan, terminal: .none)
        #expect(text == "add     new  0 → 1 instance\nremove  old  1 → 0 instances\n0 unchanged\n")
    }

    @Test func whatHasAsManyInstancesAlreadyIsSaid() {
        let plan = ConfigurationPlanReply(
            token: "t", path: "/c",
            services: [
                .init(
                    name: "web", kind: .scaled, keys: [.init(key: "instances", old: "2", new: "4", effect: .atOnce)],
                    instances: .init(old: 4, new: 4))
            ])
        #expect(PlanText.text(plan, terminal: .none) == "scale  web  4 instances already\n0 unchanged\n")
    }

    @Test func aChangeThatOnlyARestartOfSupdPutsIntoEffectOffersNothing() throws {
        let plan = ConfigurationPlanReply(token: "t", path: "/c", supervisor: Self.plan.supervisor)
        let output = try outcome(.plan, plan).output
        #expect(output.hasSuffix("\n\nNothing of this is done before supd itself is restarted.\n"))
        #expect(!output.contains("apply"))
    }

    @Test func jsonIsTheDaemonsOwnObject() throws {
        let output = try outcome(.plan, Self.plan, json: true).output
        #expect(output.hasPrefix(#"{"token":"3f2a","path":"/c","counts":{"#) && output.hasSuffix("}\n"))
    }

    @Test func whatWasAppliedIsShownWithWhatFailed() throws {
        var plan = Self.plan
        plan.outcome = .init(applied: true)
        let fine = try outcome(.apply(ReloadParams()), plan)
        #expect(fine.status == .done && fine.errors.isEmpty)
        #expect(fine.output.hasSuffix("12 unchanged\n\ndone\n"))
        let begun = try outcome(.apply(ReloadParams(wait: false)), plan)
        #expect(begun.output.hasSuffix("12 unchanged\n\nbegun; 'supctl status' shows how far it is\n"))

        plan.outcome?.deferred = ["web", "db"]
        plan.outcome?.failed = [.init(name: "cache", reason: "FATAL: exit code 1\n")]
        let failed = try outcome(.apply(ReloadParams()), plan)
        #expect(failed.status == .failed)
        #expect(failed.output.hasSuffix("12 unchanged\n\nby an older definition until the next start: web, db\n"))
        #expect(failed.errors == "supctl: cache: FATAL: exit code 1\\n\n")
    }

    @Test func whatWasOvertakenIsAFailure() throws {
        var plan = Self.plan
        plan.outcome = .init(applied: false)
        let outcome = try outcome(.apply(ReloadParams()), plan)
        #expect(outcome.status == .failed)
        #expect(outcome.errors == "supctl: this was not carried out: supd runs by its older configuration\n")
    }

    @Test func reopenedFilesAreCounted() throws {
        for (count, text) in [(0, "0 log files"), (1, "1 log file"), (2, "2 log files")] {
            let value: JSONValue = ["files": .integer(Int64(count))]
            let outcome = try Presentation(json: false, terminal: .none, now: now)
                .outcome(of: .reopenLogs(services: []), value)
            #expect(outcome == Outcome(output: "\(text) opened anew\n"))
        }
    }
}
