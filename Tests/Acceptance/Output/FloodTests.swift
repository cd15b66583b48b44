import Foundation
import Glibc
import Testing

/// Services that write without a pause.
@Suite(.daemons)
struct FloodTests {
    private func log(_ folder: TemporaryFolder, _ more: String = "") -> String {
        "log = { sink = \"file\", file = \(TOML.quoted(folder.path("lines")))\(more) }"
    }

    /// How many bytes the pipe holds that a process has as standard output; nil where it has none any more.
    private func pipeSize(of pid: Int) -> Int32? {
        let end = open("/proc/\(pid)/fd/1", O_WRONLY | O_NONBLOCK | O_CLOEXEC)
        guard end >= 0 else { return nil }
        defer { close(end) }
        // F_GETPIPE_SZ, which Swift does not see.
        return fcntl(end, 1032)
    }

    private func pipe(of pid: Int, holds bytes: Int32, _ daemon: Daemon) async throws {
        let connection = try daemon.connect()
        let deadline = Deadline.usual
        while true {
            let size = pipeSize(of: pid)
            if size == bytes { return }
            guard !deadline.hasPassed else { throw Failure("the pipe holds \(size ?? -1) bytes and not \(bytes)") }
            _ = try await connection.call("supervisor.ping")
        }
    }

    private func expectEveryNumber(_ lines: some Sequence<Substring>, sourceLocation: SourceLocation = #_sourceLocation)
    {
        let numbers = lines.map { Int($0) }
        #expect(!numbers.isEmpty && numbers == (0..<numbers.count).map { $0 + 1 }, sourceLocation: sourceLocation)
    }

    /// Whether this user may have a pipe of a megabyte now.
    private static let mayHaveLargePipes: Bool = {
        var ends: [Int32] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else { return false }
        defer { for end in ends { close(end) } }
        return fcntl(ends[0], 1031, 1024 * 1024) >= 0
    }()

    @Test(.enabled(if: mayHaveLargePipes, "may not have larger pipes"))
    func aPipeIsLargeForAsLongAsItIsFloodedAndNoLineIsLost() async throws {
        let folder = try TemporaryFolder()
        // Line by line, until there is a file.
        let script =
            "n=0; while [ ! -e enough ]; do echo $((n += 1)); echo $((n += 1)); done; echo end; exec sleep 1000"
        let configuration = TOML.service(
            "web", ["/bin/sh", "-c", script], "working_directory = \(TOML.quoted(folder.path))", log(folder))
        try await withDaemon(configuration, folder: folder) { daemon in
            let pid = try await daemon.service("web").requirePID()
            try await pipe(of: pid, holds: 1024 * 1024, daemon)
            try folder.write("enough", "")
            let text = try await folder.text(of: "lines") { $0.hasSuffix("end\n") }
            try await pipe(of: pid, holds: 64 * 1024, daemon)
            expectEveryNumber(text.split(separator: "\n").dropLast())
        }
    }

    /// Neither a stop nor the drain loses a line of what was in the pipe.
    @Test(arguments: ["stop", "drain"])
    func whoIsStoppedInAFloodHasItsLastLinesWritten(how: String) async throws {
        let folder = try TemporaryFolder()
        let script = "trap 'echo end; exit 0' TERM; n=0; while :; do echo $((n += 1)); done"
        let configuration = TOML.service("web", ["/bin/sh", "-c", script], log(folder))
        try await withDaemon(configuration, folder: folder) { daemon in
            _ = try await folder.text(of: "lines") { $0.utf8.count > 500_000 }
            if how == "stop" {
                try await daemon.order("stop", "web")
            } else {
                #expect(try await daemon.terminate() == .exited(0))
            }
            let text = try await folder.text(of: "lines") { $0.hasSuffix("\nend\n") }
            expectEveryNumber(text.split(separator: "\n").dropLast())
        }
    }

    /// Large reads are rotated at the size, line by line.
    @Test func aFloodIsRotatedWithoutALineLost() async throws {
        let folder = try TemporaryFolder()
        let configuration = TOML.service(
            "web", ["/bin/sh", "-c", "seq 1000000; echo end; exec sleep 1000"],
            log(folder, #", rotate_size = "256KiB", rotate_keep = 100"#))
        try await withDaemon(configuration, folder: folder) { daemon in
            _ = try await folder.text(of: "lines") { $0.hasSuffix("\nend\n") }
            let names = try folder.names().filter { $0.hasPrefix("lines") }
            var text = ""
            for number in stride(from: names.count - 1, through: 0, by: -1) {
                let part = try #require(folder.read(number == 0 ? "lines" : "lines.\(number)"))
                #expect(part.utf8.count <= 256 * 1024)
                text += part
            }
            let lines = text.split(separator: "\n")
            #expect(lines.count == 1_000_001)
            expectEveryNumber(lines.dropLast())
        }
    }
}
