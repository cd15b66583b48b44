import SupdEngine
import SupdHost
import SupdPlugin
import SupdTesting
import Testing

@testable import SupdDaemon

/// Orders that cross a configuration on its way into effect.
@Suite struct CrossingTests {
    private let slow = ProcessScript(obedience: .exits(after: .seconds(3)))

    @Test func theLaterApplyWaitsAndTheLatestFileWins() throws {
        let run = try Reconfiguration(table("web"), seed: 101)
        run.host.asideTime = .seconds(1)
        run.apply(table("web") + table("a"), at: 1_000)
        run.apply(table("web") + table("b"), at: 1_500)
        let replies = try run.run(until: 5_000)
        #expect(replies.keys.sorted() == ["1000", "1500"])
        #expect(run.started(from: 1_000) == ["a", "b"] && run.files.reads == 3)
        #expect(run.tells("1 added, 1 unchanged", "1 removed, 1 added, 1 unchanged"), "\(run.log)")
    }

    @Test func aThousandSignalsAreOneOrTwoReads() throws {
        let run = try Reconfiguration(table("web"), seed: 102)
        run.at(1_000) { $0.files.write(table("web") + table("a")) }
        run.signal(at: 1_000, times: 1_000)
        run.at(2_000) { #expect($0.states == "web RUNNING, a RUNNING") }
        try run.run(until: 3_000)
        #expect((2...3).contains(run.files.reads), "\(run.files.reads)")
    }

    @Test func aDrainDuringAnApplyWinsAndWhoWaitsIsAnswered() throws {
        let run = try Reconfiguration(table("web") + table("db"), seed: 103, ["web": slow])
        run.apply(table("web", "umask = \"0027\""), at: 1_000)
        run.ask("supervisor.drain", #""wait":true"#, at: 2_000)
        run.apply(table("api"), at: 2_500)
        run.at(9_000) { #expect($0.states == "web STOPPED") }
        let replies = try run.run(until: 10_000)
        #expect(run.started.count == 2, "\(run.started)")
        #expect(replies["1000"] != nil && replies["2000"] != nil, "\(replies)")
        #expect(replies["2500"]?.contains("shutting-down") == true, "\(replies)")
    }

    @Test func oneThatIsReadWhileADrainBeginsIsRefused() throws {
        let run = try Reconfiguration(table("web"), seed: 104)
        run.host.asideTime = .seconds(1)
        run.apply(table("api"), at: 1_000)
        run.ask("supervisor.drain", #""wait":true"#, at: 1_500)
        let replies = try run.run(until: 10_000)
        #expect(replies["1000"]?.contains("shutting-down") == true, "\(replies)")
        #expect(run.started.map(\.program) == ["web"])
    }

    /// One service at a time has a name: the next file is read once the former is gone.
    @Test func aNameThatComesBackWhileItGoesIsAnotherService() throws {
        let run = try Reconfiguration(table("web") + table("db"), seed: 105, ["web": slow])
        var first: InstanceID?
        run.at(500) { first = $0.instances(of: "web").first }
        run.apply(table("db"), at: 1_000)
        run.apply(table("web", "umask = \"0027\"") + table("db"), at: 2_000)
        run.at(3_500) { #expect($0.states == "db RUNNING, web STOPPING") }
        run.at(5_000) { run in
            #expect(run.states == "web RUNNING, db RUNNING")
            let web = run.instances(of: "web").first
            #expect(web != first && web.map { run.supervisor.fleet[$0].attempt } == 2)
        }
        let replies = try run.run(until: 6_000)
        #expect(replies.keys.sorted() == ["1000", "2000"], "\(replies)")
        #expect(run.started.map(\.program) == ["web", "db", "web"])
    }

    @Test func aPlanDoesNotWaitForWhatGoes() throws {
        let run = try Reconfiguration(table("web") + table("db"), seed: 107, ["web": slow])
        run.apply(table("db"), at: 1_000)
        run.apply(table("web", "umask = \"0027\"") + table("db"), at: 2_000)
        run.ask("config.plan", "", at: 2_500)
        var early = ""
        run.at(3_000) {
            early = $0.host.receive(as: $0.client)
            #expect($0.states == "db RUNNING, web STOPPING")
        }
        let replies = try run.run(until: 6_000)
        #expect(early.contains(#""id":2500"#) && early.contains(#""added":1"#), "\(early)")
        #expect(replies["2000"]?.contains(#""applied":true"#) == true, "\(replies)")
        #expect(run.started.map(\.program) == ["web", "db", "web"])
    }

    @Test func aDrainEndsTheWaitForANameThatGoes() throws {
        let run = try Reconfiguration(table("web") + table("db"), seed: 106, ["web": slow])
        run.apply(table("db"), at: 1_000)
        run.apply(table("web") + table("db"), at: 2_000)
        run.ask("supervisor.drain", #""wait":true"#, at: 3_000)
        let replies = try run.run(until: 20_000)
        #expect(replies["2000"]?.contains("shutting-down") == true, "\(replies)")
        #expect(run.started.count == 2)
    }

    @Test func whoWaitsForWhatIsRemovedIsAnswered() throws {
        let run = try Reconfiguration(
            table("web", "exec_reload = \"/bin/again\"") + table("db"), seed: 107,
            ["web": slow, "again": ProcessScript(obedience: .ignores)])
        run.ask("service.reload", #""services":["web"],"wait":true"#, at: 500)
        run.apply(table("db"), at: 1_000)
        run.ask("service.stop", #""services":["web"],"wait":true"#, at: 1_500)
        run.ask("service.start", #""services":["web"],"wait":true"#, at: 1_600)
        run.ask("service.restart", #""services":["web"],"wait":true"#, at: 1_700)
        run.ask("service.scale", #""service":"web","instances":2,"wait":true"#, at: 1_800)
        let replies = try run.run(until: 60_000)
        #expect(replies.keys.sorted() == ["1000", "1500", "1600", "1700", "1800", "500"], "\(replies)")
        #expect(replies["1800"]?.contains("the configuration does not have it any more") == true, "\(replies)")
        #expect(run.started.map(\.program) == ["web", "db", "again"])
        #expect(run.tells("web is removed"))
    }

    /// Lists are written as their readers take them: what has gone meanwhile is left out.
    @Test func listsUnderWayLeaveOutWhatIsRemoved() throws {
        let names = (1...400).map { "service-with-a-long-name-\($0)" }
        let run = try Reconfiguration(table("web") + names.map { table($0) }.joined(), seed: 108)
        let clients = (0..<4).map { _ in run.host.connect() }
        run.at(3_000) {
            for (client, request) in zip(
                clients,
                [
                    #""logs.read","params":{"services":["*"]}"#, #""service.status","params":{}"#,
                    #""service.tree","params":{}"#, #""service.stop","params":{"services":["*"],"wait":true}"#,
                ])
            {
                $0.host.send(#"{"id":1,"method":\#(request)}"# + "\n", as: client)
            }
            $0.files.write(table("web"))
            $0.host.send(.hup)
        }
        run.at(6_000) {
            #expect($0.supervisor.roster.count == 1)
            for client in clients.prefix(3) {
                var text = $0.host.receive(as: client)
                #expect(text.hasPrefix("{"), "\(text)")
                // What is read makes room for the rest.
                run.at(7_000) { text += $0.host.receive(as: client) }
                run.at(8_000) {
                    text += $0.host.receive(as: client)
                    #expect(text.hasSuffix("}\n"), "\(text.suffix(80))")
                }
            }
        }
        try run.run(until: 9_000)
    }

    @Test func aSpawnThatHangsIsTakenBackWithItsService() throws {
        let hung = ProcessScript(beginsAfter: .seconds(3600))
        let run = try Reconfiguration(
            table("web") + table("pre", "exec_start_pre = \"/bin/first\"") + table("db"), seed: 109,
            ["web": hung, "first": hung])
        run.at(1_000) { #expect($0.host.hungSpawns == 2) }
        run.apply(table("db"), at: 1_000)
        run.at(2_000) {
            #expect($0.host.hungSpawns == 0 && $0.supervisor.processes.pending.count == 0)
            #expect($0.states == "db RUNNING")
        }
        let replies = try run.run(until: 3_000)
        #expect(replies["1000"] != nil)
    }

    @Test func aSpawnThatHangsIsTakenBackByAChangeAndBegunAnew() throws {
        let run = try Reconfiguration(table("web"), seed: 110, ["web": ProcessScript(beginsAfter: .seconds(3600))])
        run.at(900) { $0.scripts = [:] }
        run.apply("[service.web]\nexec_start = [\"/bin/web\", \"--fast\"]\n", at: 1_000)
        run.at(2_000) { #expect($0.states == "web RUNNING" && $0.host.hungSpawns == 0) }
        try run.run(until: 3_000)
        #expect(run.started.map(\.program) == ["web", "web --fast"])
    }

    @Test func aSpawnThatTheKernelHoldsKeepsItsRemovedServiceUntilItIsBack() throws {
        let run = try Reconfiguration(
            table("web") + table("db"), seed: 111,
            ["web": ProcessScript(beginsAfter: .seconds(20), obedience: .unkillable)])
        run.apply(table("db"), at: 1_000, #""wait":false"#)
        run.at(10_000) { #expect($0.states == "db RUNNING, web STOPPING") }
        run.at(21_000) { #expect($0.states == "db RUNNING") }
        try run.run(until: 22_000)
    }

    @Test func aCommandBeforeAStartGoesWithItsServiceAndByTheDefinitionItBeganWith() throws {
        let run = try Reconfiguration(
            table("web", "exec_start_pre = \"/bin/first\"") + table("db", "exec_start_pre = \"/bin/second\""),
            seed: 112,
            ["first": ProcessScript(runsFor: .seconds(5)), "second": ProcessScript(runsFor: .seconds(5))])
        run.apply(table("db", "exec_start_pre = \"/bin/third\""), at: 1_000)
        run.at(3_000) { #expect($0.states == "db STARTING") }
        run.at(6_000) { #expect($0.states == "db RUNNING") }
        try run.run(until: 7_000)
        #expect(run.started.map(\.program) == ["first", "second", "db"], "\(run.started)")
    }

    /// Three changes of one turn, each as it was.
    @Test func aTurnTellsEachChangeAsItWas() throws {
        let run = try Reconfiguration(table("web"), seed: 113)
        run.apply(table("web", "umask = \"0027\""), at: 1_000)
        try run.run(until: 2_000)
        #expect(run.tells("web is STOPPING", "web ended after", "web is STARTING", "web is running"), "\(run.log)")
        #expect(run.log.matches(of: /web is STARTING/).count == 2)
    }

    @Test func aCrashWhileItIsChangedOrRemovedIsNoRestart() throws {
        let run = try Reconfiguration(
            table("web", "restart = \"always\"") + table("db", "restart = \"always\""), seed: 114,
            ["web": slow, "db": slow])
        run.apply(table("db", "umask = \"0027\"", "restart = \"always\""), at: 1_000)
        run.at(2_000) {
            $0.host.kill(service: "web", .kill)
            $0.host.kill(service: "db", .kill)
        }
        run.at(3_000) { #expect($0.states == "db RUNNING") }
        try run.run(until: 4_000)
        #expect(run.started.map(\.program) == ["web", "db", "db"])
    }

    @Test func aReplyGoesToWhoAskedAlone() throws {
        let run = try Reconfiguration(table("web"), seed: 115, ["web": slow])
        run.host.asideTime = .seconds(1)
        run.apply(table("web", "umask = \"0027\""), at: 1_000)
        run.at(1_200) { $0.host.hangUp($0.client) }
        var other: SimulatedClient?
        run.at(1_500) { other = $0.host.connect() }
        run.at(9_000) {
            #expect(other.map($0.host.receive) == "")
            #expect($0.states == "web RUNNING")
        }
        try run.run(until: 10_000)
    }
}
