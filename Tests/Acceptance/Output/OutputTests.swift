import Glibc
import Testing

@Suite(.daemons)
struct OutputTests {
    private func fileLog(_ folder: TemporaryFolder, _ more: String = "") -> String {
        "log = { sink = \"file\", file = \(TOML.quoted(folder.path("web.log")))\(more) }"
    }

    @Test func linesGoToStandardErrorWithTheServicesName() async throws {
        let configuration = TOML.service(
            "web", ["/bin/sh", "-c", "echo to output; echo to error >&2; exec sleep 1000"],
            #"log = { sink = "stderr" }"#)
        try await withDaemon(configuration) { daemon in
            for text in ["to output", "to error"] {
                let line = try await daemon.log.first(by: .usual) { $0.contains(text) }
                #expect(line?.contains("web") == true, "\(line ?? "no line")")
            }
        }
    }

    @Test func linesGoToAFile() async throws {
        let folder = try TemporaryFolder()
        let configuration = TOML.service(
            "web", ["/bin/sh", "-c", "echo one; echo two >&2; exec sleep 1000"], fileLog(folder))
        try await withDaemon(configuration, folder: folder) { daemon in
            let text = try await folder.text(of: "web.log") { $0.contains("two") }
            #expect(text.split(separator: "\n").count == 2)
            #expect(text.contains("one"))
        }
    }

    @Test func filesAreRotatedBySizeAndOnlySoManyKept() async throws {
        let folder = try TemporaryFolder()
        let configuration = TOML.service(
            "web", ["/bin/sh", "-c", "seq -f 'line %%08.0f' 1 40000; echo the end; exec sleep 1000"],
            fileLog(folder, #", rotate_size = "64KiB", rotate_keep = 3"#))
        try await withDaemon(configuration, folder: folder) { daemon in
            _ = try await folder.text(of: "web.log") { $0.contains("the end") }
            let names = try folder.names().filter { $0.hasPrefix("web.log") }
            #expect(names.count == 4, "\(names)")
            for name in names { #expect(try #require(folder.read(name)).utf8.count <= 64 * 1024, "\(name)") }
            // Between the files no line is lost: the newest file goes on where the one before ended.
            let numbers = try names.flatMap { name in
                try #require(folder.read(name)).split(separator: "\n").compactMap { line in
                    line.split(separator: "line ").last.flatMap { Int($0) }
                }
            }.sorted()
            let first = try #require(numbers.first)
            #expect(numbers == Array(first...40_000))
        }
    }

    @Test func theLastLinesAreReadBySupctl() async throws {
        let folder = try TemporaryFolder()
        let configuration = TOML.service(
            "web", ["/bin/sh", "-c", "seq -f 'line %%g' 1 50; echo the end; exec sleep 1000"],
            fileLog(folder))
        try await withDaemon(configuration, folder: folder) { daemon in
            var output = try await daemon.supctl("logs", "web", "-n", "3")
            let deadline = Deadline.usual
            while !output.output.contains("the end"), !deadline.hasPassed {
                output = try await daemon.supctl("logs", "web", "-n", "3")
            }
            #expect(output.code == 0)
            let lines = output.output.split(separator: "\n")
            #expect(lines.count == 3)
            #expect(lines.first?.hasSuffix("line 49") == true, "\(output.output)")
            #expect(lines.last?.hasSuffix("the end") == true, "\(output.output)")
            #expect(!output.output.contains("\u{1B}"))
        }
    }

    @Test func aFloodingServiceSlowsNobody() async throws {
        let folder = try TemporaryFolder()
        let configuration =
            TOML.service("flood", ["/usr/bin/yes"], fileLog(folder, #", rotate_size = "1MiB", rotate_keep = 1"#))
            + TOML.child("web", ["wait"])
        try await withDaemon(configuration, folder: folder) { daemon in
            _ = try await folder.text(of: "web.log.1") { _ in true }
            let connection = try daemon.connect()
            var slowest: Duration = .zero
            for _ in 0..<200 {
                let before = ContinuousClock.now
                _ = try await connection.call("service.status")
                slowest = max(slowest, before.duration(to: .now))
            }
            #expect(slowest < .milliseconds(500).atLoad)
            try await daemon.order("restart", "web", timeout: 5)
            let memory = try await connection.call("supervisor.status").memory.resident.double
            #expect(try #require(memory) < 100_000_000)
            #expect(try await daemon.terminate() == .exited(0))
        }
    }

    @Test func anEndlessLineIsCutAndTheNextOneIsWhole() async throws {
        let folder = try TemporaryFolder()
        let configuration = TOML.child("web", ["long-line", "3000000"], fileLog(folder, #", max_line = "4KiB""#))
        try await withDaemon(configuration, folder: folder) { daemon in
            let text = try await folder.text(of: "web.log") { $0.contains("after") }
            let lines = text.split(separator: "\n")
            #expect(lines.last?.hasSuffix("after") == true)
            #expect(lines.allSatisfy { $0.utf8.count < 4096 + 128 })
            #expect(text.filter { $0 == "x" }.count == 3_000_000)
        }
    }

    @Test func anExitIsSeenThoughAGrandchildHoldsThePipe() async throws {
        let configuration =
            TOML.child("web", ["leave-output-open"], #"restart = "no""#, #"kill_mode = "process""#)
            + TOML.child("keep", ["wait"])
        try await withDaemon(configuration) { daemon in
            let web = try await daemon.service("web", becomes: "ended") { !$0.last_exit.isNull }
            #expect(web.last_exit.code == 0)
            #expect(web.attempt == 1)
        }
    }

    @Test func closingItsOutputIsNotAnExit() async throws {
        try await withDaemon(TOML.child("web", ["close-output"])) { daemon in
            let web = try await daemon.service("web", becomes: "without output") { web in
                web.pid.int.map { access("/proc/\($0)/fd/1", F_OK) != 0 } ?? false
            }
            #expect(web.state == "RUNNING")
            #expect(web.attempt == 1)
            #expect(try await daemon.service("web").state == "RUNNING")
        }
    }

    @Test func aFullDiskStopsNeitherServiceNorDaemon() async throws {
        let configuration =
            TOML.service("web", ["/usr/bin/yes"], #"log = { sink = "file", file = "/dev/full" }"#)
            + TOML.child("keep", ["wait"])
        try await withDaemon(configuration, untilReady: false) { daemon in
            try await daemon.serves()
            try await daemon.service("keep", becomes: "RUNNING")
            let connection = try daemon.connect()
            for _ in 0..<50 { _ = try await connection.call("supervisor.ping") }
            #expect(try await daemon.service("keep").state == "RUNNING")
            _ = try #require(await daemon.log.first(by: .usual) { $0.contains("log file cannot be written") })
            #expect(try await daemon.terminate() == .exited(0))
            let lost = daemon.log.all.last { $0.contains("log file could not be written to the end") }
            #expect(lost?.firstMatch(of: /; [0-9]+ lines? (was|were) lost/) != nil, "\(lost ?? "not told")")
        }
    }
}
