import Foundation
import Glibc
import Testing

/// `fd_store_max`: descriptors that outlive the process that made them.
@Suite(.daemons)
struct DescriptorStoreTests {
    /// What each start of the service has said, once there were so many.
    private func starts(_ count: Int, in folder: TemporaryFolder) async throws -> [String] {
        let end = "barrier passed\n"
        let text = try await folder.text(of: "told") { $0.components(separatedBy: end).count > count }
        return text.components(separatedBy: end)
    }

    @Test func whatIsKeptComesBackAtTheNextStartAndGoesWithAStop() async throws {
        let folder = try TemporaryFolder()
        let words = [
            "surroundings", "store:one", "store:two", "store:three", "send:FDSTOREREMOVE=1;FDNAME=one", "barrier",
            "send:READY=1",
        ]
        let text = NotifyTests.notifier(folder, words, #"type = "notify""#, "fd_store_max = 2")
        try await withDaemon(text, folder: folder) { daemon in
            let pid = try await daemon.service("web", becomes: "RUNNING").requirePID()
            let line = try await daemon.log.first(by: .usual) { $0.contains("its fd_store_max of 2 is used up") }
            #expect(line != nil)
            try await daemon.order("restart", "web")
            let second = try await starts(2, in: folder)[1]
            #expect(second.contains("LISTEN_FDNAMES=two\n"))
            #expect(second.contains("kept two of \(pid)\n"))
            try await daemon.order("stop", "web")
            try await daemon.order("start", "web")
            let third = try await starts(3, in: folder)[2]
            #expect(third.contains("LISTEN_FDNAMES=\n"))
        }
    }

    @Test func whatIsNotAllowedAnyMoreIsNotHandedOut() async throws {
        let folder = try TemporaryFolder()
        func text(_ limit: Int) -> String {
            NotifyTests.notifier(
                folder, ["surroundings", "store:one", "store:two", "barrier", "send:READY=1"], #"type = "notify""#,
                "fd_store_max = \(limit)")
        }
        try await withDaemon(text(2), folder: folder) { daemon in
            try await daemon.service("web", becomes: "RUNNING")
            try daemon.edit(text(1))
            #expect(try await daemon.supctl("apply").code == 0)
            try await daemon.order("restart", "web")
            let second = try await starts(2, in: folder)[1]
            #expect(second.contains("LISTEN_FDNAMES=one\n"), "\(second)")
        }
    }

    @Test func whatIsSentAgainIsKeptOnce() async throws {
        let folder = try TemporaryFolder()
        let words = ["surroundings", "twice:one", "store:two", "barrier", "send:READY=1"]
        let text = NotifyTests.notifier(folder, words, #"type = "notify""#, "fd_store_max = 2")
        try await withDaemon(text, folder: folder) { daemon in
            try await daemon.service("web", becomes: "RUNNING")
            #expect(!daemon.log.all.contains { $0.contains("not kept") })
            try await daemon.order("restart", "web")
            let second = try await starts(2, in: folder)[1]
            #expect(second.contains("LISTEN_FDNAMES=one:two\n"), "\(second)")
        }
    }

    @Test func whatHasHungUpIsClosedUnlessThatIsNotWanted() async throws {
        let folder = try TemporaryFolder()
        let pipe = folder.path("pipe")
        #expect(mkfifo(pipe, 0o600) == 0)
        let words = [
            "surroundings", "pipe:" + pipe, "unwatched-pipe:" + pipe, "store:other", "barrier", "send:READY=1",
        ]
        let text = NotifyTests.notifier(folder, words, #"type = "notify""#, "fd_store_max = 10")
        try await withDaemon(text, folder: folder, arguments: ["--log-level", "debug"]) { daemon in
            try await daemon.service("web", becomes: "RUNNING")
            try hangUp(pipe)
            let line = try await daemon.log.first(by: .usual) { $0.contains("'a-pipe' has hung up") }
            #expect(line != nil)
            try await daemon.order("restart", "web")
            let second = try await starts(2, in: folder)[1]
            #expect(second.contains("LISTEN_FDNAMES=unwatched:other\n"), "\(second)")
        }
    }

    /// What the daemon keeps of a named pipe hangs up with the last that writes to it.
    private func hangUp(_ pipe: String) throws {
        let writer = open(pipe, O_WRONLY | O_NONBLOCK)
        try #require(writer >= 0)
        close(writer)
    }
}
