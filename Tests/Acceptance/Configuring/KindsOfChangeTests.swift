import Testing

/// What becomes of each service when the configuration is another one, and that of the others nothing does.
@Suite(.daemons)
struct KindsOfChangeTests {
    private static let counting = ["/bin/sh", "-c", "i=0; while :; do i=$$((i+1)); echo $$i; sleep 0.02; done"]

    private let before =
        TOML.service("stays", Self.counting) + TOML.child("goes", ["wait"]) + TOML.child("web", ["wait"])
        + TOML.child("worker", ["wait"], #"timeout_stop = "9s""#) + TOML.child("pool", ["wait"], "instances = 2")
        + TOML.child("old-name", ["wait"])
    private let after =
        TOML.child("new", ["wait"]) + TOML.child("new-name", ["wait"]) + TOML.service("stays", Self.counting)
        + TOML.child("pool", ["wait"], "instances = 3") + TOML.child("web", ["wait", "anew"])
        + TOML.child("worker", ["wait"], #"timeout_stop = "8s""#)

    @Test(arguments: [false, true])
    func eachIsDoneAndNothingElseIsTouched(bySignal: Bool) async throws {
        try await withDaemon(before) { daemon in
            let old = try await daemon.runs()
            try daemon.edit(after)
            let plan = try await daemon.connect().call("config.plan")
            let kinds = plan.services.array.map { "\($0.kind.string ?? "?") \($0.name.string ?? "?")" }
            #expect(
                kinds.sorted() == [
                    "added new", "added new-name", "changed worker", "removed goes", "removed old-name",
                    "restarted web", "scaled pool",
                ])
            #expect(plan.counts.unchanged == 1)
            #expect(try await daemon.runs() == old, "a plan does nothing")
            if bySignal {
                try await daemon.hangUp()
                try await daemon.service("new", becomes: "RUNNING")
                try await daemon.service("new-name", becomes: "RUNNING")
                try await daemon.service("pool@3", becomes: "RUNNING")
                try await daemon.service("web", becomes: "run anew") { $0.state == "RUNNING" && $0.attempt != 1 }
                for name in ["goes", "old-name"] {
                    _ = try await daemon.log.first(by: .usual) { $0.contains("\(name) is removed") }
                }
            } else {
                let output = try await daemon.supctl("apply")
                #expect(output.code == 0 && output.output.hasSuffix("\ndone\n"), "\(output)")
            }
            let new = try await daemon.runs()
            #expect(
                new.keys.sorted() == ["new", "new-name", "pool@1", "pool@2", "pool@3", "stays", "web", "worker"])
            for name in ["stays", "worker", "pool@1", "pool@2"] { #expect(new[name] == old[name], "\(name)") }
            #expect(new["web"] != old["web"])
            for (name, run) in old where new[name] != run {
                let pid = try #require(run.split(separator: " ").first.flatMap { Int($0) })
                #expect(!ProcessTable.isAlive(pid), "\(name)")
            }
            let status = try await daemon.services().map { $0.name.string?.prefix { $0 != "@" } ?? "" }
            #expect(
                status.map(String.init) == ["new", "new-name", "stays", "pool", "pool", "pool", "web", "worker"],
                "in the order of the file")
            let lines = try await daemon.connect().call("logs.read", ["services": ["stays"], "lines": 1000])
            let numbers = lines.services.array[0].lines.array.compactMap { $0["text"].string.flatMap { Int($0) } }
            let first = try #require(numbers.first)
            #expect(numbers == Array(first..<first + numbers.count), "no line was lost")
            let again = try await daemon.supctl("apply")
            #expect(again.code == 0 && again.output.hasPrefix("nothing to do"), "\(again)")
            #expect(try await daemon.runs() == new)
        }
    }

    @Test func whatGoesIsStoppedByItsOldDefinitionInItsOldOrder() async throws {
        let folder = try TemporaryFolder()
        let book = folder.path("book")
        let note = { (text: String) in TOML.list([Programs.testchild, "into", book, "print", text]) }
        let site =
            TOML.child("database", ["chronicle", book, "database"], "exec_stop_post = \(note("database is off"))")
            + TOML.child(
                "web", ["chronicle", book, "web"], #"requires = ["database"]"#, "exec_stop = \(note("web is to stop"))")
        try await withDaemon(TOML.child("stays", ["wait"]) + site, folder: folder) { daemon in
            _ = try await folder.text(of: "book") { $0.contains("web up") }
            try await daemon.applies(TOML.child("stays", ["wait"]))
            let down = try #require(folder.read("book")).split(separator: "\n").filter { !$0.hasSuffix(" up") }
            #expect(down == ["web is to stop", "web down", "database down", "database is off"])
            #expect(try await daemon.supctl("status", "web").code == 4)
        }
    }

    @Test func whatIsRestartedComesInTheNewOrder() async throws {
        let folder = try TemporaryFolder()
        let book = folder.path("book")
        func site(_ requires: String, _ environment: String) -> String {
            TOML.child("one", ["chronicle", book, "one"], requires, environment)
                + TOML.child("two", ["chronicle", book, "two"], environment)
        }
        try await withDaemon(site("", ""), folder: folder) { daemon in
            _ = try await folder.text(of: "book") { $0.contains("one up") && $0.contains("two up") }
            try await daemon.applies(site(#"requires = ["two"]"#, #"environment = { NEW = "1" }"#))
            let down = try #require(folder.read("book")).split(separator: "\n").filter { $0.hasSuffix(" down") }
            #expect(down == ["one down", "two down"])
            // Each says that it is up in its own time, but the daemon says what it has begun; its log may be read late.
            let deadline = Deadline.usual
            let said = /(one|two) is running/
            var running: [Substring] = []
            while running.count < 4 {
                try #require(!deadline.hasPassed, "\(running)")
                _ = try await daemon.process.ended(by: deadline.orEarlier(in: 0.01))
                running = daemon.log.all.compactMap { $0.firstMatch(of: said)?.1 }
            }
            #expect(running.suffix(2) == ["two", "one"])
        }
    }

    @Test func aServiceThatIsEnabledIsStartedForTheFirstTime() async throws {
        try await withDaemon(TOML.child("stays", ["wait"]) + TOML.child("web", ["wait"], "enabled = false")) { daemon in
            #expect(try await daemon.service("web").state == "STOPPED")
            let old = try await daemon.runs("stays")
            try await daemon.applies(TOML.child("stays", ["wait"]) + TOML.child("web", ["wait"]))
            let web = try await daemon.service("web")
            #expect(web.state == "RUNNING" && web.attempt == 1, "\(web.text)")
            // Whom an order stopped stays stopped.
            try await daemon.order("stop", "web")
            try await daemon.applies(TOML.child("stays", ["wait"]) + TOML.child("web", ["wait"], "enabled = false"))
            try await daemon.applies(TOML.child("stays", ["wait"]) + TOML.child("web", ["wait"]))
            #expect(try await daemon.service("web").state == "STOPPED")
            #expect(try await daemon.runs("stays") == old)
        }
    }

    @Test func aScaleByOrderLastsWhereTheFileSaysNothingElse() async throws {
        try await withDaemon(TOML.child("web", ["wait"], "instances = 2")) { daemon in
            #expect(try await daemon.supctl("plan").output == "nothing to do: the file says what is in force\n")
            #expect(try await daemon.supctl("scale", "web=4").code == 0)
            let kept = try await daemon.supctl("plan").output
            #expect(
                kept.hasSuffix("web keeps the 4 instances that 'supctl scale' gave it, where the file says 2\n"),
                "\(kept)")
            let four = try await daemon.runs()
            try await daemon.applies(TOML.child("web", ["wait"], "instances = 2", #"description = "a web""#))
            #expect(try await daemon.runs() == four)
            try await daemon.applies(TOML.child("web", ["wait"], "instances = 3", #"description = "a web""#))
            #expect(try await daemon.supctl("plan").output == "nothing to do: the file says what is in force\n")
            let three = try await daemon.runs()
            #expect(three.keys.sorted() == ["web@1", "web@2", "web@3"])
            #expect(three.allSatisfy { four[$0.key] == $0.value })
        }
    }

    /// Who mends a file need not start what had failed by it, and what is done is not done again.
    /// What nobody wants up is where it is to be with any number of instances.
    @Test func aScaleOfWhatIsDownIsNoFailure() async throws {
        func configuration(_ count: Int) -> String {
            TOML.child("off", ["wait"], "enabled = false", "instances = \(count)")
                + TOML.child("stopped", ["wait"], "instances = \(count)")
        }
        try await withDaemon(configuration(2)) { daemon in
            try await daemon.order("stop", "stopped")
            for count in [3, 1, 2] {
                try await daemon.applies(configuration(count))
                for name in ["off", "stopped"] {
                    let states = try await daemon.services(name).map(\.state.string)
                    #expect(states == Array(repeating: "STOPPED", count: count))
                }
            }
        }
    }

    @Test func whatHasFailedIsStartedByTheFileThatMendsIt() async throws {
        let hour = #"backoff = { policy = "constant", delay = "1h", jitter = "none" }"#
        let once = #"restart = "no""#
        func site(_ verb: [String]) -> String {
            TOML.child("looping", verb, hour) + TOML.child("fatal", verb, "start_limit_burst = 1", Self.soon)
                + TOML.child("failed", verb, once) + TOML.child("stopped", verb, hour)
                + TOML.child("done", ["exit", "0"] + verb, once)
        }
        try await withDaemon(site(["exit", "1"]), untilReady: false) { daemon in
            try await daemon.serves()
            for (name, state) in [
                ("looping", "BACKOFF"), ("fatal", "FATAL"), ("failed", "EXITED"), ("stopped", "BACKOFF"),
                ("done", "EXITED"),
            ] {
                try await daemon.service(name, becomes: state)
            }
            try await daemon.order("stop", "stopped")
            let old = try await daemon.service("done")
            try daemon.edit(site(["wait"]))
            #expect(try await daemon.supctl("apply", "--defer").code == 0)
            #expect(try await daemon.service("looping").state == "BACKOFF")
            try await daemon.applies(site(["wait", "again"]))
            for name in ["looping", "fatal", "failed"] {
                #expect(try await daemon.service(name).state == "RUNNING", "\(name)")
            }
            #expect(try await daemon.service("stopped").state == "STOPPED")
            let new = try await daemon.service("done")
            #expect(new.state == "EXITED" && new.attempt == old.attempt)
        }
    }

    private static let soon = #"backoff = { policy = "constant", delay = "10ms", jitter = "none" }"#

    @Test func whatIsNotUpIsRemovedAtOnce() async throws {
        let hour = #"backoff = { policy = "constant", delay = "1h", jitter = "none" }"#
        let never = #"ready = { type = "exec", command = "/bin/false", period = "10s" }"#
        let stays = TOML.child("stays", ["wait"])
        let others =
            TOML.child("looping", ["exit", "1"], hour)
            + TOML.child("fatal", ["exit", "1"], "start_limit_burst = 1", Self.soon)
            + TOML.child("failed", ["exit", "1"], #"restart = "no""#) + TOML.child("stopped", ["wait"])
            + TOML.child("disabled", ["wait"], "enabled = false")
            + TOML.child("starting", ["wait"], never, #"timeout_start = "infinity""#)
            + TOML.child("waiting", ["wait"], #"requires = ["starting"]"#)
        try await withDaemon(stays + others, untilReady: false) { daemon in
            try await daemon.serves()
            for (name, state) in [
                ("looping", "BACKOFF"), ("fatal", "FATAL"), ("failed", "EXITED"), ("starting", "STARTING"),
            ] {
                try await daemon.service(name, becomes: state)
            }
            try await daemon.order("stop", "stopped")
            let old = try await daemon.runs("stays")
            try await daemon.applies(stays)
            #expect(try await daemon.runs() == old)
            let children = daemon.programs
            #expect(children.count == 1)
            // All that was waited for is up by now.
            try await daemon.becomesReady()
            try await daemon.applies(stays + TOML.child("looping", ["wait"]))
            #expect(try await daemon.service("looping").restarts == 0)
        }
    }

    @Test func aProgramsSurroundingsAreThoseOfTheNewFile() async throws {
        let folder = try TemporaryFolder()
        func site(_ keys: String...) -> String {
            TOML.child(
                "web", ["into", folder.path("report"), "report"], "type = \"oneshot\"", keys.joined(separator: "\n"),
                #"restart = "no""#)
        }
        try await withDaemon(site("environment = { A = \"1\" }"), folder: folder) { daemon in
            _ = try await folder.text(of: "report") { $0.contains("env.A=1\n") }
            try await daemon.applies(
                site(
                    #"environment = { B = "2" }"#, #"umask = "0077""#,
                    "working_directory = \(TOML.quoted(folder.path))", "no_new_privileges = true"))
            // It had done its work, so it is for who wants it done again.
            #expect(folder.read("report")?.contains("env.B=2") == false)
            try await daemon.order("start", "web")
            let text = try #require(folder.read("report")?.split(separator: "\npid=").last)
            for line in ["env.B=2", "umask=0077", "cwd=\(folder.path)", "no_new_privs=1"] {
                #expect(text.contains("\n\(line)\n"), "\(line)")
            }
            #expect(!text.contains("env.A="))
        }
    }
}
