import Foundation
import Testing

/// `MAINPID=`: services whose main process is another than the one that was started.
@Suite(.daemons)
struct MainProcessTests {
    /// The process that a service has put into its place, once it has said so.
    private func successor(in folder: TemporaryFolder) async throws -> Int {
        let told = try await folder.text(of: "told") { $0.contains("successor ") }
        return try #require(told.firstMatch(of: /successor (\d+)\n/).flatMap { Int($0.1) }, "\(told)")
    }

    private func text(_ groups: String, _ folder: TemporaryFolder, _ words: [String], _ settings: String...) -> String {
        "[supervisor]\ncontrol_groups = \"\(groups)\"\n"
            + NotifyTests.notifier(folder, words, #"type = "notify""#, settings.joined(separator: "\n"))
    }

    @Test(arguments: ["auto", "off"])
    func theEndOfTheSuccessorIsTheServicesAndThatOfTheFirstIsNone(groups: String) async throws {
        let folder = try TemporaryFolder()
        let words = [
            "successor", "send:READY=1;STATUS=alone", "await:" + folder.path("go"), "complain:its own words", "exit:3",
        ]
        let text = text(groups, folder, words, #"restart = "no""#)
        try await withDaemon(text, folder: folder) { daemon in
            let pid = try await successor(in: folder)
            let web = try await daemon.service("web", becomes: "alone") { $0.status_text == "alone" }
            #expect(web.state == "RUNNING" && web.pid.int == pid && web.restarts == 0, "\(web)")
            try folder.write("go", "")
            let ended = try await daemon.service("web", becomes: "EXITED")
            #expect(ended.last_exit.code == 3, "\(ended)")
            #expect(daemon.log.all.contains { $0.hasSuffix("web[\(pid)]: its own words") })
            #expect(daemon.log.all.contains { $0.contains("its main process is \(pid) from now on") })
        }
    }

    @Test(arguments: ["auto", "off"])
    func aStopReachesTheSuccessor(groups: String) async throws {
        let folder = try TemporaryFolder()
        let words = ["successor", "send:READY=1;STATUS=alone"]
        try await withDaemon(text(groups, folder, words, #"kill_mode = "mixed""#), folder: folder) { daemon in
            let pid = try await successor(in: folder)
            try await daemon.service("web", becomes: "alone") { $0.status_text == "alone" }
            try await daemon.order("stop", "web")
            let web = try await daemon.service("web")
            #expect(web.state == "STOPPED" && web.last_exit.signal == "SIGTERM", "\(web)")
            #expect(kill(pid_t(pid), 0) == -1)
        }
    }

    @Test(arguments: ["auto", "off"])
    func howAnothersChildHasEndedIsNotKnown(groups: String) async throws {
        let folder = try TemporaryFolder()
        let words = ["deputy", "send:READY=1", "await:" + folder.path("go"), "complain:no luck", "exit:3"]
        try await withDaemon(text(groups, folder, words, #"restart = "no""#), folder: folder) { daemon in
            let pid = try await successor(in: folder)
            let running = try await daemon.service("web", becomes: "RUNNING")
            #expect(running.pid.int == pid)
            try folder.write("go", "")
            // The first goes as well: what is left of a service is stopped.
            let web = try await daemon.service("web", becomes: "EXITED")
            #expect(web.last_exit.description.string == "exit status not known", "\(web)")
            #expect(web.reason.string?.contains("last said \"no luck\"") == true, "\(web)")
            #expect(web.last_exit.code.int == nil && web.last_exit.success == false, "\(web)")
        }
    }

    @Test func aProcessOfNobodysIsRefused() async throws {
        let folder = try TemporaryFolder()
        let words = ["await:" + folder.path("go"), "send:MAINPID=1", "send:READY=1"]
        let text = NotifyTests.notifier(folder, words, #"type = "notify""#)
        try await withDaemon(text, folder: folder, untilReady: false) { daemon in
            try await daemon.serves()
            let own = try await daemon.service("web", becomes: "begun") { $0.pid.int != nil }.requirePID()
            try folder.write("go", "")
            let web = try await daemon.service("web", becomes: "RUNNING")
            #expect(web.pid.int == own)
            #expect(
                daemon.log.all.contains { $0.contains("MAINPID=1 is not followed: process 1 is none of the service") })
        }
    }
}
