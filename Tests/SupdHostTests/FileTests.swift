import CSupd
import Glibc
import SupdPlugin
import Testing

@testable import SupdHost

@Suite struct FileTests {
    private struct Uncollected: Error {}

    private static func replace(_ bench: HostBench, _ path: String, _ text: String) -> ErrorNumber? {
        bench.host.replaceFile(path: path, contents: Array(text.utf8), within: .seconds(20))
    }

    private static func read(_ path: String, limit: Int) throws -> Result<[UInt8], FileProblem> {
        let look = try FileLook([path], capacity: limit + 1)
        while !look.isBack(within: .seconds(1)) {}
        return RegularFile.contents(look.outcome, limit: limit)
    }

    @Test func onlyARegularFileIsRead() async {
        await #expect(processExitsWith: .success) {
            try withTemporaryFolder { folder in
                try withHost { bench in
                    func problem(_ path: String) throws -> String {
                        if case .failure(let problem) = try FileTests.read(path, limit: 10) { return "\(problem)" }
                        return "none"
                    }
                    mkfifo(folder + "/fifo", 0o644)
                    try writeFile(folder + "/empty", "")
                    symlink(folder + "/fifo", folder + "/link")
                    let descriptors = openDescriptorCount()
                    try expectEqual(problem(folder + "/fifo"), "it is a FIFO, and only a regular file is read")
                    try expectEqual(problem(folder + "/link"), "it is a FIFO, and only a regular file is read")
                    try expectEqual(problem(folder), "it is a folder, and only a regular file is read")
                    try expectEqual(problem("/dev/zero"), "it is a device, and only a regular file is read")
                    try expectEqual(problem(folder + "/none"), "ENOENT (No such file or directory)")
                    try expectEqual(FileTests.read(folder + "/empty", limit: 1), .success([]))
                    // The child had a table of its own, and is collected; one that is late is left to the loop.
                    #expect(openDescriptorCount() < descriptors + 5)
                    var attempts = 1
                    while waitpid(-1, nil, WNOHANG | Int32(bitPattern: UInt32(__WALL))) != -1 || errno != ECHILD {
                        while waitpid(-1, nil, Int32(bitPattern: UInt32(__WALL))) > 0 {}
                        attempts += 1
                        guard attempts < 20 else { throw Uncollected() }
                        _ = try FileTests.read(folder + "/empty", limit: 1)
                    }
                    _ = bench
                }
            }
        }
    }

    @Test func aFileOfADiskIsLookedAtWithoutWaiting() async {
        await #expect(processExitsWith: .success) {
            try withTemporaryFolder { folder in
                try withHost { bench in
                    let path = folder + "/settings"
                    try writeFile(path, "1234")
                    var status = stat()
                    try #require(stat(path, &status) == 0)
                    let modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
                    let version = FileVersion(
                        device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: 4, modified: modified)
                    // No major number, as of an overlay: others may have changed what is there.
                    guard status.st_dev >> 8 & 0xFFF != 0 else {
                        return expectEqual(bench.host.versionAtHand(of: path), nil)
                    }
                    let descriptors = openDescriptorCount()
                    expectEqual(bench.host.versionAtHand(of: path), .success(version))
                    expectEqual(bench.host.versionAtHand(of: folder), .success(nil))
                    unlink(path)
                    expectEqual(bench.host.versionAtHand(of: path), .failure(ErrorNumber(ENOENT)))
                    expectEqual(bench.host.versionAtHand(of: "/proc/self/stat"), nil)
                    expectEqual(openDescriptorCount(), descriptors)
                }
            }
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root mounts something"))
    func aFileIsLookedAtWithoutWaitingWhileOthersMount() async {
        await #expect(processExitsWith: .success) {
            try withTemporaryFolder { folder in
                try withHost { bench in
                    try writeFile(folder + "/settings", "1234")
                    mkdir(folder + "/mounted", 0o755)
                    let mounting = try bench.start("mount-again", folder + "/mounted")
                    let isAble = try bench.numbers(mounting.output, after: "mounts", count: 1) == [1]
                    // On an overlay it is never at hand.
                    guard isAble, bench.host.versionAtHand(of: folder + "/settings") != nil else { return }
                    var misses = 0
                    for _ in 0..<100_000 where bench.host.versionAtHand(of: folder + "/settings") == nil { misses += 1 }
                    expectEqual(misses, 0)
                    #expect(isRunning(mounting.pid))
                }
            }
        }
    }

    @Test func aFileIsReplacedWholeOrNotAtAll() async {
        await #expect(processExitsWith: .success) {
            try withTemporaryFolder { folder in
                try withHost { bench in
                    let path = folder + "/state.json"
                    expectEqual(FileTests.replace(bench, path, "old"), nil)
                    expectEqual(FileTests.replace(bench, path, "newer"), nil)
                    try expectEqual(FileTests.read(path, limit: 5), .success(Array("newer".utf8)))
                    try expectEqual(
                        FileTests.read(path, limit: 4),
                        .failure(FileProblem(ErrorNumber(EFBIG), "it has more than 0 KiB")))
                    // Left behind by one that was killed, and then in the way for good.
                    try writeFile(path + ".new", "half")
                    expectEqual(FileTests.replace(bench, path, "again"), nil)
                    mkdir(path + ".new", 0o755)
                    expectEqual(FileTests.replace(bench, path, ""), ErrorNumber(EEXIST))
                    rmdir(path + ".new")
                    // No room, in the middle of it; a limit is that of the process that writes.
                    bench.host.files.stop(within: .seconds(20))
                    var limit = rlimit(rlim_cur: 100_000, rlim_max: rlim_t.max)
                    let resource = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
                    setrlimit(resource, &limit)
                    let long = String(repeating: "x", count: 200_000)
                    expectEqual(FileTests.replace(bench, path, long), ErrorNumber(EFBIG))
                    expectEqual(readWholeFile(path) == "again", true)
                    expectEqual(access(path + ".new", F_OK), -1)
                }
            }
        }
    }

    @Test func theDaemonKnowsItsOwnMemoryAndEnvironment() async {
        await #expect(processExitsWith: .success) {
            setenv("SUPD_TEST_VARIABLE", [CChar(bitPattern: 0xFF), CChar(bitPattern: 0xFE), 0], 1)
            try withHost { bench in
                let memory = bench.host.ownMemory()
                #expect(memory.resident > 1 << 20)
                #expect(memory.proportional > 1 << 18)
                #expect(memory.proportional <= memory.resident + (1 << 20))
                #expect(bench.host.environment.contains(Array("SUPD_TEST_VARIABLE=".utf8) + [0xFF, 0xFE]))
                expectEqual(bench.host.ownPID, getpid())
                #expect((0..<1).contains(bench.host.random()))
                #expect(bench.host.wallClock().nanoseconds > 1_600_000_000_000_000_000)
            }
        }
    }
}

/// Standard error is somebody else's at its other end: it may be full, slow, closed, a file, a terminal.
@Suite struct StandardErrorTests {
    /// A pipe as standard error, with its reading end.
    private static func pipeAsStandardError() -> Int32 {
        var reading: Int32 = -1
        var writing: Int32 = -1
        supd_pipe(&reading, &writing)
        dup2(writing, 2)
        close(writing)
        return reading
    }

    private static func fill(_ bench: HostBench) -> Int {
        let block = [UInt8](repeating: 120, count: 50_000)
        var written = 0
        while true {
            switch block.withUnsafeBytes({ bench.host.write(bench.host.standardError, $0) }) {
            case .wrote(let count): written += count
            case .wouldBlock: return written
            case .failed(let error):
                Issue.record("\(error)")
                return written
            }
        }
    }

    @Test(arguments: [true, false])
    func aFullPipeMakesNobodyWait(mayOpenAgain: Bool) async {
        await #expect(processExitsWith: .success) { [mayOpenAgain] in
            let reading = StandardErrorTests.pipeAsStandardError()
            if !mayOpenAgain {
                guard geteuid() == 0 else { return }
                // The pipe is root's: it may be written to, and not be opened.
                setgid(65534)
                setuid(65534)
            }
            try withHost { bench in
                #expect((bench.host.standardError.descriptor == 2) != mayOpenAgain)
                let written = StandardErrorTests.fill(bench)
                #expect(written > 60_000 && written <= 65_536, "\(written)")
                // Whoever shares it still finds it as it was.
                expectEqual(fcntl(2, F_GETFL) & O_NONBLOCK, 0)
                bench.host.watch(bench.host.standardError, readable: false, writable: true)
                var buffer = [UInt8](repeating: 0, count: 65_536)
                while read(reading, &buffer, buffer.count) > 0 {}
                try bench.event("room") { $0 == .writable(bench.host.standardError) }
                #expect(StandardErrorTests.fill(bench) > 0)
                close(reading)
                expectEqual(
                    [UInt8(1)].withUnsafeBytes { bench.host.write(bench.host.standardError, $0) },
                    .failed(ErrorNumber(EPIPE)))
                bench.host.close(bench.host.standardError)
                #expect(fcntl(2, F_GETFD) >= 0)
            }
        }
    }

    @Test func aSocketAFileAndNothingWorkAsWell() async {
        await #expect(processExitsWith: .success) {
            try withTemporaryFolder { folder in
                let path = folder + "/err"
                let file = open(path, O_WRONLY | O_CREAT, 0o600)
                write(file, "before\n", 7)
                dup2(file, 2)
                try withHost { bench in
                    expectEqual(
                        Array("line\n".utf8).withUnsafeBytes { bench.host.write(bench.host.standardError, $0) },
                        .wrote(5))
                    try bench.turns(until: "the line is in the file") { readWholeFile(path) == "before\nline\n" }
                }
                var ends: [Int32] = [-1, -1]
                socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends)
                dup2(ends[0], 2)
                try withHost { bench in
                    #expect(StandardErrorTests.fill(bench) > 0)
                    close(ends[0])
                    close(ends[1])
                    expectEqual(
                        [UInt8(1)].withUnsafeBytes { bench.host.write(bench.host.standardError, $0) },
                        .failed(ErrorNumber(EPIPE)))
                }
                close(2)
                try withHost { bench in
                    expectEqual(
                        [UInt8(1)].withUnsafeBytes { bench.host.write(bench.host.standardError, $0) }, .wrote(1))
                }
            }
        }
    }
}
