import Foundation
import Testing

/// The daemon itself, run for real. `swift build` has put it beside the tests.
@Suite struct ProgramTests {
    @Test(.timeLimit(.minutes(1))) func itGreetsRunsItsServiceAndSaysGoodbye() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mysupd-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let configuration = folder.appendingPathComponent("mysupd.toml")
        try Data(
            """
            [plugins.greeter]
            name = "tests"

            [service.clock]
            exec_start = ["/bin/sh", "-c", "echo tick; exec sleep 60"]
            """.utf8
        ).write(to: configuration)

        let daemon = Process()
        let log = Pipe()
        daemon.executableURL = try program("mysupd")
        daemon.arguments = [
            "--config", configuration.path, "--socket", folder.appendingPathComponent("mysupd.sock").path,
        ]
        daemon.standardError = log
        try daemon.run()
        defer { if daemon.isRunning { kill(daemon.processIdentifier, SIGKILL) } }

        var said: [String] = []
        for await line in lines(of: log) {
            said.append(line)
            // It is up: the plugin has greeted, and the service has written something.
            let isUp = ["hello, tests", "tick"].allSatisfy { word in said.contains { $0.contains(word) } }
            if isUp, daemon.isRunning { daemon.terminate() }
        }
        daemon.waitUntilExit()
        #expect(daemon.terminationStatus == 0)
        let stopped = try #require(said.firstIndex { $0.contains("clock is stopped") })
        let goodbye = try #require(said.firstIndex { $0.contains("goodbye, tests: SIGTERM") })
        #expect(stopped < goodbye)
    }

    /// What is written to a pipe, until its end.
    private func lines(of pipe: Pipe) -> AsyncStream<String> {
        AsyncStream { continuation in
            Thread.detachNewThread {
                var rest = Data()
                while case let read = pipe.fileHandleForReading.availableData, !read.isEmpty {
                    rest.append(read)
                    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                        continuation.yield(String(decoding: rest[..<end], as: UTF8.self))
                        rest = Data(rest[rest.index(after: end)...])
                    }
                }
                continuation.finish()
            }
        }
    }

    private func program(_ name: String) throws -> URL {
        let tests = try #require(ProcessInfo.processInfo.arguments.first)
        return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent(name)
    }
}
