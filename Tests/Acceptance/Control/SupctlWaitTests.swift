import Glibc
import Testing

/// `supctl wait`.
@Suite(.daemons)
struct SupctlWaitTests {
    @Test func itEndsOnceAllAreSo() async throws {
        let configuration =
            TOML.child("web", ["wait"], "enabled = false")
            + TOML.service("job", ["/bin/true"], "enabled = false", #"type = "oneshot""#)
        try await withDaemon(configuration) { daemon in
            func wait(_ arguments: String...) throws -> ChildProcess {
                try ChildProcess(Programs.supctl, ["wait"] + arguments, environment: ["SUPD_SOCKET": daemon.socket])
            }
            let ready = try wait("web", "job")
            let running = try wait("web", "--for", "running")
            let exited = try wait("job", "--for=exited")
            try await daemon.order("start", "job")
            #expect(try await exited.ended(by: .usual) == .exited(0))
            #expect(try await ready.ended(by: .seconds(0)) == nil)
            try await daemon.order("start", "web")
            for process in [ready, running] { #expect(try await process.ended(by: .usual) == .exited(0)) }
            let stopped = try wait("*", "--for", "stopped", "--timeout", "20s")
            try await daemon.order("stop", "web")
            #expect(try await stopped.ended(by: .usual) == .exited(0))
            let late = try await daemon.supctl("wait", "web", "job", "--for", "ready", "--timeout", "50ms")
            #expect(late.code == 75 && late.output.isEmpty, "\(late)")
            #expect(late.error == "supctl: timed out after 50ms while waiting until web (STOPPED) is ready\n")
            let still = try await daemon.supctl("wait", "web", "--for", "exited", "--timeout", "50ms")
            #expect(still.error == "supctl: timed out after 50ms while waiting until web (STOPPED) has exited\n")
            let unknown = try await daemon.supctl("wait", "wbe")
            #expect(unknown.code == 4 && unknown.error.contains("did you mean 'web'?"), "\(unknown)")
        }
    }

    @Test func whatIsRemovedMeanwhileIsAFailure() async throws {
        let stays = TOML.child("stays", ["wait"])
        let configuration =
            stays + TOML.child("web", ["wait"]) + TOML.child("off", ["wait"], "enabled = false")
            + TOML.child("worker", ["wait"], "instances = 3")
        try await withDaemon(configuration) { daemon in
            // At a terminal it shows what it waits for, and so that it does.
            let shell = try await ShellSession(environment: ["SUPD_SOCKET": daemon.socket, "TERM": "xterm"])
            do {
                func waits(for name: String, _ options: String) async throws {
                    try shell.type("\(Programs.supctl) wait \(name) \(options); echo co'de' $?")
                    try await shell.sees("waiting until \(name) (")
                }
                func sees(removed name: String) async throws {
                    try await shell.sees("supctl: \(name) was removed while waiting until ")
                    try await shell.sees("code 1")
                }
                try await waits(for: "worker@3", "--for exited")
                #expect(try await daemon.supctl("scale", "worker=1").code == 0)
                try await sees(removed: "worker@3")
                try await waits(for: "web", "--for exited")
                try await daemon.applies(configuration.replacing(TOML.child("web", ["wait"]), with: ""))
                try await sees(removed: "web")
                // One that was down all the time changes no state.
                try await waits(for: "off", "")
                try await daemon.applies(stays)
                try await sees(removed: "off")
                try await waits(for: "stays", "--for stopped")
                try await daemon.applies("")
                try await shell.sees("code 0")
            } catch {
                await shell.close()
                throw error
            }
            await shell.close()
            let told = try await daemon.supctl("events", "--kind", "removed").output
            for name in ["web", "off", "stays", "worker@1", "worker@2", "worker@3"] {
                #expect(told.contains(" \(name): removed\n"), "\(told)")
            }
            #expect(!told.contains("RUNNING"), "\(told)")
        }
    }

    @Test func whatNothingLeadsToIsAFailure() async throws {
        let configuration =
            TOML.child(
                "broken", ["exit", "3"], "enabled = false", #"restart = "always""#, "start_limit_burst = 2",
                // Never up, not even for a moment.
                #"min_uptime = "1min""#,
                #"backoff = { policy = "constant", delay = "10ms" }"#) + TOML.child("web", ["wait"])
        try await withDaemon(configuration) { daemon in
            async let waiting = daemon.supctl("wait", "web", "broken", "--for", "ready")
            _ = try await daemon.connect().call("service.start", ["services": ["broken"]])
            let output = try await waiting
            #expect(output.code == 1 && output.error.hasPrefix("supctl: broken is FATAL: "), "\(output)")
            let healthy = try await daemon.supctl("wait", "web", "--for", "healthy")
            #expect(healthy.code == 1 && healthy.error.contains("web is RUNNING and has no 'health'"), "\(healthy)")
            let other = try daemon.connect()
            func untilThereAre(_ connections: Int) async throws {
                let deadline = Deadline.usual
                while try await other.call("supervisor.status").connections.int != connections {
                    try #require(!deadline.hasPassed)
                }
            }
            // Those from before have left.
            try await untilThereAre(1)
            async let ended = daemon.supctl("wait", "web", "--for", "exited")
            try await untilThereAre(2)
            daemon.process.signal(SIGTERM)
            let lost = try await ended
            #expect(lost.code == 69, "\(lost)")
        }
    }

    /// What waits for a service that has failed for good has no state of its own that says so: it is STOPPED.
    @Test(arguments: ["ready", "running", "healthy", "exited"])
    func whatCannotStartBecauseOfAnotherIsAFailure(_ condition: String) async throws {
        let configuration =
            TOML.child(
                "db", ["exit", "3"], "enabled = false", #"min_uptime = "1min""#, "start_limit_burst = 2",
                #"backoff = { policy = "constant", delay = "10ms" }"#)
            + TOML.child("api", ["wait"], "enabled = false", #"requires = ["db"]"#)
            + TOML.child("web", ["wait"], "enabled = false", #"requires = ["api"]"#)
        try await withDaemon(configuration) { daemon in
            let sentence = "supctl: web is STOPPED: cannot start without api (STOPPED, without db (FATAL))\n"
            let waiting = try ChildProcess(
                Programs.supctl, ["wait", "web", "--for", condition], environment: ["SUPD_SOCKET": daemon.socket])
            let began = try await daemon.supctl("start", "--no-wait", "web")
            #expect(began.code == 0, "\(began)")
            #expect(try await waiting.ended(by: .usual) == .exited(1))
            // One that comes later has nothing to wait for.
            let late = try await daemon.supctl("wait", "web", "--for", condition)
            #expect(late.code == 1 && late.error == sentence, "\(late)")
            // An order has db tried once more, and is answered as soon as that has failed.
            let start = try await daemon.supctl("start", "web")
            #expect(start.code == 1 && start.error.hasPrefix("supctl: web is STOPPED: "), "\(start)")
        }
    }

    @Test func whatCannotStartSaysSoAndWakesWhoFollows() async throws {
        let db = TOML.child("db", ["exit", "3"], "enabled = false", #"min_uptime = "1min""#, "start_limit_burst = 1")
        let web = TOML.child("web", ["wait"], "enabled = false", #"requires = ["db"]"#)
        try await withDaemon(db + web) { daemon in
            let follower = try daemon.connect()
            _ = try await follower.call("events.subscribe", ["services": ["web"], "kinds": ["blocked"]])
            func told(_ fits: (JSONValue) -> Bool) async throws -> JSONValue {
                while true {
                    let event = try await follower.reply().params
                    if fits(event) { return event }
                }
            }
            #expect(try await daemon.service("web").blocked.isNull)
            _ = try await daemon.connect().call("service.start", ["services": ["web"]])
            let event = try await told { $0.blocked.for_good == true }
            #expect(event.kind == "blocked" && event.name == "web" && event.blocked.by == ["db"], "\(event.text)")
            #expect(event.reason == "cannot start without db (FATAL)")
            #expect(try await daemon.service("web").blocked == event.blocked)
            #expect(try await daemon.supctl("status", "-o", "name,blocked_by", "web").output == "web\tdb\n")
            // Somebody is at it: it may come to something.
            _ = try await daemon.connect().call("service.reset_failed", ["services": ["db"]])
            let open = try await told { $0.blocked.for_good == false }
            #expect(open.blocked.by == ["db"] && open.reason == "cannot start without db (STOPPED)", "\(open.text)")
            // An order ends it without a change of state.
            try await daemon.order("stop", "web")
            let ended = try await told { $0.blocked.isNull }
            #expect(ended.reason.string?.hasPrefix("stopped by order of") == true, "\(ended.text)")
            #expect(try await daemon.service("web").blocked.isNull)
        }
    }

    @Test func atATerminalItSaysWhatItWaitsForAndCtrlCEndsIt() async throws {
        try await withDaemon(TOML.child("web", ["wait"], "enabled = false")) { daemon in
            let shell = try await ShellSession(environment: ["TERM": "xterm"])
            try shell.type("\(Programs.supctl) --socket \(daemon.socket) wait web")
            try await shell.sees("waiting until web (STOPPED) is ready")
            try shell.press("\u{3}")
            try await shell.sees("ready$ ")
            try shell.type("echo code $?")
            try await shell.sees("code 130")
            await shell.close()
        }
    }
}
