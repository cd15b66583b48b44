import Glibc
import Testing

/// `supctl plan` and `supctl apply` as those who type them see them.
@Suite(.daemons)
struct ApplyOptionsTests {
    private static func web(_ word: String, _ keys: String...) -> String {
        TOML.child("web", ["wait", word], keys.joined(separator: "\n"))
    }

    @Test func aPlanThatIsNoLongerTrueIsRefused() async throws {
        try await withDaemon(Self.web("1")) { daemon in
            let old = try await daemon.runs()
            try daemon.edit(Self.web("2"))
            let plan = try await daemon.supctl("plan")
            let token = try #require(plan.output.firstMatch(of: /supctl apply --expect ([^ ']+)/)?.1)
            try daemon.edit(Self.web("3"))
            let refused = try await daemon.supctl("apply", "--expect", String(token))
            #expect(refused.code == 1, "\(refused)")
            #expect(refused.error.contains("has changed since that plan was made, and nothing was done"), "\(refused)")
            #expect(try await daemon.runs() == old)
            try daemon.edit(Self.web("2"))
            #expect(try await daemon.supctl("apply", "--expect", String(token)).code == 0)
            #expect(try await daemon.runs() != old)
        }
    }

    @Test func whatIsDeferredRunsOnUntilItsNextStart() async throws {
        let folder = try TemporaryFolder()
        func site(_ name: String) -> String { TOML.child("web", ["into", folder.path(name), "wait"]) }
        try await withDaemon(site("old"), folder: folder) { daemon in
            let pid = try await folder.announcedPID(in: "old")
            try daemon.edit(site("new"))
            let output = try await daemon.supctl("apply", "--defer")
            #expect(output.code == 0, "\(output)")
            #expect(output.output.contains("by an older definition until the next start: web"), "\(output)")
            let web = try await daemon.service("web")
            #expect(web.pid.int == pid && web.outdated == true, "\(web.text)")
            let status = try await daemon.supctl("status")
            #expect(status.output.contains("runs an older definition until its next start"), "\(status)")
            let plan = try await daemon.supctl("plan")
            #expect(
                plan.output == """
                    nothing to do: the file says what is in force

                    by an older definition until the next start: web

                    """, "\(plan)")
            #expect(!folder.exists("new"))
            // The files are taken over already: neither a plan nor an apply would do anything.
            let definition = try await daemon.supctl("cat", "web")
            let takesOver = "# the older definition that web runs by until its next start, as by 'supctl restart web'\n"
            #expect(definition.output.contains("\n\n\(takesOver)[service.web]\n"), "\(definition)")
            #expect(!definition.output.contains("the files say something else"), "\(definition)")
            let card = try await daemon.supctl("status", "web")
            #expect(card.output.contains("; runs an older definition until its next start, as by 'supctl restart web'"))
            // Where they have changed as well, both help.
            try daemon.edit(site("newest"))
            let both = try await daemon.supctl("cat", "web").output
            #expect(both.ranges(of: "'supctl apply' takes it over").count == 2, "\(both)")
            #expect(both.contains(takesOver), "\(both)")
            try daemon.edit(site("new"))
            // Also where it is another's end that starts it.
            try ProcessTable.kill(pid, SIGKILL)
            let new = try await folder.announcedPID(in: "new")
            #expect(new != pid)
            #expect(try await daemon.service("web", becomes: "RUNNING").outdated.isNull)
        }
    }

    @Test func whatWasDeferredAndTakenBackRunsOn() async throws {
        try await withDaemon(Self.web("1")) { daemon in
            let run = try await daemon.runs()
            try daemon.edit(Self.web("2"))
            #expect(try await daemon.supctl("apply", "--defer").code == 0)
            try daemon.edit(Self.web("1"))
            let plan = try await daemon.supctl("plan")
            #expect(plan.output == "nothing to do: the file says what is in force\n", "\(plan)")
            #expect(try await daemon.supctl("apply").code == 0)
            #expect(try await daemon.runs() == run)
            #expect(try await daemon.service("web").outdated.isNull)
        }
    }

    @Test func aPlanBeginsWhereAScaleByAnOrderHasLeft() async throws {
        try await withDaemon(Self.web("1", "instances = 2")) { daemon in
            #expect(try await daemon.supctl("scale", "web=4").code == 0)
            try daemon.edit(Self.web("1", "instances = 3"))
            let plan = try await daemon.supctl("plan")
            #expect(plan.output.contains("scale  web  4 → 3 instances\n"), "\(plan)")
            let json = try await daemon.supctl("plan", "--json")
            #expect(json.output.contains(#""instances":{"old":4,"new":3}"#), "\(json)")
            #expect(try await daemon.supctl("apply").code == 0)
            #expect(try await daemon.runs().count == 3)
        }
    }

    /// What is under way is not where the configuration wants it, though its files say nothing new.
    @Test func anApplyBesideAnotherWaitsForThatToo() async throws {
        let folder = try TemporaryFolder()
        func site(_ gate: String, _ end: String) -> String {
            let told = "echo ready $$$$ >\(folder.path("pid-of-\(gate)"))"
            let script = "trap '' TERM; \(told); until [ -e \(folder.path(gate)) ]; do sleep 0.05; done; exit 0"
            return TOML.service(
                "web", ["/bin/sh", "-c", script], #"timeout_stop = "10min""#, #"restart = "no""#, "umask = \"\(end)\"")
        }
        let drain = """
            [supervisor.drain]
            services = "20min"
            timeout = "30min"

            """
        try await withDaemon(drain + site("first", "0022"), folder: folder) { daemon in
            func apply() throws -> ChildProcess {
                try ChildProcess(Programs.supctl, ["apply"], environment: ["SUPD_SOCKET": daemon.socket])
            }
            let old = try await folder.announcedPID(in: "pid-of-first")
            try daemon.edit(drain + site("second", "0027"))
            #expect(try await daemon.supctl("apply", "--no-wait").code == 0)
            let later = try apply()
            #expect(try await later.ended(by: .seconds(0.5)) == nil && ProcessTable.isAlive(old))
            try folder.write("first", "")
            #expect(try await later.ended(by: .usual) == .exited(0))
            #expect(try await daemon.service("web").state == "RUNNING")
            #expect(try await folder.announcedPID(in: "pid-of-second") != old)
            // What has failed by the first is a failure of the second.
            try daemon.edit(drain + TOML.service("web", ["/bin/false"], #"restart = "no""#, #"min_uptime = "10s""#))
            #expect(try await daemon.supctl("apply", "--no-wait").code == 0)
            let failing = try apply()
            #expect(try await failing.ended(by: .seconds(0.5)) == nil)
            try folder.write("second", "")
            #expect(try await failing.ended(by: .usual) == .exited(1))
            let junk = try await daemon.supctl("apply", "--expect", "junk")
            #expect(junk.code == 1 && junk.error.contains("'junk' is no token of a plan"), "\(junk)")
        }
    }

    @Test func whoDoesNotWaitIsAnsweredAtOnce() async throws {
        let folder = try TemporaryFolder()
        func site(_ word: String) -> String {
            TOML.child("web", ["into", folder.path(word), "ignore-term"], #"timeout_stop = "3s""#)
        }
        try await withDaemon(site("old"), folder: folder) { daemon in
            let pid = try await folder.announcedPID(in: "old")
            try daemon.edit(site("new"))
            let output = try await daemon.supctl("apply", "--no-wait")
            #expect(output.code == 0 && output.output.contains("begun; 'supctl status' shows how far"), "\(output)")
            #expect(ProcessTable.isAlive(pid))
            _ = try await folder.announcedPID(in: "new")
            #expect(!ProcessTable.isAlive(pid))
        }
    }

    @Test func whoGoesAwayLeavesTheOrderStanding() async throws {
        let folder = try TemporaryFolder()
        func site(_ word: String) -> String {
            TOML.child("web", ["into", folder.path(word), "ignore-term"], #"timeout_stop = "3s""#)
        }
        try await withDaemon(site("old"), folder: folder) { daemon in
            _ = try await folder.announcedPID(in: "old")
            try daemon.edit(site("new"))
            let client = try ChildProcess(Programs.supctl, ["apply"], environment: ["SUPD_SOCKET": daemon.socket])
            try await daemon.service("web", becomes: "STOPPING")
            client.signal(SIGINT)
            #expect(try await client.ended(by: .seconds(5)) == .signaled(SIGINT))
            _ = try await folder.announcedPID(in: "new")
            try await daemon.service("web", becomes: "RUNNING")
        }
    }

    @Test func aServiceThatFailsAfterwardsIsNamed() async throws {
        try await withDaemon(Self.web("1") + TOML.child("other", ["wait"])) { daemon in
            let other = try await daemon.runs("other")
            let failing = Self.web(
                "1", "exec_start_pre = \(TOML.list([Programs.testchild, "exit", "3"]))", #"restart = "no""#,
                #"umask = "0077""#)
            let output = try await daemon.apply(failing + TOML.child("other", ["wait"]))
            #expect(output.code == 1, "\(output)")
            #expect(output.error.contains("supctl: web: EXITED") && output.error.contains("exit code 3"), "\(output)")
            #expect(!output.error.contains("other"))
            #expect(try await daemon.runs("other") == other)
        }
    }

    @Test func whoWaitsTooLongIsToldWhoIsLate() async throws {
        let folder = try TemporaryFolder()
        let web = TOML.child("web", ["into", folder.path("up"), "ignore-term"], #"timeout_stop = "20s""#)
        try await withDaemon(web, folder: folder) { daemon in
            _ = try await folder.announcedPID(in: "up")
            try daemon.edit("")
            let late = try await daemon.supctl("apply", "--timeout", "200ms")
            #expect(late.code == 75 && late.error.contains("web is STOPPING"), "\(late)")
        }
    }

    @Test func whatWaitsForTheDaemonsOwnRestartIsSaidAndTheRestIsDone() async throws {
        try await withDaemon(Self.web("1")) { daemon in
            let output = try await daemon.apply("[supervisor]\nsocket = \"/run/other.sock\"\n" + Self.web("2"))
            #expect(output.code == 0, "\(output)")
            #expect(output.output.contains("(only when supd is restarted)"), "\(output)")
            #expect(try await daemon.service("web").attempt == 2)
        }
    }

    @Test func infoSaysWhetherTheFilesHaveChanged() async throws {
        let folder = try TemporaryFolder()
        let text = "include = [\"more.toml\"]\n" + Self.web("1")
        try folder.write("more.toml", TOML.child("more", ["wait"]))
        try await withDaemon(text, folder: folder) { daemon in
            func info() async throws -> String { try await daemon.supctl("info").output }
            #expect(try await info().contains("; unchanged since\n"))
            try folder.write("more.toml", TOML.child("more", ["wait", "anew"]))
            #expect(try await info().contains("changed since then: see 'supctl plan'\n"))
            #expect(try await daemon.supctl("apply").code == 0)
            #expect(try await info().contains("; unchanged since\n"))
            unlink(folder.path("more.toml"))
            #expect(try await info().contains("changed since then: see 'supctl plan'\n"))
        }
    }
}
