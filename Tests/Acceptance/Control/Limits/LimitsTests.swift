import Foundation
import Glibc
import SupdProtocol
import Testing

/// The limits of the control socket, one after the other: a client that goes over it, and beside it one that keeps its latency.
@Suite(.daemons)
struct LimitsTests {
    @Test func everyLimitOfTheManualHasItsRow() throws {
        let manual = try String(contentsOfFile: Programs.root + "/docs/protocol.md", encoding: .utf8)
        let chapter = try #require(manual.split(separator: "\n## ").first { $0.hasPrefix("Limits\n") })
        let rows = chapter.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst()
        let limits = rows.compactMap { $0.split(separator: "|").first?.trimmingCharacters(in: .whitespaces) }
        #expect(limits.count > 30)
        let tested = HostileClient.all.flatMap(\.limits) + HostileDaemonTests.limits
        #expect(Set(limits).subtracting(tested) == [], "limits that no hostile client goes over")
        #expect(Set(tested).subtracting(limits) == [], "limits that docs/protocol.md does not name")
        #expect(Set(tested).count == tested.count, "limits that are there twice")
    }

    @Test(arguments: HostileClient.all)
    func aPoliteClientKeepsItsLatencyBeside(_ hostile: HostileClient) async throws {
        let target = hostile.target
        if target.needsRoot, !Programs.isRoot { try Test.cancel("it takes root to be many") }
        let folder = try TemporaryFolder()
        try #require(chmod(folder.path, 0o755) == 0)
        var launcher: [String] = []
        if let user = target.user { launcher = try await runs(as: user, in: folder) }
        try await withDaemon(
            target.configuration(folder), folder: folder, launcher: launcher, untilReady: false,
            program: target.program
        ) { daemon in
            try await daemon.serves()
            let answers = try await PoliteClient.beside(daemon, endsDaemon: target.isEnded) {
                try await hostile.attack(daemon)
            }
            answers.expectLatency()
            answers.expectGrowth(below: 16_000_000)
            #expect(answers.allSatisfy { $0.connections <= ProtocolLimits.connections })
        }
    }

    /// What has a daemon run as another user, who gets the folder.
    private func runs(as user: UInt32, in folder: TemporaryFolder) async throws -> [String] {
        let setpriv = try #require(Programs.find("setpriv"))
        let launcher = [setpriv, "--reuid=\(user)", "--regid=\(user)", "--clear-groups"]
        guard try await run(setpriv, Array(launcher.dropFirst()) + [Programs.supd, "--version"]).code == 0 else {
            try Test.cancel("supd is built where user \(user) cannot run it")
        }
        try #require(chown(folder.path, user, user) == 0)
        return launcher
    }
}
