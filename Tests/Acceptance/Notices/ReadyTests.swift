import Foundation
import Testing

/// `ready` without a probe: what a service says, writes or lets pass.
@Suite(.daemons)
struct ReadyTests {
    private func becomesReady(
        _ ready: String, _ script: String, beforeIt what: String, _ settings: String = ""
    ) async throws {
        let folder = try TemporaryFolder()
        let go = folder.path("go")
        let text = TOML.service(
            "web", ["/bin/sh", "-c", script.replacing("GO", with: "while [ ! -e \(go) ]; do sleep 0.02; done")],
            "ready = \(ready)", settings)
        try await withDaemon(text, folder: folder, untilReady: false) { daemon in
            try await daemon.serves()
            let web = try await daemon.service("web", becomes: "on its way") {
                $0.reason.string?.contains(what) == true
            }
            #expect(web.state == "STARTING" && web.ready == false, "\(web)")
            try folder.write("go", "")
            let running = try await daemon.service("web", becomes: "RUNNING")
            #expect(running.ready == true)
        }
    }

    @Test func aNewlineOnADescriptor() async throws {
        try await becomesReady(
            #"{ type = "fd", fd = 5 }"#, "GO; printf x >&5; echo >&5; exec 5>&-; exec sleep 1000",
            beforeIt: "has written no newline to its descriptor")
    }

    @Test func betweenTheLastSocketAndTheDescriptorThereIsNone() async throws {
        let folder = try TemporaryFolder()
        try await becomesReady(
            #"{ type = "fd", fd = 7 }"#,
            "GO; for fd in 4 5 6; do [ ! -e /proc/self/fd/$$fd ] || exit 3; done; echo >&7; exec sleep 1000",
            beforeIt: "has written no newline", "sockets = { listen = \(TOML.quoted(folder.path("socket"))) }")
    }

    @Test func theDescriptorComesAfterSockets() async throws {
        let folder = try TemporaryFolder()
        try await becomesReady(
            #"{ type = "fd", fd = 4 }"#, #"GO; [ "$$LISTEN_FDS" = 1 ] || exit 3; echo >&4; exec sleep 1000"#,
            beforeIt: "has written no newline", "sockets = { listen = \(TOML.quoted(folder.path("socket"))) }")
    }

    @Test(arguments: ["listening", "*listening on [0-9]*"])
    func aLineThatFits(pattern: String) async throws {
        try await becomesReady(
            "{ type = \"log\", pattern = \(TOML.quoted(pattern)) }",
            "echo loading; GO; echo server listening on 80 >&2; exec sleep 1000",
            beforeIt: "has written no line that says")
    }

    @Test func itsOwnWordAlsoOfAnExecService() async throws {
        let folder = try TemporaryFolder()
        let text = NotifyTests.notifier(
            folder, ["await:" + folder.path("go"), "send:READY=1"], #"ready = { type = "notify" }"#)
        try await withDaemon(text, folder: folder, untilReady: false) { daemon in
            try await daemon.serves()
            try await daemon.service("web", becomes: "on its way") {
                $0.state == "STARTING" && $0.reason.string?.contains("has not said that it is ready") == true
            }
            try folder.write("go", "")
            try await daemon.service("web", becomes: "RUNNING")
        }
    }

    @Test func aDelay() async throws {
        let text = TOML.service("web", ["/bin/sleep", "1000"], #"ready = { type = "delay", time = "1s" }"#)
        try await withDaemon(text, untilReady: false) { daemon in
            try await daemon.serves()
            let starting = try await daemon.service("web", becomes: "up or on its way") { $0.pid.int != nil }
            let running = try await daemon.service("web", becomes: "RUNNING")
            let since = try #require(running.since.string.flatMap(NotifyTests.time))
            if starting.state == "STARTING" {
                let began = try #require(starting.since.string.flatMap(NotifyTests.time))
                #expect(since.timeIntervalSince(began) >= 1)
                #expect(starting.reason.string?.contains("its delay is not over") == true, "\(starting)")
            }
        }
    }

    /// A start that waits for what never comes goes on by what it is to wait for now.
    @Test(arguments: [
        (#"{ type = "delay", time = "50ms" }"#), (#"{ type = "log", pattern = "now" }"#), (#"{ type = "notify" }"#),
    ])
    func anotherConditionCountsAtOnce(ready: String) async throws {
        let folder = try TemporaryFolder()
        func text(_ ready: String) -> String {
            TOML.service(
                "web",
                [
                    "/bin/sh", "-c",
                    "while [ ! -e \(folder.path("go")) ]; do sleep 0.02; done; while :; do echo now; sleep 0.1; done",
                ],
                "ready = \(ready)", #"notify_access = "all""#)
        }
        try await withDaemon(text(#"{ type = "delay", time = "1h" }"#), folder: folder, untilReady: false) { daemon in
            try await daemon.serves()
            let pid = try await daemon.service("web", becomes: "begun") { $0.pid.int != nil }.requirePID()
            try daemon.edit(text(ready))
            #expect(try await daemon.supctl("apply", "--no-wait").code == 0)
            try folder.write("go", "")
            // It says nothing of itself, and what waits for that goes on waiting.
            if ready.contains("notify") {
                try await daemon.service("web", becomes: "asked for its word") {
                    $0.reason.string?.contains("has not said that it is ready") == true
                }
                return
            }
            let running = try await daemon.service("web", becomes: "RUNNING")
            #expect(running.pid.int == pid)
        }
    }

    @Test func allOfSeveral() async throws {
        let folder = try TemporaryFolder()
        let text = NotifyTests.notifier(
            folder,
            ["await:" + folder.path("one"), "send:READY=1;STATUS=said", "await:" + folder.path("two"), "surroundings"],
            #"type = "notify""#, #"log = { sink = "stderr" }"#,
            "ready = { all = [{ type = \"exec\", command = \"/usr/bin/test -e \(folder.path("two"))\", period = \"50ms\" }, { type = \"notify\" }] }"
        )
        try await withDaemon(text, folder: folder, untilReady: false) { daemon in
            try await daemon.serves()
            try folder.write("one", "")
            let web = try await daemon.service("web", becomes: "said") { $0.status_text == "said" }
            #expect(web.state == "STARTING")
            try folder.write("two", "")
            try await daemon.service("web", becomes: "RUNNING")
        }
    }
}
