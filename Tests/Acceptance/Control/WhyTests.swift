import Glibc
import Testing

/// `service.why`, and what `supctl` makes of it.
@Suite(.daemons)
struct WhyTests {
    private func why(_ daemon: Daemon, _ name: String) async throws -> JSONValue {
        let services = try await daemon.connect().call("service.why", ["services": [.string(name)]]).services.array
        return try #require(services.count == 1 ? services.first : nil)
    }

    private func states(_ why: JSONValue) -> [JSONValue] { why.history.array.filter { $0.kind == "state" } }

    /// One that ends three times and is given up then.
    private static let crash = TOML.service(
        "crash", ["/bin/sh", "-c", "echo no such table; exit 3"], #"restart = "always""#, "start_limit_burst = 3",
        #"backoff = { policy = "constant", delay = "10ms" }"#)

    @Test func aCrashLoopIsToldWithItsEndsAndDecisions() async throws {
        try await withDaemon(Self.crash + TOML.child("web", ["wait"])) { daemon in
            try await daemon.service("crash", becomes: "FATAL")
            let why = try await why(daemon, "crash")
            #expect(why.status.state == "FATAL" && why.status.desired == "up" && why.cause == ["kind": "boot"])
            #expect(why.decision.outcome == "give-up" && why.decision.by == "start-limit")
            #expect(why.decision.policy == "always" && why.waits_for.isNull && why.forgotten == 0)
            let decided = states(why).filter { !$0.decision.isNull }
            #expect(decided.map(\.decision.outcome) == ["restart", "restart", "give-up"])
            #expect(decided.map(\.decision.by) == ["policy", "policy", "start-limit"])
            #expect(decided.allSatisfy { $0.exit.code == 3 } && decided[0].decision.delay == 0.01)
            #expect(decided.map(\.attempt) == [1, 2, 3])
            #expect(decided.last?.time == why.status.since && decided.last?.exit == why.status.last_exit)
            #expect(why.remedies.array.map(\.command) == ["supctl start crash", "supctl reset-failed crash"])
            #expect(why.log.lines.array.map(\.["text"]) == ["no such table", "no such table", "no such table"])
            let brief = try await daemon.connect().call("service.why", ["services": ["crash"], "changes": 2])
            let whole = why.history.array
            let last = try #require(brief.services.array.first)
            #expect(last.history.array == Array(whole.suffix(2)))
            #expect(last.forgotten.int == whole.count - 2 && last.log == why.log)
            // The same story that those who follow are told.
            let follower = try daemon.connect()
            _ = try await follower.call("events.subscribe", ["since": 0, "services": ["crash"]])
            for event in why.history.array {
                let told = try await follower.reply().params
                #expect(event.sequence == told.sequence && event.time == told.time && event.state == told.state)
                #expect(event == told)
            }
            let output = try await daemon.supctl("why", "crash")
            #expect(output.code == 0 && output.error.isEmpty)
            let sentence = "it ended with exit code 3 three times within "
            #expect(output.output.hasPrefix("crash has been in FATAL for "), "\(output.output)")
            #expect(output.output.contains(sentence) && output.output.contains("Nobody ordered it down."))
            #expect(output.output.contains("  supctl reset-failed crash  forgets its failures"))
            #expect(output.output.contains(" crash | no such table\n"))
        }
    }

    @Test func anOrderTellsWhoGaveItAndByWhatProgram() async throws {
        try await withDaemon(TOML.child("web", ["wait"]) + TOML.child("quiet", ["wait"], "enabled = false")) { daemon in
            #expect(try await daemon.supctl("stop", "web").code == 0)
            let why = try await why(daemon, "web")
            let order = try #require(why.history.array.last { $0.kind == "order" })
            #expect(order.order == "stop" && order.cause.uid.int == Int(getuid()) && order.cause.command == "supctl")
            let last = try #require(states(why).last)
            #expect(last.state == "STOPPED" && last.cause == order.cause && why.cause == order.cause)
            #expect(why.remedies.array.map(\.command) == ["supctl start web"])
            let output = try await daemon.supctl("why", "web").output
            let who = "uid \(getuid()), pid \(order.cause.pid.int ?? 0) (supctl)"
            #expect(output.contains(": it was stopped by order of \(who)."), "\(output)")
            #expect(output.contains("  stop ordered by \(who)\n"))
            // Of what nobody has touched there is nothing to tell.
            let quiet = try await self.why(daemon, "quiet")
            #expect(quiet.history == [] && quiet.cause == ["kind": "none"])
            #expect(try await daemon.supctl("why", "quiet").output.contains("nobody has started it"))
        }
    }

    @Test func whatRequiresWhatHasFailedSaysWhatWouldHelp() async throws {
        let configuration =
            TOML.service("db", ["/nonexistent/db"], #"restart = "no""#)
            + TOML.child("web", ["wait"], #"requires = ["db"]"#)
        try await withDaemon(configuration) { daemon in
            try await daemon.service("db", becomes: "FATAL")
            let web = try await why(daemon, "web")
            #expect(web.status.state == "STOPPED" && web.status.desired == "up")
            #expect(web.waits_for.kind == "failed-dependency" && web.waits_for.services == ["db"])
            #expect(web.remedies.array.map(\.command) == ["supctl start db", "supctl why db", "supctl stop web"])
            let output = try await daemon.supctl("why", "web", "db").output
            #expect(output.contains(": it cannot start without db (FATAL). It is enabled."), "\(output)")
            #expect(output.contains("\n\ndb has been in FATAL for "), "\(output)")
            #expect(output.contains("it could not start: exec of /nonexistent/db: ENOENT"), "\(output)")
            let wrong = try await daemon.supctl("why", "wbe")
            #expect(wrong.code == 4 && wrong.error.contains("'web'") && wrong.output.isEmpty)
        }
    }

    @Test func theHistorySurvivesAnApplyThatRestartsIt() async throws {
        let other = TOML.child("other", ["wait"])
        try await withDaemon(TOML.child("web", ["wait"]) + other) { daemon in
            try await daemon.order("restart", "web")
            let before = try await why(daemon, "web")
            #expect(before.source.file.string == daemon.configuration && before.source.changed == false)
            #expect(before.source.line == 1)
            let otherBefore = try await why(daemon, "other")
            try daemon.folder.write("supd.toml", "# moved\n\n" + TOML.child("web", ["wait", "more"]) + other)
            #expect(try await why(daemon, "web").source.changed == true)
            #expect(try await daemon.supctl("status", "web").output.contains("supd.toml:1 (the file has changed since"))
            #expect(try await daemon.supctl("apply").code == 0)
            let after = try await why(daemon, "web")
            #expect(Array(after.history.array.prefix(before.history.array.count)) == before.history.array)
            let new = after.history.array.dropFirst(before.history.array.count)
            #expect(new.first?.kind == "apply" && new.first?.cause.command == "supctl")
            #expect(new.contains { $0.kind == "state" && $0.state == "RUNNING" })
            #expect(after.source.line == 3 && after.source.changed == false)
            // What says the same has nothing new to tell, and is elsewhere by now.
            let otherAfter = try await why(daemon, "other")
            #expect(otherAfter.history == otherBefore.history)
            #expect(otherAfter.source.line.int == otherBefore.source.line.int.map { $0 + 2 })
        }
    }

    @Test func noMoreThanTheLastChangesAreRemembered() async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            let connection = try daemon.connect()
            for _ in 0..<70 { _ = try await connection.call("service.reset_failed", ["services": ["web"]]) }
            let why = try await why(daemon, "web")
            #expect(why.history.array.count == 64 && why.forgotten == 8, "\(why.forgotten)")
            #expect(why.history.array.allSatisfy { $0.order == "reset-failed" })
        }
    }

    @Test func aCardShowsTheProcessesTheProbeAndTheLastLines() async throws {
        let configuration =
            TOML.service(
                "web", ["/bin/sh", "-c", "echo up; exec sleep 1000"], #"description = "public site""#,
                #"health = { type = "exec", command = ["/bin/true"], period = "100ms" }"#)
            + TOML.child("off", ["wait"], "enabled = false")
        try await withDaemon(configuration) { daemon in
            let pid = try await daemon.service("web").requirePID()
            let deadline = Deadline.usual
            while true {
                // What was written is told once it was read.
                let why = try await why(daemon, "web")
                if !why.probe.at.isNull, why.log.lines.array.last?["text"] == "up" { break }
                if deadline.hasPassed { throw Failure("no probe has answered, or no line was read: \(why.text)") }
            }
            let card = try await daemon.supctl("status", "web")
            #expect(card.code == 0 && card.error.isEmpty)
            #expect(
                card.output.hasPrefix("* web - public site\n    Loaded: \(daemon.configuration):1\n"), "\(card.output)")
            for part in [
                "\n    Active: RUNNING since ", "\n    Reason: started with supd\n",
                "\n  Main PID: \(pid) (sleep 1000)\n",
                "\n     Ready: yes\n", "\n    Health: healthy, exec probe at ", "\n     Tasks: 1\n",
                "\n Processes: \(pid) sleep 1000\n", " web | up\n",
            ] { #expect(card.output.contains(part), "\(part) in \(card.output)") }
            let both = try await daemon.supctl("status", "web", "off")
            #expect(both.code == 3 && both.output.contains("\n\no off\n"))
            let columns = try await daemon.supctl("status", "web", "off", "-o", "name,state,pid")
            #expect(columns.code == 3 && columns.output == "web\tRUNNING\t\(pid)\noff\tSTOPPED\t-\n")
            // Alone it is the table, and nobody looks at hints in a pipe.
            let alone = try await run(Programs.supctl, [], environment: ["SUPD_SOCKET": daemon.socket])
            #expect(alone.output.hasPrefix("NAME ") && !alone.output.contains("supctl"))
        }
    }

    /// Who has room for some only is refused at once, and supctl shows the table.
    @Test func noMoreInstancesAreLookedAtThanAreTaken() async throws {
        try await withDaemon(TOML.child("web", ["wait"], "instances = 9") + TOML.child("db", ["wait"])) { daemon in
            let connection = try daemon.connect()
            for method in ["service.why", "service.tree"] {
                for selectors in [["web"], ["*"], ["web@*", "db"]] as [JSONValue] {
                    let error = try await connection.exchange(method, ["services": selectors, "at_most": 8]).error
                    #expect(error.code == -32009 && error.data.kind == "too-many", "\(error.text)")
                }
                let taken = try await connection.call(method, ["services": ["web"], "at_most": 9])
                #expect(taken.services.array.count == 9)
            }
            let all = try await connection.exchange("service.tree", ["at_most": 9]).error
            #expect(
                all.message == "10 instances are meant, more than 'at_most', which is 9: name fewer, or leave it out")
            let table = try await daemon.supctl("status", "web")
            #expect(table.code == 0 && table.error.isEmpty && table.output.hasPrefix("NAME "), "\(table)")
            #expect(table.output.split(separator: "\n").count == 10)
            let cards = try await daemon.supctl("status", "web@1", "db")
            #expect(cards.output.hasPrefix("* web@1\n") && cards.output.contains("\n\n* db\n"), "\(cards)")
        }
    }
}
