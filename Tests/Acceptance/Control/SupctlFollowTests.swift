import Glibc
import Testing

/// `supctl events` and `supctl logs -f`.
@Suite(.daemons)
struct SupctlFollowTests {
    private func supctl(
        _ daemon: Daemon, _ arguments: String...
    ) throws -> (process: ChildProcess, output: Facts<String>, errors: Facts<String>, readers: [Task<Void, Never>]) {
        let (output, errors) = (try Descriptor.pipe(), try Descriptor.pipe())
        let process = try ChildProcess(
            Programs.supctl, arguments, environment: ["SUPD_SOCKET": daemon.socket], output: output.writing,
            errorOutput: errors.writing)
        let facts = (Facts<String>(), Facts<String>())
        let readers = [facts.0.recordLines(of: output.reading), facts.1.recordLines(of: errors.reading)]
        return (process, facts.0, facts.1, readers)
    }

    @Test func eventsShowsWhatWasAndEnds() async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            try await daemon.order("restart", "web")
            let output = try await daemon.supctl("events")
            #expect(output.code == 0 && output.error.isEmpty)
            let lines = output.output.split(separator: "\n")
            let who = "uid \(getuid()), pid \(getpid()) (\(Programs.ownName))"
            #expect(lines.contains { $0.hasSuffix("restart of web ordered by \(who)") })
            let line = try await daemon.log.first(by: .usual) { $0.contains("restart of web ordered by \(who)") }
            #expect(line != nil)
            #expect(lines.contains { $0.contains("web: STARTING → RUNNING, pid ") })
            #expect(lines.contains { $0.hasSuffix("supd is ready") })
            let json = try await daemon.supctl("events", "--json", "web")
            let document = try JSONValue(parsing: json.output)
            #expect(document.keys == ["events", "sequence", "started"])
            let events = document.events.array
            #expect(events.allSatisfy { $0.name == "web" || $0.services == ["web"] } && events.count >= 5)
            let number = try #require(events.dropLast().last?.sequence.int)
            let rest = try await daemon.supctl("events", "--since", "\(number)", "--json", "web")
            #expect(try JSONValue(parsing: rest.output).events.array == Array(events.suffix(1)))
            let last = try #require(document.sequence.int)
            let none = try await daemon.supctl("events", "--json", "--since", "\(last)")
            let nothing = try JSONValue(parsing: none.output)
            #expect(nothing.events.array == [] && nothing.started == document.started)
        }
    }

    @Test func eventsAreNarrowedByKindAndNumber() async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            for _ in 0..<3 { try await daemon.order("restart", "web") }
            let orders = try await daemon.supctl("events", "--kind", "order,ready", "--json")
            let kinds = try JSONValue(parsing: orders.output).events.array.map(\.kind.string)
            #expect(kinds == ["ready", "order", "order", "order"], "\(orders)")
            let all = try await daemon.supctl("events").output.split(separator: "\n")
            #expect(try await daemon.supctl("events", "-n", "2").output.split(separator: "\n") == all.suffix(2))
            let followed = try supctl(daemon, "events", "-f", "-n", "1", "--kind", "order")
            let told = try supctl(daemon, "events", "-f", "-n", "2", "--kind", "order", "--json")
            for place in 0..<2 {
                let line = try #require(try await told.output.first(from: place, by: .usual) { _ in true })
                #expect(try JSONValue(parsing: line).order.string == "restart")
            }
            told.process.signal(SIGTERM)
            _ = try await told.process.ended(by: .usual)
            told.readers.forEach { $0.cancel() }
            let first = try await followed.output.first(by: .usual) { _ in true }
            #expect(first?.contains("restart of web") == true)
            try await daemon.order("stop", "web")
            #expect(try await followed.output.first(by: .usual) { $0.contains("stop of web") } != nil)
            #expect(followed.output.all.count == 2)
            followed.process.signal(SIGTERM)
            _ = try await followed.process.ended(by: .usual)
            followed.readers.forEach { $0.cancel() }
        }
    }

    /// A `journalctl` that says what it was asked for; JournalTests has a real one.
    @Test func logsOfTheJournalAreJournalctls() async throws {
        let folder = try TemporaryFolder()
        try await folder.writeProgram("journalctl", "#!/bin/sh\necho \"$@\"\nexit 7\n")
        try await withDaemon(TOML.child("web", ["wait"], "instances = 2")) { daemon in
            func logs(_ path: String, _ arguments: String...) async throws -> Output {
                try await run(
                    Programs.supctl, ["logs", "--journal"] + arguments,
                    environment: ["SUPD_SOCKET": daemon.socket, "PATH": path])
            }
            let shown = try await logs("\(folder.path):/usr/bin:/bin", "-n", "3", "web", "web@2")
            #expect(
                shown.output == "--namespace=* --no-pager --lines=3 SUPD_SERVICE=web + SUPD_INSTANCE=web@2\n"
                    && shown.code == 7,
                "\(shown)")
            let unknown = try await logs("\(folder.path):/usr/bin:/bin", "wbe")
            #expect(unknown.code == 4 && unknown.output.isEmpty, "\(unknown)")
            let none = try await logs("/nonexistent", "web")
            #expect(
                none.code == 1 && none.error.contains("journalctl(1), which 'logs --journal' runs, is not here"),
                "\(none)")
            try await daemon.terminate()
            let after = try await logs("\(folder.path):/usr/bin:/bin", "web@1")
            #expect(after.output == "--namespace=* --no-pager --lines=20 SUPD_INSTANCE=web@1\n", "\(after)")
            #expect(try await logs("\(folder.path):/usr/bin:/bin", "web@*").code == 69)
        }
    }

    @Test func whoFollowsSeesAllToTheEndAndIsToldOfIt() async throws {
        let script = ["/bin/sh", "-c", "trap 'echo bye; exit' TERM; echo up; while :; do sleep 0.1; done"]
        try await withDaemon(TOML.service("web", script)) { daemon in
            let events = try supctl(daemon, "events", "-f", "--since", "0")
            let logs = try supctl(daemon, "logs", "-f", "web")
            _ = try await events.output.first(by: .usual) { $0.hasSuffix("supd is ready") }
            _ = try await logs.output.first(by: .usual) { $0.hasSuffix("web | up") }
            daemon.process.signal(SIGTERM)
            for followed in [events, logs] {
                #expect(try await followed.process.ended(by: .usual) == .exited(69))
                let told = try await followed.errors.first(by: .usual) {
                    $0.hasPrefix("supctl: the connection is lost")
                }
                #expect(told != nil)
            }
            let bye = try await logs.output.first(by: .usual) { $0.hasSuffix("web | bye") }
            #expect(bye != nil, "\(logs.output.all)")
            let over = try await events.output.first(by: .usual) { $0.contains("drain is over") }
            #expect(over != nil, "\(events.output.all)")
            for followed in [events, logs] { followed.readers.forEach { $0.cancel() } }
            #expect(try await daemon.ended() == .exited(0))
        }
    }

    /// As every other verb: by SIGPIPE, also where nothing is written any more that it could notice by.
    @Test func whereNobodyReadsOnItEndsQuietly() async throws {
        try await withDaemon(TOML.service("web", ["/bin/sh", "-c", "seq 1 5; exec sleep 1000"])) { daemon in
            let line = "\(Programs.supctl) logs -f web | head -n 3; echo ${PIPESTATUS[0]}"
            let output = try await run(
                "/bin/bash", ["-c", line], environment: ["SUPD_SOCKET": daemon.socket, "PATH": "/usr/bin:/bin"])
            let lines = output.output.split(separator: "\n").map(String.init)
            #expect(lines.prefix(3).map { $0.suffix(3) } == ["| 1", "| 2", "| 3"], "\(output)")
            #expect(lines.last == "141" && output.error.isEmpty, "\(output)")
        }
    }

    @Test func ctrlCEndsIt() async throws {
        try await withDaemon(TOML.service("web", ["/bin/sh", "-c", "echo up; exec sleep 1000"])) { daemon in
            let shell = try await ShellSession()
            try shell.type("\(Programs.supctl) --socket \(daemon.socket) logs -f web")
            try await shell.sees("web | up")
            try shell.press("\u{3}")
            try await shell.sees("ready$ ")
            try shell.type("echo code $?")
            try await shell.sees("code 130")
            await shell.close()
        }
    }
}
