import Foundation
import Glibc
import Testing

/// A shutdown ends by its absolute deadline with a report, whatever has become of the daemon's loop.
@Suite(.daemons)
struct EnforcedEndTests {
    private static let drain = """
        [supervisor.drain]
        timeout = "3s"
        quiesce = "500ms"
        jobs = "500ms"
        services = "1s"
        flush = "500ms"

        """

    /// A family of six, and one that ends when it is told to, whose end the loop does not come back from.
    private static func stuck(_ way: String, _ folder: TemporaryFolder) -> String {
        TOML.child("web", ["into", folder.path("tree"), "family"])
            + TOML.child("last", ["wait"], "restart = \"\(way)\"")
    }

    private static func family(_ folder: TemporaryFolder) async throws -> [Int] {
        let text = try await folder.text(of: "tree") { $0.filter { $0 == "\n" }.count >= 5 }
        return TemporaryFolder.pids(text)
    }

    /// Ends the service whose policy holds up the loop, and waits until it does.
    private static func hang(_ daemon: Daemon, last pid: Int) async throws {
        daemon.leavesGroups()
        try ProcessTable.kill(pid, SIGKILL)
        let line = try await daemon.log.first(by: .usual) { $0.hasPrefix("the loop is ") }
        try #require(line != nil, "the loop is not stuck")
    }

    /// Waits for the end, which may not come later than so many seconds from now.
    private static func end(_ daemon: Daemon, _ seconds: Double) async throws -> Ending {
        let before = ContinuousClock.now
        let ending = try await daemon.ended()
        let took = before.duration(to: .now)
        #expect(took < .seconds(seconds).atLoad, "it took \(took)")
        return ending
    }

    /// What it has told, once it is gone.
    private static func lines(_ daemon: Daemon) async throws -> [String] {
        _ = try await daemon.log.first(by: .seconds(5)) { _ in false }
        return daemon.log.all
    }

    @Test(arguments: ["blocking", "spinning"])
    func aStopEndsADaemonWhoseLoopIsStuck(_ way: String) async throws {
        let folder = try TemporaryFolder()
        try await withDaemon(
            Self.drain + Self.stuck(way, folder), folder: folder, program: Programs.troubled
        ) { daemon in
            let family = try await Self.family(folder)
            try await Self.hang(daemon, last: try await daemon.service("last").requirePID())
            daemon.process.signal(SIGTERM)
            #expect(try await Self.end(daemon, 3.7) == .exited(76))
            for pid in family { #expect(try await ProcessTable.isGone(pid, by: .seconds(1))) }
            let report = try daemon.report()
            #expect(report.exit_code == 76 && report.cause == "SIGTERM", "\(report.text)")
            #expect(try #require(report.duration.double) >= 3)
            #expect(report.tasks.abandoned.array.map(\.name) == ["event loop"], "\(report.text)")
            #expect(
                report.services.text == #"{"abandoned":[],"cut_short":[],"killed":[],"stopped":[]}"#, "\(report.text)")
            let now = ISO8601DateFormatter()
            now.formatOptions.insert(.withFractionalSeconds)
            let began = try #require(report.started_at.string.flatMap { now.date(from: $0) })
            #expect((2...20).contains(-began.timeIntervalSinceNow), "\(report.text)")
            let told = try await Self.lines(daemon).last ?? ""
            #expect(told.contains("Shut down after 3.") && told.contains("SIGTERM"), "\(told)")
        }
    }

    @Test func aTimeoutThatWasChangedHoldsForALoopThatIsStuck() async throws {
        let folder = try TemporaryFolder()
        let stuck = Self.stuck("blocking", folder)
        try await withDaemon(stuck, folder: folder, program: Programs.troubled) { daemon in
            _ = try await Self.family(folder)
            try await daemon.applies(Self.drain + stuck)
            try await Self.hang(daemon, last: try await daemon.service("last").requirePID())
            daemon.process.signal(SIGTERM)
            #expect(try await Self.end(daemon, 3.7) == .exited(76))
            #expect(try #require(try daemon.report().duration.double) >= 3)
        }
    }

    /// What was known of the shutdown before is told.
    @Test(arguments: ["blocking", "spinning"])
    func aLoopThatIsStuckInAShutdownIsNotWaitedFor(_ way: String) async throws {
        let folder = try TemporaryFolder()
        let configuration = "[plugins.trouble]\ndoes = [\"hanging\"]\n" + Self.drain + Self.stuck(way, folder)
        try await withDaemon(configuration, folder: folder, program: Programs.troubled) { daemon in
            let family = try await Self.family(folder)
            let last = try await daemon.service("last").requirePID()
            let web = try await daemon.service("web").requirePID()
            daemon.process.signal(SIGTERM)
            _ = try await daemon.log.first(by: .seconds(5)) { $0.contains("hook hanging because of") }
            try await Self.hang(daemon, last: last)
            #expect(try await Self.end(daemon, 3.7) == .exited(76))
            for pid in family { #expect(try await ProcessTable.isGone(pid, by: .seconds(1))) }
            let report = try daemon.report()
            #expect(report.exit_code == 76 && report.cause == "SIGTERM", "\(report.text)")
            #expect(report.phases.array.map(\.phase).contains("quiesce"), "\(report.text)")
            #expect(report.services.abandoned.array.map(\.pid.int).contains(web), "\(report.text)")
            let tasks = report.tasks.abandoned.array.compactMap(\.name.string)
            #expect(tasks.contains("event loop") && tasks.contains { $0.contains("hanging") }, "\(tasks)")
            let told = try await Self.lines(daemon).last ?? ""
            #expect(told.contains("its loop did not come to the end"), "\(told)")
        }
    }

    @Test func aForcedEndOfAStuckLoopTakesHalfASecond() async throws {
        let folder = try TemporaryFolder()
        try await withDaemon(Self.stuck("spinning", folder), folder: folder, program: Programs.troubled) { daemon in
            try await Self.hang(daemon, last: try await daemon.service("last").requirePID())
            for _ in 0..<2 {
                daemon.process.signal(SIGTERM)
                // A second apart, as the daemon takes them, they are two orders, and a stuck loop does not say when it has taken one.
                #expect(try await daemon.process.ended(by: .seconds(2)) == nil)
            }
            daemon.process.signal(SIGTERM)
            // 500 ms by the contract, and what a loaded machine takes to say so.
            #expect(try await Self.end(daemon, 0.8) == .exited(77))
            #expect(try daemon.report().exit_code == 77)
        }
    }

    @Test func aDaemonWhosePoolIsBlockedEndsInTime() async throws {
        let drain = Self.drain.replacing("3s", with: "7s")
        let configuration = "[plugins.trouble]\ndoes = [\"blocking\"]\n" + drain + TOML.child("web", ["wait"])
        try await withDaemon(configuration, program: Programs.troubled) { daemon in
            daemon.process.signal(SIGTERM)
            let ending = try await Self.end(daemon, 7.7)
            #expect(ending == .exited(75))
            #expect(try daemon.report().services.stopped == ["web"])
        }
    }

    /// Changes a limit of the daemon as it runs. No descriptor that it has has a number below the new limit.
    private static func limit(_ daemon: Daemon, _ limit: String) async throws {
        let prlimit = try #require(Programs.find("prlimit"))
        let output = try await run(prlimit, ["--pid", "\(daemon.process.pid)", limit])
        try #require(output.code == 0, "\(output)")
    }

    @Test(arguments: [true, false])
    func aDaemonWithoutDescriptorsEndsInTimeWithAReport(_ isStuck: Bool) async throws {
        let folder = try TemporaryFolder()
        try await withDaemon(
            Self.drain + Self.stuck("spinning", folder), folder: folder, program: Programs.troubled
        ) { daemon in
            let family = try await Self.family(folder)
            let last = try await daemon.service("last").requirePID()
            if isStuck { try await Self.hang(daemon, last: last) }
            daemon.leavesGroups()
            try await Self.limit(daemon, "--nofile=3:3")
            daemon.process.signal(SIGTERM)
            let ending = try await Self.end(daemon, 3.7)
            // What nobody could look at was not proved gone within its time, so its task was abandoned.
            #expect(ending == .exited(isStuck ? 76 : 75))
            for pid in family { #expect(try await ProcessTable.isGone(pid, by: .seconds(1))) }
            // The loop opens a file for it; who ends a stuck one has had it open before.
            if isStuck { #expect(try daemon.report().exit_code == 76) }
            let told = try await Self.lines(daemon)
            #expect(told.contains { $0.contains("Shut down after ") }, "\(told)")
        }
    }

    /// `enough`: what the shutdown has put by for this is all that there is. Otherwise there is not even that, and it ends with the
    /// first thing that it has no room for.
    @Test(arguments: [true, false])
    func aDaemonWithoutMemoryEndsInTimeWithAReport(_ enough: Bool) async throws {
        let folder = try TemporaryFolder()
        try await withDaemon(
            Self.drain + Self.stuck("spinning", folder), folder: folder, program: Programs.troubled
        ) { daemon in
            let family = try await Self.family(folder)
            daemon.leavesGroups()
            let size = try #require(ProcessTable.virtualSize(of: Int(daemon.process.pid)))
            try await Self.limit(daemon, "--as=\(enough ? size : 4096)")
            daemon.process.signal(SIGTERM)
            let ending = try await Self.end(daemon, 3.7)
            if enough {
                #expect(ending == .exited(0))
            } else {
                #expect([.exited(0), .exited(75), .exited(76)].contains(ending), "\(ending)")
            }
            for pid in family { #expect(try await ProcessTable.isGone(pid, by: .seconds(1))) }
            let told = try await Self.lines(daemon)
            #expect(told.contains { $0.contains("Shut down after ") }, "\(told)")
        }
    }

    /// Neither the loop nor who ends the daemon waits for whoever does not read.
    @Test func aDaemonWhoseErrorOutputIsFullEndsInTime() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("supd.toml", Self.drain + Self.stuck("blocking", folder))
        let (reading, writing) = try Descriptor.pipe()
        let bytes = [UInt8](repeating: UInt8(ascii: "x"), count: 4096)
        let process = try ChildProcess(
            Programs.troubled, ["--config", file, "--socket", folder.path("s.sock")],
            environment: ["PATH": "/usr/bin:/bin", "TROUBLED_STUCK": folder.path("stuck")], errorOutput: writing)
        do {
            let connection = try await Self.connect(to: folder.path("s.sock"))
            let status = try await connection.call("service.status", ["services": ["last"]])
            let last = try status.services.array[0].requirePID()
            // As a writer of its own, which the daemon's end of the pipe has nothing to do with.
            let filler = Descriptor(open("/proc/self/fd/\(writing.number)", O_WRONLY | O_NONBLOCK | O_CLOEXEC))
            while write(filler.number, bytes, bytes.count) > 0 {}
            try ProcessTable.kill(last, SIGKILL)
            _ = try await folder.text(of: "stuck") { _ in true }
            process.signal(SIGTERM)
            let before = ContinuousClock.now
            let ending = try await process.ended(by: .usual)
            #expect(ending == .exited(76))
            #expect(before.duration(to: .now) < .seconds(3.7).atLoad)
            #expect(folder.read("last-shutdown.json")?.contains("\"exit_code\":76") == true)
        } catch {
            await process.destroy()
            throw error
        }
        _ = reading
    }

    private static func connect(to path: String) async throws -> Connection {
        let deadline = Deadline.usual
        while true {
            if let connection = try? Connection(to: path),
                try await connection.call("service.status", ["services": ["last"]]).services.array[0].pid.int != nil
            {
                return connection
            }
            if deadline.hasPassed { throw Failure("it does not serve") }
        }
    }
}
