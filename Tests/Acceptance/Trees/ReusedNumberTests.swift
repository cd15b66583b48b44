import Glibc
import Testing

/// Fault 1: a process's number is used again once it has ended, and what has it then is nobody's victim.
@Suite(.daemons)
struct ReusedNumberTests {
    private static let launcher = ["/usr/bin/unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]

    /// Runs a line of shell in the namespaces of the process `pid`.
    private func inside(_ pid: Int, _ line: String) async throws -> Output {
        try await run(
            "/usr/bin/nsenter", ["--target", "\(pid)", "--pid", "--mount", "/bin/sh", "-c", line],
            environment: ["PATH": "/usr/bin:/bin"])
    }

    @Test(arguments: Standing.allCases)
    func aStopReachesNobodyElse(_ standing: Standing) async throws {
        let folder = try standing.folder()
        guard try await run(Self.launcher[0], Array(Self.launcher.dropFirst()) + ["/bin/true"]).code == 0 else {
            try Test.cancel("a process namespace of its own is not allowed here")
        }
        let services =
            TOML.child("web", ["wait"], #"restart = "no""#) + TOML.child("keep", ["into", folder.path("keep"), "wait"])
        try await standing.run(services, in: folder, outerLauncher: Self.launcher) { daemon in
            let supd = try #require(ProcessTable.children(of: Int(daemon.process.pid)).first)
            _ = try await folder.announcedPID(in: "keep")
            // The daemon is in a namespace of its own, and so is the number that it tells.
            let number = try await daemon.service("web", becomes: "RUNNING").requirePID()
            let killed = try await inside(supd, "kill -KILL \(number)")
            #expect(killed.code == 0, "\(killed)")
            try await daemon.service("web", becomes: "EXITED")
            // The next process of the namespace gets the number; sh tells which it was.
            let again = try await inside(
                supd,
                "echo \(number - 1) >/proc/sys/kernel/ns_last_pid && "
                    + "{ \(Programs.testchild) into \(folder.path("victim")) ignore-term >/dev/null & echo $!; }")
            guard again.code == 0, Int(again.output.split(separator: "\n").last ?? "") == number else {
                try Test.cancel("the number could not be given again: \(again)")
            }
            #expect(try await folder.announcedPID(in: "victim") == number)
            for order in ["stop", "start", "restart"] { try await daemon.order(order, "web") }
            #expect(try await daemon.service("web").requirePID() != number)
            try await daemon.order("stop", "web")
            let alive = try await inside(supd, "kill -0 \(number)")
            #expect(alive.code == 0, "the process that had the number next is gone")
            try ProcessTable.kill(supd, SIGTERM)
            #expect(try await daemon.ended() == .exited(0))
        }
    }
}
