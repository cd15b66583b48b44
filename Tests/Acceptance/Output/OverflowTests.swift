import CAcceptance
import Foundation
import Glibc
import Testing

/// No line is lost to a sink that is slow, and nobody but who writes to it waits.
@Suite(.daemons)
struct OverflowTests {
    private static let everyNumber = (1...200_000).map(String.init)
    private static let counting = ["/bin/sh", "-c", "seq 200000; exec sleep 1000"]

    /// What a service has written to standard error, of lines with its name before them.
    private func texts(_ lines: some Sequence<some StringProtocol>, of name: String) -> [String] {
        lines.compactMap { line in
            guard line.contains(" \(name)["), let end = line.range(of: "]: ") else { return nil }
            return line[end.upperBound...].trimmingCharacters(in: ["\r"])
        }
    }

    /// Starts the daemon with a FIFO of its folder as standard error, which is open for reading and read by nobody.
    private static let unread = ["/bin/sh", "-c", "mkfifo err; exec 3<>err; exec \"$@\" 2>err", "sh"]

    @Test func aReaderThatKeepsUpGetsEveryLine() async throws {
        let configuration = TOML.service("web", Self.counting, #"log = { sink = "stderr" }"#)
        try await withDaemon(configuration) { daemon in
            _ = try #require(try await daemon.log.first(by: .seconds(60)) { $0.hasSuffix(": 200000") })
            #expect(texts(daemon.log.all, of: "web") == Self.everyNumber)
        }
    }

    @Test func aTerminalGetsEveryLine() async throws {
        let script = "/usr/bin/script"
        guard access(script, X_OK) == 0 else { try Test.cancel("there is no \(script)") }
        let folder = try TemporaryFolder()
        let path = try folder.write(
            "supd.toml",
            TOML.service("web", ["/usr/bin/seq", "200000"], "essential = true", #"restart = "no""#))
        let output = try await run(
            script,
            [
                "--quiet", "--return", "--command",
                "\(Programs.supd) --config \(path) --socket none --log-format text", folder.path("typescript"),
            ],
            environment: ["PATH": "/usr/bin:/bin", "SHELL": "/bin/sh"], within: 120)
        #expect(output.code == 0, "\(output.error)")
        let lines = try #require(folder.read("typescript")).split(whereSeparator: \.isNewline)
        #expect(texts(lines, of: "web") == Self.everyNumber)
    }

    @Test func whoDropsIsNotHeldUpAndIsToldOf() async throws {
        let folder = try TemporaryFolder()
        let configuration = TOML.service(
            "web", ["/bin/sh", "-c", "seq 200000; echo done >written; exec sleep 1000"],
            "working_directory = \(TOML.quoted(folder.path))", #"log = { sink = "stderr", overflow = "drop" }"#)
        try await withDaemon(configuration, folder: folder, launcher: Self.unread) { daemon in
            _ = try await folder.text(of: "written")
            try await withReader(in: folder) {
                _ = try await folder.text(of: "read") { $0.contains("lines dropped: standard error did not take them") }
            }
            let kept = try await daemon.connect().call("logs.read", ["services": ["web"], "lines": 1])
            #expect(try #require(kept.services.array.first?.dropped.int) > 1000)
        }
    }

    @Test func aReaderThatIsStuckHoldsUpWhoWritesToItAndNobodyElse() async throws {
        let folder = try TemporaryFolder()
        let file = "log = { sink = \"file\", file = \(TOML.quoted(folder.path("lines"))) }"
        let configuration =
            "[supervisor.drain]\nflush = \"500ms\"\n"
            + TOML.child("flood", ["flood"], #"log = { sink = "stderr" }"#)
            + TOML.service("web", ["/bin/sh", "-c", "echo a line; exec sleep 1000"], file)
        try await withDaemon(configuration, folder: folder, launcher: Self.unread) { daemon in
            let pid = try await daemon.service("flood").requirePID()
            try await waitsInWrite(pid)
            for restart in 0..<3 {
                // It has said its line by then.
                _ = try await folder.text(of: "lines") { $0.split(separator: "\n").count > restart }
                try await daemon.order("restart", "web", timeout: 5)
            }
            let lines = try await folder.text(of: "lines") { $0.split(separator: "\n").count >= 4 }
            #expect(lines.split(separator: "\n").allSatisfy { $0 == "a line" })
            let before = ContinuousClock.now
            // What waits for standard error is lost, which is no task that was left undone.
            #expect(try await daemon.terminate() == .exited(0))
            #expect(before.duration(to: .now) < .seconds(8).atLoad)
            #expect(try daemon.report().services.killed.array.isEmpty)
        }
    }

    @Test func inADrainAServiceThatWaitsCanGoDownInOrder() async throws {
        let folder = try TemporaryFolder()
        let configuration =
            "[supervisor.drain]\nflush = \"500ms\"\n"
            + TOML.service(
                "web", ["/bin/sh", "-c", "trap 'exit 0' TERM; while :; do echo a line of some length; done"],
                #"log = { sink = "stderr" }"#, #"timeout_stop = "20s""#)
        try await withDaemon(configuration, folder: folder, launcher: Self.unread) { daemon in
            try await waitsInWrite(try await daemon.service("web").requirePID())
            let before = ContinuousClock.now
            #expect(try await daemon.terminate() == .exited(0))
            #expect(before.duration(to: .now) < .seconds(15).atLoad)
            let report = try daemon.report()
            #expect(report.services.killed.array.isEmpty)
            #expect(try #require(report.lines_lost.int) > 0)
        }
    }

    // MARK: What is full in a drain

    /// Writes all of its lines, also those that it has not come to when the drain begins.
    private static let filling = ["/bin/sh", "-c", "trap '' TERM; seq 50000; exit 0"]
    private static let shortFlush = "[supervisor.drain]\nflush = \"500ms\"\n"

    /// Ends a daemon whose sink takes nothing: what it had not taken by the end of `flush` is lost and counted, and nothing is abandoned.
    /// Answers the count.
    private func endsWithCount(_ daemon: Daemon) async throws -> Int {
        try await waitsInWrite(try await onlyChild(of: daemon.service("web").requirePID()))
        #expect(try await daemon.terminate() == .exited(0))
        let report = try daemon.report()
        let flush = try #require(report.phases.array.last { $0.phase == "flush" })
        // Its budget, and no grace on top.
        #expect(Duration.seconds(try #require(flush.duration.double)) < .seconds(2.5).atLoad, "\(report.text)")
        #expect(report.tasks.abandoned.array.isEmpty, "\(report.text)")
        return try #require(report.lines_lost.int)
    }

    @Test func whatAFullStandardErrorDoesNotTakeInADrainIsCounted() async throws {
        let folder = try TemporaryFolder()
        let configuration =
            Self.shortFlush + TOML.service("web", Self.filling, #"log = { sink = "stderr" }"#)
        try await withDaemon(configuration, folder: folder, launcher: Self.unread) { daemon in
            let lost = try await endsWithCount(daemon)
            // A pipe holds some thousand lines; the daemon's own are counted as well.
            #expect((40_000...50_020).contains(lost), "\(lost)")
        }
    }

    @Test(.enabled(if: Programs.isRoot, "needs root, for a mount namespace"))
    func whatAFullJournalDoesNotTakeInADrainIsCounted() async throws {
        let folder = try TemporaryFolder()
        mkdir(folder.path("journal"), 0o755)
        // It takes what its queue holds, and nobody reads that.
        let journal = try Descriptor(answer: acceptance_bind_datagram(folder.path("journal/socket")), of: "binding")
        let place =
            #"mount -t tmpfs none /run && mkdir -p /run/systemd/journal && "#
            + #"mount --bind "$0" /run/systemd/journal && exec "$@""#
        let launcher = [
            "/usr/bin/unshare", "--mount", "--propagation", "private", "/bin/sh", "-c", place, folder.path("journal"),
        ]
        let configuration =
            Self.shortFlush + TOML.service("web", Self.filling, #"log = { sink = "journal" }"#)
        try await withDaemon(configuration, folder: folder, launcher: launcher) { daemon in
            let lost = try await endsWithCount(daemon)
            #expect((40_000...50_000).contains(lost), "\(lost)")
            let told = daemon.log.all.last { $0.contains("the journal has not taken all in time") }
            #expect(told?.firstMatch(of: /[1-9][0-9]* lines were lost/) != nil, "\(told ?? "not told")")
        }
        withExtendedLifetime(journal) {}
    }

    @Test(
        .enabled(if: access("/run/systemd/journal/socket", F_OK) != 0, "this machine has a journal"))
    func aJournalThatIsNotThereIsNotWaitedForInADrain() async throws {
        let configuration = TOML.service(
            "web", ["/bin/sh", "-c", "echo one; echo two; exec sleep 1000"], #"log = { sink = "journal" }"#)
        try await withDaemon(configuration) { daemon in
            let gone = try await daemon.log.first(by: .usual) { $0.contains("the journal cannot be reached") }
            #expect(gone != nil)
            let deadline = Deadline.usual
            while try await daemon.connect().call("logs.read", ["services": ["web"]]).services.array[0].lines.array
                .count < 2
            {
                if deadline.hasPassed { throw Failure("web has not written two lines") }
            }
            #expect(try await daemon.terminate() == .exited(0))
            #expect(daemon.log.all.contains { $0.contains("2 lines were lost: the journal could not be reached") })
        }
    }

    @Test func aServiceThatWaitsGoesOnWhenItsReaderDoes() async throws {
        let folder = try TemporaryFolder()
        let configuration = TOML.service("web", Self.counting, #"log = { sink = "stderr" }"#)
        try await withDaemon(configuration, folder: folder, launcher: Self.unread) { daemon in
            try await waitsInWrite(try await onlyChild(of: daemon.service("web").requirePID()))
            try await withReader(in: folder) {
                let text = try await folder.text(of: "read", within: 60) { $0.hasSuffix(": 200000\n") }
                #expect(texts(text.split(separator: "\n"), of: "web") == Self.everyNumber)
            }
        }
    }

    /// Has what comes through the FIFO written to the file `read`.
    private func withReader(in folder: TemporaryFolder, _ body: () async throws -> Void) async throws {
        let output = open(folder.path("read"), O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        let reader = try ChildProcess(
            "/bin/cat", ["err"], folder: folder.path, output: try Descriptor(answer: output, of: "read"))
        do { try await body() } catch {
            await reader.destroy()
            throw error
        }
        await reader.destroy()
    }

    /// Waits until a process is in write(2) and stays there.
    private func waitsInWrite(_ pid: Int) async throws {
        let deadline = Deadline.usual
        var same = 0
        var last = ""
        while same < 500 {
            // Its number and its arguments: descriptor 1 is the first (proc(5)).
            let call = String(
                decoding: FileManager.default.contents(atPath: "/proc/\(pid)/syscall") ?? Data(), as: UTF8.self)
            same = call == last && call.contains(" 0x1 ") ? same + 1 : 0
            last = call
            if deadline.hasPassed { throw Failure("\(pid) does not wait in write(2): \(call)") }
            await Task.yield()
        }
    }

    private func onlyChild(of pid: Int) async throws -> Int {
        let deadline = Deadline.usual
        while true {
            if let child = ProcessTable.children(of: pid).first { return child }
            if deadline.hasPassed { throw Failure("\(pid) has no child") }
            await Task.yield()
        }
    }
}
