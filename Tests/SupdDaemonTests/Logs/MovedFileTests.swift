import Glibc
import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import Testing

@testable import SupdDaemon

/// What logrotate(8) does to the file of a real program that floods it, on the real host.
@Suite struct MovedFileTests {
    @Test func aFloodLosesNothingWhereItsFileIsMovedAndNobodySaysSo() async {
        await #expect(processExitsWith: .success) {
            MovedFileBench.run { bench in
                for number in 1...2 { bench.move(number) }
            }
        }
    }

    @Test func aFloodLosesNothingWhereItsFileIsMovedAndOpenedAnew() async {
        await #expect(processExitsWith: .success) {
            MovedFileBench.run { bench in
                for number in 1...6 {
                    bench.move(number) { if bench.logs.reopen([bench.id]) != 1 { Issue.record("it is no file") } }
                }
                for _ in 1...20 {
                    if bench.logs.reopenAll() != 1 { Issue.record("it is no file") }
                    bench.turns(3)
                }
            }
        }
    }

    @Test func aFloodGoesOnInTheFileThatAnotherHasMadeInItsPlace() async {
        await #expect(processExitsWith: .success) {
            MovedFileBench.run { bench in
                for number in 1...4 {
                    var made = stat()
                    bench.move(number) {
                        let file = open(bench.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
                        if file < 0 { Issue.record("it was made already") }
                        fchmod(file, 0o604)
                        fstat(file, &made)
                        close(file)
                        // Every other time nobody says so.
                        if number % 2 == 0 { _ = bench.logs.reopenAll() }
                    }
                    let now = bench.status
                    if now.st_ino != made.st_ino { Issue.record("it is another file") }
                    if now.st_mode & 0o7777 != 0o604 { Issue.record("its mode is \(now.st_mode)") }
                }
            }
        }
    }

    @Test func aFloodLosesNothingWhereItsSettingsAndPathsChange() async {
        await #expect(processExitsWith: .success) {
            MovedFileBench.run { bench in
                for number in 1...6 {
                    bench.configuration.rotateKeep = number
                    bench.configuration.mode = 0o600 + UInt16(number % 2) * 0o40
                    bench.change()
                    bench.turns(5)
                    bench.move(number) { _ = bench.logs.reopenAll() }
                }
                for number in 7...9 {
                    bench.parts.append(bench.path)
                    bench.path = "\(bench.folder)/other.\(number)"
                    bench.configuration.file = bench.path
                    bench.change()
                    bench.awaitLines()
                }
            }
        }
    }
}

/// A program that writes numbers for as long as a file is not there, and the folder that its log is in.
private final class MovedFileBench {
    let folder: String
    let host: LinuxHost
    private let channels = ChannelTable()
    let logs: ServiceLogs
    let id = InstanceID(slot: 0, generation: 0)
    let name: InstanceName
    var configuration = LogConfiguration()
    /// Where the log is, and where parts of it were moved, the oldest first.
    var path: String
    var parts: [String] = []
    private var events: [HostEvent] = []
    private var hasEnded = false
    private var spawned: Result<SpawnedProcess, SpawnFailure>?
    private static let deadline = TimerToken(kind: 1)
    private static let stall = TimerToken(kind: 2)
    private static let flood = TimerToken(kind: 5)

    /// Runs `body` while the program floods, and then finds each number once, in order, over all parts.
    static func run(_ body: (MovedFileBench) -> Void) {
        do {
            let bench = try MovedFileBench()
            try bench.start()
            bench.turn { bench.status.st_size > 0 }
            body(bench)
            bench.finish()
            bench.check()
            bench.cleanUp()
        } catch {
            Issue.record("\(error)")
        }
    }

    private struct Problem: Error { var what: String }

    private init() throws {
        var template = Array("/tmp/supd-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil, let service = ServiceName("web") else { throw Problem(what: "no folder") }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        path = folder + "/log"
        host = try LinuxHost()
        logs = ServiceLogs(
            router: LogRouter(
                host: host, retryTimer: TimerToken(kind: 3), stallTimer: Self.stall, floodTimer: Self.flood),
            channels: channels)
        name = InstanceName(service: service, index: nil)
        configuration.sink = .file
        configuration.file = path
        configuration.rotateSize = 0
        host.refreshNow()
        host.arm(Self.deadline, at: host.now.advanced(by: .seconds(50)))
    }

    private func start() throws {
        let script = "i=0; while [ ! -e \(folder)/stop ]; do echo $i; i=$((i+1)); done; echo $i > \(folder)/count"
        var request = SpawnRequest(candidates: ["/bin/sh"], arguments: ["sh", "-c", script])
        request.output = .pipe
        request.errorOutput = .sameAsOutput
        guard let process = try spawn(request) else { throw Problem(what: "no child") }
        logs.attach(
            id, name: name, attempt: 1, process: process, configuration: configuration, queue: nil, task: nil)
    }

    private func spawn(_ request: SpawnRequest) throws -> SpawnedProcess? {
        guard case .ended(let result) = host.spawn(SpawnOrder(request)) else {
            turn { spawned != nil }
            return try spawned?.get()
        }
        return try result.get()
    }

    func change() { logs.change(id, name: name, configuration: configuration, queue: nil) }

    var status: stat {
        var status = stat()
        stat(path, &status)
        return status
    }

    /// Moves the log away, has `then` do what is done next, and waits until there are lines at its path again.
    func move(_ number: Int, then: () -> Void = {}) {
        parts.append("\(folder)/log.old\(number)")
        rename(path, parts[parts.count - 1])
        then()
        awaitLines()
    }

    /// Waits until there are lines at the log's path.
    func awaitLines() { turn { status.st_size > 0 } }

    /// So many turns of the loop, in which lines are read.
    func turns(_ count: Int) {
        var left = count
        turn {
            left -= 1
            return left < 0
        }
    }

    private func turn(until isDone: () -> Bool) {
        while !hasEnded, !isDone() {
            events.removeAll()
            host.wait(into: &events)
            for event in events {
                switch event {
                case .readable(let channel): channels.readable(channel)
                case .timer(Self.stall): logs.router.stalls.look()
                case .timer(Self.flood): logs.router.floods.takeDue().forEach(channels.readable)
                case .timer(Self.deadline):
                    Issue.record("it took too long")
                    hasEnded = true
                case .spawnEnded(_, let result): spawned = result
                case .exited(let process): _ = host.reap(process)
                default: break
                }
            }
        }
    }

    private func finish() {
        close(open(folder + "/stop", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600))
        turn { !contents(of: folder + "/count").isEmpty }
        _ = logs.finish(id)
        turn {
            _ = logs.takeEnded()
            return logs.isSettled
        }
        logs.close()
    }

    private func check() {
        let count = Int(contents(of: folder + "/count").first ?? "") ?? -1
        var next = 0
        for part in parts + [path] {
            let lines = contents(of: part)
            if lines.isEmpty { Issue.record("\(part) has nothing") }
            for line in lines {
                guard Int(line) == next else {
                    Issue.record("\(part): '\(line)' instead of \(next)")
                    return
                }
                next += 1
            }
        }
        if next != count { Issue.record("\(next) lines of \(count)") }
    }

    private func contents(of path: String) -> [Substring] {
        guard let file = fopen(path, "re") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    }

    private func cleanUp() {
        for file in parts + [path, folder + "/stop", folder + "/count", folder + "/log"] { unlink(file) }
        rmdir(folder)
    }
}
