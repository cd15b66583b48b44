import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdTesting
import Testing

@testable import SupdDaemon

/// A changed configuration put into effect: each kind of change, and nothing else.
@Suite struct ApplyTests {
    @Test func whatSaysTheSameIsNotTouched() throws {
        let run = try Reconfiguration(table("web") + table("db"), seed: 1)
        run.apply("# The same.\n" + table("web") + table("db"), at: 1_000)
        let replies = try run.run(until: 2_000)
        #expect(replies["1000"]?.contains(#""unchanged":2"#) == true, "\(replies)")
        #expect(run.started.map(\.program) == ["web", "db"])
        #expect(run.tells("taken over by order of uid 0, pid 4242: 2 unchanged"), "\(run.log)")
    }

    /// In the log as well, which is all that whoever sends SIGHUP gets.
    @Test func whatIsTakenOverOnlyWithTheNextDaemonIsNamed() throws {
        let off = table("db", "enabled = false")
        let run = try Reconfiguration(table("web") + off, seed: 14)
        run.apply("[supervisor]\nsocket = \"/other.sock\"\nconnections = 32\n" + table("web") + off, at: 1_000)
        try run.run(until: 2_000)
        #expect(
            run.tells("2 unchanged, [supervisor] changed (socket only when supd is restarted)"), "\(run.log)")
        #expect(run.tells("is starting 1 instance"), "\(run.log)")
    }

    @Test func whatIsAddedIsStartedWithWhatItRequires() throws {
        let run = try Reconfiguration(table("web"), seed: 2)
        run.apply(table("api", "requires = \"db\"") + table("web") + table("db"), at: 1_000)
        run.at(1_500) { #expect($0.states == "api RUNNING, web RUNNING, db RUNNING", "in the order of the file") }
        try run.run(until: 2_000)
        #expect(run.started(from: 1_000) == ["db", "api"])
    }

    @Test func whatIsAddedAndNotEnabledIsNotStarted() throws {
        let run = try Reconfiguration(table("web"), seed: 3)
        run.apply(table("web") + table("db", "enabled = false"), at: 1_000)
        run.at(1_500) { #expect($0.states == "web RUNNING, db STOPPED") }
        try run.run(until: 2_000)
        #expect(run.started(from: 1_000) == [])
    }

    @Test func whatIsEnabledIsStartedAndWhatIsDisabledRunsOn() throws {
        let run = try Reconfiguration(table("web", "enabled = false") + table("db"), seed: 4)
        run.apply(table("web") + table("db", "enabled = false"), at: 1_000)
        run.at(1_500) { #expect($0.states == "web RUNNING, db RUNNING") }
        try run.run(until: 2_000)
        #expect(run.started(from: 1_000) == ["web"])
    }

    /// By its old definition, and behind what required it.
    @Test func whatIsRemovedGoesByItsOldDefinition() throws {
        let db = table(
            "db", "exec_stop = \"/bin/halt\"", "exec_stop_post = \"/bin/tidy\"", "timeout_stop = 5",
            "hooks = [{ run = \"leave\", at = \"before-stop\" }]")
        let run = try Reconfiguration(
            table("web", "requires = \"db\"") + db + table("other"), seed: 5, plugins: [Versatile()],
            [
                "web": ProcessScript(obedience: .exits(after: .seconds(1))),
                "halt": ProcessScript(runsFor: .milliseconds(10)), "tidy": ProcessScript(runsFor: .milliseconds(10)),
            ])
        run.apply(table("other"), at: 1_000)
        run.at(3_000) {
            #expect($0.states == "other RUNNING")
            #expect($0.supervisor.roster.service(named: "db") == nil && $0.instances(of: "web") == [])
        }
        let replies = try run.run(until: 4_000)
        #expect(
            run.tells("web is stopped", "hook 'leave' of db begins", "db is stopped", "db is removed"), "\(run.log)")
        #expect(run.started(from: 1_000) == ["halt", "tidy"])
        let outcome = replies["1000"]
        #expect(
            outcome?.contains(#""removed":2"#) == true && outcome?.contains(#""applied":true"#) == true, "\(replies)")
    }

    @Test func whatIsRenamedIsRemovedAndAdded() throws {
        let run = try Reconfiguration(table("web"), seed: 6)
        run.apply("[service.site]\nexec_start = \"/bin/web\"\n", at: 1_000)
        run.at(1_500) { #expect($0.states == "site RUNNING") }
        try run.run(until: 2_000)
        #expect(run.tells("web is removed") && run.started.count == 2)
    }

    /// What requires it goes down before it and comes up behind it; what does not runs on.
    @Test func whatIsRestartedKeepsTheOrderOfItsRelations() throws {
        let rest = table("web", "requires = \"db\"") + table("other")
        let run = try Reconfiguration(table("db") + rest, seed: 7)
        run.apply(table("db", "working_directory = \"/srv\"") + rest, at: 1_000)
        let replies = try run.run(until: 3_000)
        #expect(run.started(from: 1_000) == ["db", "web"])
        #expect(run.tells("taken over", "web ended after", "db ended after", "db is running", "web is running"))
        #expect(replies["1000"]?.contains(#""restarted":2"#) == true, "\(replies)")
        #expect(
            replies["1000"]?.contains(#""name":"web","kind":"restarted","keys":[],"with":"db""#) == true, "\(replies)")
        #expect(replies["1000"]?.contains(#""failed":[]"#) == true || replies["1000"]?.contains("failed") == false)
    }

    @Test func whatIsDeferredRunsOnUntilItsNextStart() throws {
        let run = try Reconfiguration(table("web"), seed: 8)
        run.apply(
            "[service.web]\nexec_start = [\"/bin/web\", \"--fast\"]\n", at: 1_000, #""wait":true,"defer":true"#)
        run.ask("service.status", #""services":["web"]"#, at: 1_500)
        run.ask("service.restart", #""services":["web"],"wait":true"#, at: 2_000)
        run.ask("service.status", #""services":["web"]"#, at: 2_500)
        let replies = try run.run(until: 3_000)
        #expect(run.started.map(\.program) == ["web", "web --fast"])
        #expect(replies["1000"]?.contains(#""deferred":["web"]"#) == true, "\(replies)")
        #expect(replies["1500"]?.contains(#""outdated":true"#) == true, "\(replies)")
        #expect(replies["2500"]?.contains(#""outdated":true"#) == false, "\(replies)")
    }

    /// What runs is just what the file says again.
    @Test func whatWasDeferredAndTakenBackIsNotRestarted() throws {
        let run = try Reconfiguration(table("web"), seed: 16)
        let fast = "[service.web]\nexec_start = [\"/bin/web\", \"--fast\"]\n"
        run.apply(fast, at: 1_000, #""wait":true,"defer":true"#)
        run.ask("config.plan", "", at: 1_500)
        run.at(2_000) { $0.files.write(table("web")) }
        run.ask("config.plan", "", at: 2_100)
        run.apply(table("web"), at: 2_500)
        run.ask("service.status", #""services":["web"]"#, at: 3_000)
        run.apply(table("web", "timeout_stop = 7"), at: 3_500)
        run.at(3_600) {
            #expect($0.supervisor.definition(of: $0.instances(of: "web")[0]).conduct.stopSteps[0].wait == .seconds(7))
        }
        run.ask("service.restart", #""services":["web"],"wait":true"#, at: 4_000)
        let replies = try run.run(until: 5_000)
        #expect(run.started.map(\.program) == ["web", "web"] && run.started(from: 4_000) == ["web"])
        #expect(replies["1500"]?.contains(#""older_definitions":["web"]"#) == true, "\(replies)")
        for id in ["1500", "2100", "2500"] { #expect(replies[id]?.contains(#""unchanged":1"#) == true, "\(replies)") }
        for id in ["2100", "2500"] { #expect(replies[id]?.contains("older_definitions") == false, "\(replies)") }
        #expect(replies["3000"]?.contains(#""outdated":true"#) == false, "\(replies)")
        #expect(replies["3500"]?.contains(#""changed":1"#) == true, "\(replies)")
    }

    /// Each instance by what it runs by.
    @Test func ofWhatWasDeferredOnlyThoseAreRestartedThatRunByAnother() throws {
        func web(_ word: String, _ lines: String = "") -> String {
            "[service.web]\ninstances = 2\nexec_start = [\"/bin/web\", \"\(word)\"]\n\(lines)\n"
        }
        let run = try Reconfiguration(web("a"), seed: 17)
        run.apply(web("b"), at: 1_000, #""wait":true,"defer":true"#)
        run.ask("service.restart", #""services":["web@2"],"wait":true"#, at: 1_500)
        run.apply(web("a", "timeout_stop = 7"), at: 2_000)
        run.at(2_500) { run in
            #expect(run.states == "web@1 RUNNING, web@2 RUNNING")
            for instance in run.instances(of: "web") {
                #expect(run.supervisor.definition(of: instance).conduct.stopSteps[0].wait == .seconds(7))
                #expect(run.supervisor.fleet[instance].settings.stopSteps[0].wait == .seconds(7))
            }
        }
        let replies = try run.run(until: 3_000)
        #expect(run.started.map(\.program) == ["web a", "web a", "web b", "web a"])
        #expect(replies["2000"]?.contains(#""key":"exec_start""#) == true, "\(replies)")
    }

    @Test func aPlanTakesNothingOverAndItsTokenIsExpected() throws {
        let run = try Reconfiguration(table("web"), seed: 9)
        run.at(1_000) { $0.files.write(table("web") + table("db")) }
        run.ask("config.plan", "", at: 1_000)
        var token = ""
        run.at(1_500) {
            #expect($0.states == "web RUNNING")
            let reply = $0.host.receive(as: $0.client)
            token = reply.firstMatch(of: /"token":"([^"]+)"/).map { String($0.1) } ?? ""
            $0.files.write(table("web") + table("api"))
            $0.host.send(#"{"id":1,"method":"config.reload","params":{"expect":"\#(token)"}}"# + "\n", as: $0.client)
        }
        run.at(2_000) {
            #expect($0.states == "web RUNNING")
            #expect($0.host.receive(as: $0.client).contains("plan-changed"))
            $0.files.write(table("web") + table("db"))
            $0.host.send(#"{"id":2,"method":"config.reload","params":{"expect":"\#(token)"}}"# + "\n", as: $0.client)
        }
        run.at(2_500) { #expect($0.states == "web RUNNING, db RUNNING") }
        try run.run(until: 3_000)
        #expect(!token.isEmpty)
    }

    @Test func aFaultRefusesTheWhole() throws {
        let run = try Reconfiguration(table("web"), seed: 10)
        run.apply(table("db") + table("web", "nice = 99"), at: 1_000)
        run.at(1_500) { #expect($0.states == "web RUNNING") }
        let replies = try run.run(until: 2_000)
        #expect(replies["1000"]?.contains(#""line":5"#) == true, "\(replies)")
        let told = run.host.notifications
        let reloading = told.firstIndex { $0.hasPrefix("RELOADING=1\nMONOTONIC_USEC=") }
        let ready = told.lastIndex { $0.hasPrefix("READY=1\nSTATUS=the configuration was refused: ") }
        #expect(reloading != nil && ready != nil && reloading ?? 0 < ready ?? 0, "\(told)")
    }

    @Test func theNumberOfInstancesIsScaledAndAScaleOfAnOperatorSurvives() throws {
        let run = try Reconfiguration(table("web", "instances = 2") + table("db"), seed: 11)
        run.ask("service.scale", #""service":"web","instances":3"#, at: 500)
        run.apply(table("web", "instances = 2", "tags = [\"a\"]") + table("db"), at: 1_000)
        run.at(1_500) {
            #expect($0.states == "web@1 RUNNING, web@2 RUNNING, web@3 RUNNING, db RUNNING")
            #expect(
                $0.instances(of: "web").allSatisfy { run.supervisor.definition(of: $0).configuration.tags == ["a"] })
        }
        run.apply(table("web", "instances = 1", "tags = [\"a\"]") + table("db", "instances = 2"), at: 2_000)
        run.ask("config.plan", "", at: 1_900)
        run.at(2_500) { #expect($0.states == "web@1 RUNNING, db@1 RUNNING, db@2 RUNNING") }
        let replies = try run.run(until: 3_000)
        #expect(run.started.filter { $0.program == "web" }.count == 3)
        #expect(replies["1900"]?.contains(#""kept_instances":[{"name":"web","file":2,"now":3}]"#) == true, "\(replies)")
        // What happens, not what the files said.
        #expect(replies["2000"]?.contains(#""instances":{"old":3,"new":1}"#) == true, "\(replies)")
    }

    @Test func moreInstancesOfWhatIsStoppedAreNotStarted() throws {
        let run = try Reconfiguration(table("web", "enabled = false", "instances = 2") + table("db"), seed: 12)
        run.ask("service.stop", #""services":["db"]"#, at: 500)
        run.apply(table("web", "enabled = false", "instances = 3") + table("db", "instances = 2"), at: 1_000)
        run.at(1_500) {
            #expect($0.states == "web@1 STOPPED, web@2 STOPPED, web@3 STOPPED, db@1 STOPPED, db@2 STOPPED")
        }
        try run.run(until: 2_000)
        #expect(run.started(from: 1_000) == [])
    }

    @Test func settingsAreForWhatRunsAtOnce() throws {
        let run = try Reconfiguration(
            table("web", "timeout_stop = 60") + table("db"), seed: 13, ["web": ProcessScript(obedience: .ignores)])
        run.apply(table("web", "timeout_stop = 1", "nice = 5") + table("db"), at: 1_000)
        run.ask("service.stop", #""services":["web"],"wait":true"#, at: 2_000)
        run.at(3_500) { #expect($0.states == "web STOPPED, db RUNNING") }
        try run.run(until: 4_000)
        let applications = run.host.treeSettings.applications
        #expect(applications.map(\.settings.nice) == [5] && run.started.count == 2, "\(applications)")
    }

    @Test func probesHooksAndSinksAreExchanged() throws {
        let run = try Reconfiguration(table("web"), seed: 14, plugins: [Versatile()])
        var asked: [Int] = []
        run.host.onWork = { [unowned run] name, _ in if name.contains("asks") { asked.append(run.now) } }
        run.apply(
            table(
                "web", "health = { type = \"asks\", period = 1 }",
                "hooks = [{ run = \"leave\", at = \"before-stop\" }]",
                "log = { sink = \"pool\" }"), at: 1_000)
        run.at(4_100) {
            #expect($0.supervisor.plugins.sinks.queues.count == 1)
            #expect($0.states == "web RUNNING")
        }
        run.apply(table("web"), at: 5_000)
        run.at(6_000) {
            #expect($0.supervisor.plugins.sinks.queues.isEmpty && $0.supervisor.plugins.probes.isEmpty)
        }
        try run.run(until: 9_000)
        #expect(run.started.count == 1 && asked.count > 2 && asked.allSatisfy { (1_000...5_001).contains($0) })
        #expect(!run.tells("hook 'leave' of web begins"))
    }

    @Test func aPluginWithOtherOptionsIsExchangedAndNoOther() throws {
        let run = try Reconfiguration(table("web"), seed: 15, plugins: [Versatile()])
        run.apply("[plugins.versatile]\nlevel = 2\n" + table("web"), at: 1_000)
        run.apply("[plugins.versatile]\nlevel = 10\n" + table("web"), at: 2_000)
        let replies = try run.run(until: 3_000)
        #expect(run.tells("plugin 'versatile' has new options", "plugin 'versatile' runs with its new options"))
        #expect(replies["2000"]?.contains("error") == true && run.started.count == 1, "\(replies)")
    }
}
