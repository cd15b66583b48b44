import CAcceptance
import Foundation
import Glibc
import ProtocolSchema
import Synchronization
import Testing

/// A real `supd` with a folder, a configuration and a socket of its own.
final class Daemon: Sendable {
    let folder: TemporaryFolder
    let process: ChildProcess
    let manager: NotifySocket
    /// The lines of its standard error.
    let log = Facts<String>()
    private let logReader: Task<Void, Never>
    private let leavesServicesOn = Mutex(false)
    private let leavesGroupsOn = Mutex(false)
    private let token = Mutex<String?>(nil)

    var socket: String { folder.path("control.sock") }
    var configuration: String { folder.path("supd.toml") }

    /// Starts the daemon and waits for nothing. `launcher` is put before the daemon's own command line.
    init(
        _ configuration: String, in folder: TemporaryFolder, arguments: [String] = [], launcher: [String] = [],
        environment: [String: String] = [:], program: String = Programs.supd
    ) throws {
        self.folder = folder
        try folder.write("supd.toml", configuration)
        manager = try NotifySocket(path: folder.path("notify"))
        let (reading, writing) = try Descriptor.pipe()
        let own = [
            program, "--config", folder.path("supd.toml"), "--socket", folder.path("control.sock"),
        ]
        let command = launcher + own + arguments
        let plain = ["PATH": "/usr/local/bin:/usr/bin:/bin", "NOTIFY_SOCKET": folder.path("notify")]
        process = try ChildProcess(
            command[0], Array(command.dropFirst()), environment: plain.merging(environment) { $1 },
            folder: folder.path, errorOutput: writing)
        logReader = log.recordLines(of: reading)
    }

    /// Waits until it says READY=1 to its service manager.
    func becomesReady(within seconds: Double = Deadline.patience) async throws {
        let deadline = Deadline.seconds(seconds)
        while try await manager.said.first(by: deadline.orEarlier(in: 0.1), where: { $0 == "READY=1" }) == nil {
            if let ending = try await process.ended(by: .seconds(0)) { throw Failure("supd ended: \(ending)") }
            if deadline.hasPassed { throw Failure("supd was not ready after \(seconds) s") }
        }
        rememberToken()
    }

    /// Waits until its socket answers, whatever its services do.
    func serves(within seconds: Double = Deadline.patience) async throws {
        let deadline = Deadline.seconds(seconds)
        let watch = try Descriptor(answer: acceptance_watch(folder.path), of: "inotify of \(folder.path)")
        while (try? connect()) == nil {
            if let ending = try await process.ended(by: .seconds(0)) { throw Failure("supd ended: \(ending)") }
            // Between bind and listen nothing is told of, so it does not look only when something is.
            _ = try await watch.becomesReadable(by: deadline.orEarlier(in: 0.05))
            _ = try watch.readChunk()
            if deadline.hasPassed { throw Failure("supd did not serve after \(seconds) s") }
        }
        rememberToken()
        _ = try await connect().call("supervisor.ping")
    }

    /// Waits for its end, and until its last lines are in `log`: what it wrote may come after its end is seen.
    func ended(within seconds: Double = Deadline.patience) async throws -> Ending {
        guard let ending = try await process.ended(by: .seconds(seconds)) else {
            throw Failure("supd had not ended after \(seconds) s")
        }
        // One that was killed may have left services that hold the other end of the pipe.
        _ = try await log.first(by: .seconds(2)) { _ in false }
        return ending
    }

    /// Sends SIGTERM and waits for its end.
    @discardableResult
    func terminate(within seconds: Double = Deadline.patience) async throws -> Ending {
        process.signal(SIGTERM)
        return try await ended(within: seconds)
    }

    /// The report that it wrote beside its socket.
    func report() throws -> JSONValue {
        // On a slow disk it comes after the end, as supd says then.
        let deadline = Deadline.usual
        while folder.read("last-shutdown.json") == nil, !deadline.hasPassed { poll(nil, 0, 10) }
        guard let text = folder.read("last-shutdown.json") else { throw Failure("there is no last-shutdown.json") }
        let problems = try ProtocolSchema.current().problems(ofText: text, as: "drain_report")
        #expect(problems == [], "last-shutdown.json is against contrib/protocol/supd.schema.json")
        return try JSONValue(parsing: text)
    }

    func connect() throws -> Connection { try Connection(to: socket) }

    func supctl(_ arguments: String..., within seconds: Double = Deadline.patience) async throws -> Output {
        try await run(
            Programs.supctl, arguments, environment: ["SUPD_SOCKET": socket, "PATH": "/usr/bin:/bin"],
            within: seconds)
    }

    /// What it leaves behind is another daemon's to end: this test has killed it. Once the test is over it has to be gone.
    func leavesServices() {
        leavesServicesOn.withLock { $0 = true }
        LeftToOthers.add(remains)
    }

    /// It does not come to remove its control groups, which are another daemon's to remove: its end is enforced.
    func leavesGroups() { leavesGroupsOn.withLock { $0 = true } }

    private var remains: Remains { Remains(token: token.withLock { $0 }, folder: folder.path) }

    /// Nothing may be left of it and its services. What is, is ended.
    fileprivate func checkRemains() async {
        guard !leavesServicesOn.withLock({ $0 }) else { return }
        let remains = remains
        let left = await Task.detached(executorPreference: OwnThreads.shared) {
            (try? await remains.left(by: .usual)) ?? []
        }.value
        if !left.isEmpty {
            Issue.record("processes are left behind: \(left.joined(separator: ", "))")
            remains.end()
        }
        checkGroups()
    }

    /// A daemon that ends by itself removes its control groups. What one that was killed has left is removed here.
    private func checkGroups() {
        // A literal is read where it stands, and so would be for every line.
        let place = /control group below (\/[^ "]*\/supd-[0-9a-f]+)/
        for base in Set(log.all.compactMap { $0.firstMatch(of: place)?.1 }) {
            let base = String(base)
            guard let files = try? FileManager.default.contentsOfDirectory(atPath: base) else { continue }
            let names = files.filter {
                (try? FileManager.default.contentsOfDirectory(atPath: "\(base)/\($0)")) != nil
            }
            if leavesGroupsOn.withLock({ $0 }) {
                // Until what was held is let go.
                for _ in 0..<500 {
                    for name in names { rmdir("\(base)/\(name)") }
                    if rmdir(base) == 0 || errno == ENOENT { break }
                    poll(nil, 0, 10)
                }
                continue
            }
            if process.knownEnding != .signaled(SIGKILL) {
                Issue.record("control groups are left behind: \(base)/\(names)")
            }
            for name in names { rmdir("\(base)/\(name)") }
            rmdir(base)
        }
    }

    /// The second line of the lock's file, which is emptied at a clean end.
    private func rememberToken() {
        let lines = folder.read("control.sock.lock")?.split(separator: "\n") ?? []
        if lines.count > 1 { token.withLock { $0 = String(lines[1]) } }
    }

    /// Ends it and all its services whatever a test has left it in.
    fileprivate func destroy() async {
        if process.knownEnding == nil {
            // What takes longer to stop than a test should is killed by the third signal to stop, before the daemon goes, so that nothing
            // outlives its test. The second one counts a second after the first.
            process.signal(SIGCONT)
            process.signal(SIGTERM)
            _ = await Task.detached(executorPreference: OwnThreads.shared) {
                guard (try? await self.process.ended(by: .seconds(1.2))) == nil else { return }
                self.process.signal(SIGINT)
                self.process.signal(SIGQUIT)
                _ = try? await self.process.ended(by: .usual)
            }.value
        }
        await process.destroy()
        logReader.cancel()
    }

    fileprivate var account: String {
        "supd's log:\n" + log.all.suffix(60).joined(separator: "\n") + "\nnotifications: \(manager.said.all.suffix(20))"
    }
}

/// Runs `body` with a daemon of this configuration, and ends it afterwards whatever happens.
/// With `untilReady` the daemon has said READY=1 before.
func withDaemon(
    _ configuration: String, folder given: TemporaryFolder? = nil, arguments: [String] = [], launcher: [String] = [],
    environment: [String: String] = [:], untilReady: Bool = true, program: String = Programs.supd,
    _ body: (Daemon) async throws -> Void
) async throws {
    let folder = try given ?? TemporaryFolder()
    let daemon = try Daemon(
        configuration, in: folder, arguments: arguments, launcher: launcher, environment: environment, program: program)
    do {
        if untilReady { try await daemon.becomesReady() }
        try await body(daemon)
    } catch {
        await daemon.destroy()
        await daemon.checkRemains()
        // A test that found out that it is not possible here says so itself.
        if Task.isCancelled { throw error }
        throw Failure("\(error)\n\(daemon.account)")
    }
    await daemon.destroy()
    await daemon.checkRemains()
    Attachment.record(daemon.account, named: "supd.txt")
}
