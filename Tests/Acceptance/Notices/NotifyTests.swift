import Foundation
import Glibc
import Testing

/// `type = "notify"`: services that say themselves how they are.
@Suite(.daemons)
struct NotifyTests {
    /// A service that says to `told` what it says to its test, and runs `words` of the test child's verb `notify`.
    static func notifier(_ folder: TemporaryFolder, _ words: [String], _ settings: String...) -> String {
        TOML.child("web", ["into", folder.path("told"), "notify"] + words, settings.joined(separator: "\n"))
    }

    @Test func aServiceIsUpOnceItHasSaidSo() async throws {
        let folder = try TemporaryFolder()
        let text = Self.notifier(
            folder,
            ["surroundings", "send:STATUS=warming up", "await:" + folder.path("go"), "send:READY=1;STATUS=2 workers"],
            #"type = "notify""#)
        try await withDaemon(text, folder: folder, untilReady: false) { daemon in
            try await daemon.serves()
            let starting = try await daemon.service("web", becomes: "known by its words") {
                $0.status_text.string == "warming up"
            }
            #expect(starting.state == "STARTING")
            #expect(starting.ready == false)
            #expect(starting.reason.string?.contains("has not said that it is ready") == true, "\(starting)")
            #expect(starting.reason.string?.hasSuffix("; warming up") == true, "\(starting)")
            try folder.write("go", "")
            let running = try await daemon.service("web", becomes: "RUNNING")
            #expect(running.status_text == "2 workers")
            #expect(running.type == "notify")
            let told = try await folder.text(of: "told") { $0.contains("ready ") }
            let socket = try #require(told.firstMatch(of: /NOTIFY_SOCKET=(\/.+)/)?.1)
            var status = stat()
            #expect(lstat(String(socket), &status) == 0)
            #expect(status.st_mode & S_IFMT == S_IFSOCK && status.st_mode & 0o777 == 0o600)
            #expect(told.firstMatch(of: /INVOCATION_ID=[0-9a-f]{32}\n/) != nil, "\(told)")
            // Nobody watches it.
            #expect(told.contains("WATCHDOG_USEC=\n") && told.contains("WATCHDOG_PID=\n"), "\(told)")
            try await daemon.terminate()
            #expect(access(String(socket), F_OK) == -1)
        }
    }

    /// It speaks for its parent, and then asks in its own name whether that was taken in.
    @Test func systemdNotifyIsFollowedAndNotRefused() async throws {
        let notify = "/usr/bin/systemd-notify"
        guard Programs.isRoot, access(notify, X_OK) == 0 else { try Test.cancel("this takes root and \(notify)") }
        let folder = try TemporaryFolder()
        let script = "\(notify) --ready; echo said >>told; exec sleep 1000"
        let text = TOML.service(
            "web", ["/bin/sh", "-c", script], "working_directory = \(TOML.quoted(folder.path))", #"type = "notify""#)
        try await withDaemon(text, folder: folder) { daemon in
            _ = try await folder.text(of: "told")
            #expect(try await daemon.service("web").state == "RUNNING")
            #expect(!daemon.log.all.contains { $0.contains("was not followed") }, "\(daemon.log.all)")
        }
    }

    /// As a command of its own its parent is supd.
    @Test(arguments: ["exec", "all"])
    func systemdNotifyAsACommandIsFollowed(access: String) async throws {
        let notify = "/usr/bin/systemd-notify"
        guard Programs.isRoot, Glibc.access(notify, X_OK) == 0 else { try Test.cancel("this takes root and \(notify)") }
        let text = TOML.child(
            "web", ["wait"], "exec_start_post = \(TOML.list([notify, "--status=said after"]))",
            "notify_access = \(TOML.quoted(access))")
        try await withDaemon(text) { daemon in
            try await daemon.service("web", becomes: "known by its words") {
                $0.state == "RUNNING" && $0.status_text == "said after"
            }
            #expect(!daemon.log.all.contains { $0.contains("was not followed") }, "\(daemon.log.all)")
        }
    }

    @Test func oneThatNeverSaysSoHasItsTimeAndFails() async throws {
        let folder = try TemporaryFolder()
        let text = Self.notifier(
            folder, ["send:STATUS=half way"], #"type = "notify""#, #"timeout_start = "300ms""#, #"restart = "no""#)
        try await withDaemon(text, folder: folder) { daemon in
            let web = try await daemon.service("web", becomes: "EXITED")
            #expect(web.last_exit.forced == "start-timeout", "\(web)")
        }
    }

    @Test func whoMayNotSpeakForItIsNotBelieved() async throws {
        let folder = try TemporaryFolder()
        let text = Self.notifier(folder, ["child:READY=1"], #"type = "notify""#)
        try await withDaemon(text, folder: folder, untilReady: false) { daemon in
            try await daemon.serves()
            _ = try await folder.text(of: "told") { $0.contains("barrier passed") }
            let line = try await daemon.log.first(by: .usual) {
                $0.contains("a message to the notification socket of web was not followed")
                    && $0.contains("notify_access")
            }
            #expect(line != nil)
            #expect(try await daemon.service("web").state == "STARTING")
            // One line, however many they are.
            #expect(daemon.log.all.filter { $0.contains("was not followed") }.count == 1)
        }
    }

    @Test(arguments: ["auto", "off"])
    func everyProcessOfItMaySpeakWhereThatIsSaid(groups: String) async throws {
        let folder = try TemporaryFolder()
        let text =
            "[supervisor]\ncontrol_groups = \"\(groups)\"\n"
            + Self.notifier(folder, ["child:READY=1"], #"type = "notify""#, #"notify_access = "all""#)
        try await withDaemon(text, folder: folder) { daemon in
            try await daemon.service("web", becomes: "RUNNING")
        }
    }

    @Test(arguments: ["large", "huge"])
    func whatIsTooLongIsDroppedAndABarrierPassed(word: String) async throws {
        let folder = try TemporaryFolder()
        let text = Self.notifier(folder, [word, "barrier", "send:READY=1;STATUS=small"], #"type = "notify""#)
        try await withDaemon(text, folder: folder) { daemon in
            let web = try await daemon.service("web", becomes: "RUNNING")
            #expect(web.status_text == "small")
            #expect(folder.read("told")?.contains("barrier passed") == true)
            #expect(daemon.log.all.contains { $0.contains("it has more than 4096 bytes") })
        }
    }

    @Test func oneWithoutTextIsDropped() async throws {
        let folder = try TemporaryFolder()
        let text = Self.notifier(folder, ["empty", "send:READY=1"], #"type = "notify""#)
        try await withDaemon(text, folder: folder) { daemon in
            try await daemon.service("web", becomes: "RUNNING")
            #expect(daemon.log.all.contains { $0.contains("was not followed: it has no text") })
        }
    }

    @Test func anEndBeforeItHasSaidSoIsAFailureWhateverItsCode() async throws {
        let folder = try TemporaryFolder()
        let text = Self.notifier(
            folder, ["exit:0"], #"type = "notify""#, #"restart = "no""#,
            "exec_stop_post = \(TOML.list(["/bin/sh", "-c", "echo $SERVICE_RESULT >>\(folder.path("ended"))"]))")
        try await withDaemon(text, folder: folder) { daemon in
            let web = try await daemon.service("web", becomes: "EXITED")
            #expect(web.last_exit.success == false, "\(web)")
            #expect(web.reason.string?.contains("before it had said that it is ready") == true, "\(web)")
            let ended = try await folder.text(of: "ended") { $0.contains("\n") }
            #expect(ended == "protocol\n")
        }
    }

    @Test func whatItSaidBeforeItEndedCounts() async throws {
        let folder = try TemporaryFolder()
        let text = Self.notifier(
            folder, ["send:READY=1;EXIT_STATUS=3;STATUS=done", "exit:3"], #"type = "notify""#, #"restart = "no""#)
        try await withDaemon(text, folder: folder) { daemon in
            let web = try await daemon.service("web", becomes: "EXITED")
            #expect(web.last_exit.code == 3)
            #expect(daemon.log.all.contains { $0.contains("web says: done") })
            #expect(daemon.log.all.contains { $0.contains("web says that it exits with 3") })
        }
    }

    @Test func aFloodHoldsNobodyUp() async throws {
        let folder = try TemporaryFolder()
        let text = Self.notifier(folder, ["send:READY=1", "flood:100000", "send:STATUS=the last"], #"type = "notify""#)
        try await withDaemon(text, folder: folder) { daemon in
            let control = try daemon.connect()
            var pings = 0
            while try await daemon.service("web").status_text.string != "the last" {
                #expect(try await control.call("supervisor.ping", within: 20).state == "RUNNING")
                pings += 1
            }
            #expect(pings > 0)
        }
    }

    /// What is sent unasked is closed, and to close it may take a while.
    @Test func aDescriptorWhoseCloseHangsHoldsNobodyUp() async throws {
        let folder = try TemporaryFolder()
        let text =
            Self.notifier(folder, ["linger", "send:READY=1;STATUS=sent"], #"type = "notify""#)
            + TOML.child("other", ["wait"])
        try await withDaemon(text, folder: folder) { daemon in
            try await daemon.service("web", becomes: "heard") { $0.status_text == "sent" }
            try await daemon.order("restart", "other", timeout: 10)
            #expect(try await daemon.terminate() == .exited(0))
        }
    }

    @Test func aSocketThatWasRemovedIsThereAtTheNextStart() async throws {
        let folder = try TemporaryFolder()
        let text = Self.notifier(folder, ["surroundings", "send:READY=1"], #"type = "notify""#)
        try await withDaemon(text, folder: folder) { daemon in
            try await daemon.service("web", becomes: "RUNNING")
            let told = try #require(folder.read("told"))
            let socket = String(try #require(told.firstMatch(of: /NOTIFY_SOCKET=(\/.+)/)?.1))
            try FileManager.default.removeItem(atPath: (socket as NSString).deletingLastPathComponent)
            try await daemon.order("restart", "web")
        }
    }

    @Test func aServiceOfAnotherUserReachesItsSocketAndNobodyElseDoes() async throws {
        guard Programs.isRoot, let nobody = getpwnam("nobody") else {
            try Test.cancel("takes root and a user 'nobody'")
        }
        let uid = nobody.pointee.pw_uid
        let folder = try TemporaryFolder()
        chmod(folder.path, 0o755)
        chmod(try folder.write("told", ""), 0o666)
        let text =
            Self.notifier(folder, ["surroundings", "send:READY=1"], #"type = "notify""#, #"user = "nobody""#)
            + TOML.child("other", ["wait"])
        try await withDaemon(text, folder: folder) { daemon in
            try await daemon.service("web", becomes: "RUNNING")
            let told = try #require(folder.read("told"))
            let socket = String(try #require(told.firstMatch(of: /NOTIFY_SOCKET=(\/.+)/)?.1))
            var status = stat()
            #expect(lstat(socket, &status) == 0)
            #expect(status.st_uid == uid && status.st_mode & 0o777 == 0o600)
        }
    }

    @Test func aStartAndAStopMayTakeLongerWhereItSaysSo() async throws {
        let folder = try TemporaryFolder()
        let text = Self.notifier(
            folder,
            ["send:EXTEND_TIMEOUT_USEC=60000000", "await:" + folder.path("go"), "send:READY=1"],
            #"type = "notify""#, #"timeout_start = "500ms""#, #"timeout_stop = "5s""#)
        try await withDaemon(text, folder: folder, untilReady: false) { daemon in
            try await daemon.serves()
            let pid = try await daemon.service("web", becomes: "beyond its timeout_start") {
                guard let since = $0.since.string.flatMap(Self.time) else { return false }
                return $0.state == "STARTING" && Date.now.timeIntervalSince(since) > 1
            }.requirePID()
            try folder.write("go", "")
            let running = try await daemon.service("web", becomes: "RUNNING")
            #expect(running.pid.int == pid)
        }
    }

    @Test func anExtensionHasItsLimit() async throws {
        let folder = try TemporaryFolder()
        let text = Self.notifier(
            folder, ["send:EXTEND_TIMEOUT_USEC=60000000"], #"type = "notify""#, #"timeout_start = "100ms""#,
            #"timeout_extend_max = "200ms""#, #"restart = "no""#)
        try await withDaemon(text, folder: folder) { daemon in
            let web = try await daemon.service("web", becomes: "EXITED")
            #expect(web.last_exit.forced == "start-timeout", "\(web)")
        }
    }

    static func time(_ text: String) -> Date? {
        try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
