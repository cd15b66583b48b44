import Glibc
import Testing

/// Logs that are changed under the service that writes to them.
@Suite(.daemons)
struct ChangedLogsTests {
    private static let flood = ["/bin/sh", "-c", "i=0; while :; do i=$$((i+1)); echo $$i; done"]

    private func site(_ folder: TemporaryFolder, _ file: String) -> String {
        TOML.service("web", Self.flood, "log = { sink = \"file\", file = \"\(folder.path(file))\" }")
    }

    private func numbers(_ folder: TemporaryFolder, _ file: String) -> [Int] {
        (folder.read(file) ?? "").split(separator: "\n").map { Int($0) ?? -1 }
    }

    @Test func everyLineOfAFloodIsOnceInOneOfTheFiles() async throws {
        let folder = try TemporaryFolder()
        try await withDaemon(site(folder, "old.log"), folder: folder) { daemon in
            _ = try await folder.text(of: "old.log") { $0.count > 1000 }
            let runs = try await daemon.runs()
            try await daemon.applies(site(folder, "new.log"))
            #expect(try await daemon.runs() == runs)
            _ = try await folder.text(of: "new.log") { $0.count > 1000 }
            try await daemon.order("stop", "web")
            let all = numbers(folder, "old.log") + numbers(folder, "new.log")
            #expect(all == Array(1...all.count))
        }
    }

    @Test func linesGoOnFromOneSinkToAnother() async throws {
        let folder = try TemporaryFolder()
        let slowly = ["/bin/sh", "-c", "i=0; while :; do i=$$((i+1)); echo $$i; sleep 0.02; done"]
        try await withDaemon(TOML.service("web", slowly, "log = { memory = 0 }"), folder: folder) { daemon in
            #expect(try await daemon.supctl("logs", "web").error.contains("nothing is kept: log.memory is 0"))
            let runs = try await daemon.runs()
            let file = "log = { sink = \"file\", file = \"\(folder.path("web.log"))\", memory = \"1MiB\" }"
            try await daemon.applies(TOML.service("web", slowly, file))
            _ = try await folder.text(of: "web.log") { $0.filter { $0 == "\n" }.count > 3 }
            let kept = try await daemon.connect().call("logs.read", ["services": ["web"], "lines": 1000])
            #expect(kept.services.array[0].lines.array.count > 3, "\(kept.text)")
            #expect(try await daemon.runs() == runs)
        }
    }

    @Test func filesAreOpenedAnewByOrder() async throws {
        let folder = try TemporaryFolder()
        try await withDaemon(site(folder, "web.log"), folder: folder) { daemon in
            _ = try await folder.text(of: "web.log") { $0.count > 1000 }
            try #require(rename(folder.path("web.log"), folder.path("web.log.old")) == 0)
            let output = try await daemon.supctl("reopen-logs")
            #expect(output.code == 0 && output.output == "1 log file opened anew\n", "\(output)")
            _ = try await folder.text(of: "web.log") { $0.count > 1000 }
            try await daemon.order("stop", "web")
            let all = numbers(folder, "web.log.old") + numbers(folder, "web.log")
            #expect(all == Array(1...all.count))
            let unknown = try await daemon.supctl("reopen-logs", "wbe")
            #expect(unknown.code == 4, "\(unknown)")
        }
    }
}
