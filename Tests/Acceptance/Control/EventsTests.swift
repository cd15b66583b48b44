import Glibc
import Testing

/// `events.subscribe`.
@Suite(.daemons)
struct EventsTests {
    /// Reads notices until one fits, and answers all of them.
    private func events(
        _ connection: Connection, within seconds: Double = 60, until fits: (JSONValue) -> Bool
    ) async throws -> [JSONValue] {
        var events: [JSONValue] = []
        while true {
            let notice = try await connection.reply(within: seconds)
            #expect(notice.method == "event" && notice.id.isNull)
            events.append(notice.params)
            if fits(notice.params) { return events }
        }
    }

    /// One that fails at once and is left as it is.
    private static let crash = TOML.child("crash", ["exit", "3"], "enabled = false", #"restart = "no""#)

    @Test func aCrashIsToldInItsOrderWithTheTimesOfStatus() async throws {
        try await withDaemon(Self.crash + TOML.child("other", ["wait"], #"tags = ["front"]"#)) { daemon in
            let subscriber = try daemon.connect()
            let snapshot = try await subscriber.call("events.subscribe", ["services": ["crash"]])
            let begin = try #require(snapshot.sequence.int)
            #expect(snapshot.services.array.map(\.name) == ["crash"] && snapshot.services.array[0].state == "STOPPED")
            try await daemon.order("restart", "other")
            try await daemon.order("start", "crash")
            let told = try await events(subscriber) { $0.state == "EXITED" }
            #expect(told.first?.kind == "order" && told.first?.order == "start" && told.first?.services == ["crash"])
            #expect(told.first?.cause.uid.int == Int(getuid()) && told.first?.cause.pid.int == Int(getpid()))
            #expect(told.first?.cause.command.string == Programs.ownName)
            let states = told.dropFirst()
            #expect(states.allSatisfy { $0.kind == "state" && $0.name == "crash" && $0.attempt == 1 })
            var state: JSONValue = "STOPPED"
            for event in states {
                #expect(event.from == state, "\(event.text)")
                state = event.state
            }
            #expect(states.map(\.state) == ["STARTING", "RUNNING", "STOPPING", "EXITED"])
            let numbers = told.compactMap(\.sequence.int)
            #expect(numbers == numbers.sorted() && numbers[0] > begin && Set(numbers).count == told.count)
            let status = try await daemon.service("crash")
            let last = try #require(states.last)
            #expect(last.time == status.since && last.exit == status.last_exit && last.exit.code == 3)
            #expect(last.reason == status.reason && last.cause == told.first?.cause)
            #expect(last.decision == ["outcome": "stay", "by": "policy", "policy": "no"], "\(last.text)")
            let stopping = states.dropLast().last
            #expect(stopping?.exit.code == 3 && states.first?.exit.isNull == true)
        }
    }

    /// What has happened is told before the answer to what is asked afterwards, however much it is.
    @Test func anAnswerComesBehindWhatHadHappened() async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            // Four events each: five turns' worth of them and more.
            for _ in 1...80 { try await daemon.order("restart", "web") }
            let last = try await daemon.connect().call("events.subscribe").sequence
            #expect(last.int ?? 0 > 320)
            let subscriber = try daemon.connect()
            let requests =
                #"{"jsonrpc":"2.0","id":1,"method":"events.subscribe","params":{"since":0}}"# + "\n"
                + #"{"jsonrpc":"2.0","id":2,"method":"supervisor.ping"}"# + "\n"
            try await subscriber.send(requests)
            #expect(try await subscriber.reply().id == 1)
            var told: JSONValue = .null
            while true {
                let line = try await subscriber.reply()
                if line.id == 2 { break }
                told = line.params.sequence
            }
            #expect(told == last)
        }
    }

    @Test func whoWasAwayGoesOnWhereItWas() async throws {
        try await withDaemon(Self.crash) { daemon in
            let first = try daemon.connect()
            let begin = try await first.call("events.subscribe").sequence
            try await daemon.order("start", "crash")
            let all = try await events(first) { $0.state == "EXITED" }
            let number = try #require(all.first { $0.state == "RUNNING" }?.sequence)
            let second = try daemon.connect()
            let reply = try await second.call("events.subscribe", ["since": number])
            let daemonSince = try await daemon.connect().call("supervisor.status").since
            #expect(reply.services == [] && reply.started == daemonSince)
            let rest = try await events(second) { $0.caught_up == true }
            #expect(Array(rest.dropLast()) == all.filter { $0.sequence.int ?? 0 > number.int ?? 0 })
            #expect(rest.last?.sequence == all.last?.sequence)
            // Only what is asked for; where that is nothing it is told that this is all.
            let third = try daemon.connect()
            _ = try await third.call("events.subscribe", ["since": begin, "kinds": ["health", "order"]])
            #expect(try await events(third) { $0.caught_up == true }.map(\.kind) == ["order", .null])
            // And what has not come yet is not taken for what was.
            let later = try await daemon.connect().exchange("events.subscribe", ["since": 1_000_000])
            #expect(later.error.message.string?.contains("has come to") == true, "\(later.text)")
        }
    }

    /// And of those only what it is told of counts.
    @Test func whoWantsTheLastIsToldNoneBefore() async throws {
        try await withDaemon(Self.crash + TOML.child("web", ["wait"])) { daemon in
            try await daemon.order("start", "crash")
            try await daemon.service("crash", becomes: "EXITED")
            // Four events each, and more than are looked at in one go.
            for _ in 1...40 { try await daemon.order("restart", "web") }
            func told(_ params: JSONValue) async throws -> [JSONValue] {
                let subscriber = try daemon.connect()
                let reply = try await subscriber.call("events.subscribe", params)
                #expect(reply.services == [], "\(reply.text)")
                let all = try await events(subscriber) { $0.caught_up == true }
                #expect(all.last?.sequence == reply.sequence)
                return Array(all.dropLast())
            }
            let all = try await told(["since": 0])
            let crashes = all.filter { $0.name == "crash" || $0.services == ["crash"] }
            #expect(all.count > 160 && crashes.count >= 5)
            var cases: [(JSONValue, ArraySlice<JSONValue>)] = [
                (["last": 2, "services": ["crash"]], crashes.suffix(2)),
                (["last": 2048, "services": ["crash"]], crashes[...]),
            ]
            for count in [0, 1, 3, 63, 64, 65, all.count, 2048] {
                cases.append((["last": .number(Double(count))], all.suffix(count)))
            }
            let number = try #require(all.dropLast(2).last?.sequence)
            for count in [1, 2, 9] {
                cases.append((["since": number, "last": .number(Double(count))], all.suffix(min(count, 2))))
            }
            for (params, expected) in cases {
                let found = try await told(params)
                #expect(found == Array(expected), "\(params)")
            }
            // And then what comes.
            let subscriber = try daemon.connect()
            _ = try await subscriber.call("events.subscribe", ["last": 0])
            try await daemon.order("stop", "web")
            let rest = try await events(subscriber) { $0.state == "STOPPED" }
            #expect(rest.first?.caught_up == true && rest.dropFirst().first?.order == "stop", "\(rest)")
        }
    }

    @Test func aConnectionFollowsOneThingAndIsAnsweredBeside() async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            let connection = try daemon.connect()
            _ = try await connection.call("events.subscribe")
            let second = try await connection.exchange("logs.follow", ["services": ["web"]])
            #expect(second.error.message.string?.contains("open another one") == true)
            #expect(try await connection.call("supervisor.ping").state == "RUNNING")
            let unknown = try await daemon.connect().exchange("events.subscribe", ["services": ["wbe"]])
            #expect(unknown.error.data.suggestion == "web")
            // As socat does at the end of its input.
            await connection.finishWriting()
            try await daemon.order("stop", "web")
            #expect(try await events(connection) { $0.state == "STOPPED" }.count >= 3)
        }
    }

    @Test func whoDoesNotReadIsToldHowMuchIsMissing() async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            let slow = try daemon.connect()
            let begin = try #require(try await slow.call("events.subscribe").sequence.int)
            let busy = try daemon.connect()
            let count = 6000
            for _ in 0..<count / 20 {
                let order = #"{"id":1,"method":"service.reset_failed","params":{"services":["web"]}}"# + "\n"
                try await busy.send(String(repeating: order, count: 20))
                for _ in 0..<20 { _ = try await busy.reply() }
            }
            let last = begin + count
            let told = try await events(slow) { ($0.sequence.int ?? 0) >= last }
            let missing = told.compactMap(\.gap.int)
            #expect(missing.count == 1 && told.filter { $0.kind == "order" }.count + missing.reduce(0, +) == count)
            // Nobody resumes at what is not remembered any more without being told.
            let late = try daemon.connect()
            _ = try await late.call("events.subscribe", ["since": .number(Double(begin))])
            let rest = try await events(late) { $0.caught_up == true }
            let gap = try #require(rest.first?.gap.int)
            #expect(rest.dropFirst().dropLast().count + gap == count && gap > 0)
            #expect(rest.first?.sequence.int == begin + gap)
            // Who wants the last has missed nothing, as long as there are so many.
            let last2 = try daemon.connect()
            _ = try await last2.call("events.subscribe", ["last": 2])
            let newest = try await events(last2) { $0.caught_up == true }
            #expect(newest == rest.suffix(3))
        }
    }

    /// What is started again at once was STOPPED for a moment in which it waited for nothing.
    @Test func aWaitForAStartSlotIsToldOnlyWhereThereIsOne() async throws {
        let folder = try TemporaryFolder()
        let slow = TOML.list([Programs.testchild, "notify", "await:" + folder.path("go"), "send:READY=1"])
        let text =
            "[supervisor]\nstart_parallelism = 1\n" + TOML.child("web", ["wait"])
            + "[service.slow]\nexec_start = \(slow)\ntype = \"notify\"\nenabled = false\n"
        try await withDaemon(text, folder: folder) { daemon in
            try await daemon.service("web", becomes: "RUNNING")
            let subscriber = try daemon.connect()
            _ = try await subscriber.call("events.subscribe", ["services": ["web"], "kinds": ["state"]])
            try await daemon.order("restart", "web")
            let atOnce = try await events(subscriber) { $0.state == "RUNNING" }
            #expect(atOnce.map(\.state) == ["STOPPING", "STOPPED", "STARTING", "RUNNING"])
            #expect(atOnce.map(\.reason) == [.null, .null, .null, .null])
            let others = try daemon.connect()
            _ = try await others.call("service.start", ["services": ["slow"], "wait": false])
            try await daemon.service("slow", becomes: "STARTING")
            _ = try await others.call("service.restart", ["services": ["web"], "wait": false])
            let stopped = try await events(subscriber) { $0.state == "STOPPED" }
            #expect(stopped.last?.reason == "waits for a start slot" && stopped.last?.desired == "up")
            try folder.write("go", "")
            let started = try await events(subscriber) { $0.state == "RUNNING" }
            #expect(started.map(\.reason) == [.null, .null])
        }
    }

    @Test func aDrainIsToldToItsEnd() async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            let subscriber = try daemon.connect()
            _ = try await subscriber.call("events.subscribe", ["kinds": ["drain", "state"]])
            let stuck = try daemon.connect()
            _ = try await stuck.call("logs.follow", ["services": ["web"]])
            daemon.process.signal(SIGTERM)
            let told = try await events(subscriber) { $0.step == "ended" }
            let steps = told.filter { $0.kind == "drain" }
            #expect(steps.first?.step == "began" && steps.first?["text"] == "SIGTERM")
            #expect(
                steps.filter { $0.step == "phase" }.map(\.["text"])
                    == ["announce", "quiesce", "jobs", "services", "flush"])
            #expect(told.contains { $0.state == "STOPPED" && $0.cause.kind == "drain" })
            #expect(try await subscriber.rest().isEmpty)
            #expect(try await daemon.ended() == .exited(0))
        }
    }

    @Test func anAppliedConfigurationIsToldAndARefusedOne() async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            let subscriber = try daemon.connect()
            _ = try await subscriber.call("events.subscribe", ["kinds": ["apply"]])
            try daemon.folder.write("supd.toml", TOML.child("web", ["wait"]) + TOML.child("new", ["wait"]))
            #expect(try await daemon.supctl("apply").code == 0)
            let applied = try await events(subscriber) { _ in true }
            #expect(applied[0].applied == true && applied[0].cause.kind == "order", "\(applied[0].text)")
            try daemon.folder.write("supd.toml", "nonsense = 1\n")
            daemon.process.signal(SIGHUP)
            let refused = try await events(subscriber) { _ in true }
            #expect(refused[0].applied == false && refused[0].cause == ["kind": "signal", "signal": "SIGHUP"])
            #expect(refused[0]["text"].string?.contains("nonsense") == true)
        }
    }
}
