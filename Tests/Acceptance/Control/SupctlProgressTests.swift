import Foundation
import Glibc
import Testing

/// Orders that are waited for: what becomes of each service is told as it happens.
@Suite(.daemons)
struct SupctlProgressTests {
    private struct Order {
        let process: ChildProcess
        let errors = Facts<String>()
        private let reader: Task<Void, Never>

        init(_ daemon: Daemon, _ arguments: String...) throws {
            let errors = try Descriptor.pipe()
            process = try ChildProcess(
                Programs.supctl, arguments, environment: ["SUPD_SOCKET": daemon.socket], errorOutput: errors.writing)
            reader = self.errors.recordLines(of: errors.reading)
        }

        func says(_ text: String) async throws {
            let line = try await errors.first(by: .usual) { $0.contains(text) }
            #expect(line != nil, "\(text) is not in \(errors.all)")
        }
    }

    /// One that is up at once, and one that is when `go` is there.
    private func services(_ folder: TemporaryFolder, go: String, _ settings: String...) -> String {
        let waiting = TOML.list([Programs.testchild, "notify", "await:" + folder.path(go), "send:READY=1"])
        return TOML.child("quick", ["wait"], settings.joined(separator: "\n"))
            + (["[service.slow]", "exec_start = \(waiting)", #"type = "notify""#] + settings).joined(separator: "\n")
            + "\n"
    }

    @Test func eachServiceOfAnOrderIsToldAsItSettles() async throws {
        let folder = try TemporaryFolder()
        try await withDaemon(services(folder, go: "go", "enabled = false"), folder: folder) { daemon in
            let order = try Order(daemon, "start", "quick", "slow")
            try await order.says("quick is RUNNING, pid ")
            #expect(try await daemon.service("slow").state == "STARTING")
            try folder.write("go", "")
            try await order.says("slow is RUNNING, pid ")
            #expect(try await order.process.ended(by: .usual) == .exited(0))
        }
    }

    @Test func eachServiceOfAnApplyIsToldAsItSettles() async throws {
        let folder = try TemporaryFolder()
        try folder.write("go", "")
        try await withDaemon(services(folder, go: "go"), folder: folder) { daemon in
            try daemon.edit(services(folder, go: "later", "environment = { NEW = \"yes\" }"))
            let order = try Order(daemon, "apply")
            try await order.says("quick is RUNNING, pid ")
            // The two go down and up beside each other.
            try await daemon.service("slow", becomes: "STARTING")
            try folder.write("later", "")
            try await order.says("slow is RUNNING, pid ")
            #expect(try await order.process.ended(by: .usual) == .exited(0))
        }
    }

    /// What is restarted along with a changed one is waited for, and told, as that is.
    @Test func whatIsRestartedAlongIsTold() async throws {
        let folder = try TemporaryFolder()
        func text(_ settings: String...) -> String {
            TOML.child("db", ["wait"], settings.joined(separator: "\n"))
                + TOML.child("web", ["wait"], #"requires = ["db"]"#)
        }
        try await withDaemon(text(), folder: folder) { daemon in
            try daemon.edit(text("environment = { NEW = \"yes\" }"))
            let order = try Order(daemon, "apply")
            try await order.says("db is RUNNING, pid ")
            try await order.says("web is RUNNING, pid ")
            #expect(try await order.process.ended(by: .usual) == .exited(0))
        }
    }

    /// What crashes at once is told as it is then, and not as it was for a moment before.
    @Test func ofWhatCrashesAtOnceTheEndIsTold() async throws {
        let text = TOML.child(
            "bad", ["exit", "3"], "enabled = false", #"backoff = { policy = "constant", delay = "1h" }"#)
        try await withDaemon(text) { daemon in
            for _ in 1...20 {
                let output = try await daemon.supctl("start", "bad")
                let isHonest =
                    output.code == 1
                    ? output.error.hasPrefix("supctl: bad is BACKOFF: exit code 3, ")
                    : output.output.contains("RUNNING")
                #expect(isHonest, "\(output)")
            }
        }
    }

    @Test func whoFailsIsToldAtOnceAndAtTheEnd() async throws {
        let folder = try TemporaryFolder()
        let text =
            services(folder, go: "go", "enabled = false")
            + TOML.child("bad", ["exit", "3"], "enabled = false", #"restart = "no""#, #"min_uptime = "1h""#)
        try await withDaemon(text, folder: folder) { daemon in
            let order = try Order(daemon, "start", "bad", "slow")
            try await order.says("bad is EXITED: ")
            try folder.write("go", "")
            #expect(try await order.process.ended(by: .usual) == .exited(1))
            try await order.says("supctl: bad is EXITED: ")
        }
    }

    @Test func ctrlCLeavesTheOrderStandingAndSaysSo() async throws {
        let folder = try TemporaryFolder()
        try await withDaemon(services(folder, go: "go", "enabled = false"), folder: folder) { daemon in
            let order = try Order(daemon, "start", "quick", "slow")
            try await order.says("quick is RUNNING")
            order.process.signal(SIGINT)
            #expect(try await order.process.ended(by: .usual) == .signaled(SIGINT))
            try await order.says("the order stands")
            try folder.write("go", "")
            try await daemon.service("slow", becomes: "RUNNING")
        }
    }

    @Test func aTerminalShowsWhatIsStillWaitedFor() async throws {
        let folder = try TemporaryFolder()
        try await withDaemon(services(folder, go: "go", "enabled = false"), folder: folder) { daemon in
            let process = try ChildProcess(
                atTerminal: Programs.supctl, ["start", "quick", "slow"],
                environment: ["SUPD_SOCKET": daemon.socket, "TERM": "xterm"])
            let shown = Facts<String>()
            let reader = shown.recordLines(of: try #require(process.terminal))
            defer { reader.cancel() }
            let line = try await shown.first(by: .usual) { $0.contains("waiting for slow; 1 is done") }
            #expect(line != nil, "\(shown.all)")
            try folder.write("go", "")
            #expect(try await process.ended(by: .usual) == .exited(0))
            // Each as it happens, and that stays.
            for name in ["quick", "slow"] {
                #expect(
                    try await shown.first(by: .usual) { $0.contains("\(name) is RUNNING, pid ") } != nil, "\(shown.all)"
                )
            }
        }
    }
}
