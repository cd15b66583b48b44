import Foundation
import Glibc
import Testing

@Suite(.daemons)
struct ChildStateTests {
    /// What the child's verb `report` said of itself, by `key=value`.
    private struct Report {
        let values: [String: String]

        init(_ text: String) {
            let pairs = text.split(separator: "\n").map { line in
                let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
            }
            values = Dictionary(pairs) { first, _ in first }
        }

        subscript(key: String) -> String? { values[key] }

        func names(_ prefix: String) -> [String] {
            values.keys.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }.sorted()
        }

        func variable(_ name: String) -> String? { values["env.\(name)"] }
    }

    /// Runs the child once and hands on what it reported, by way of its log.
    private func report(
        _ settings: [String] = [], arguments: [String] = [], launcher: [String] = [],
        environment: [String: String] = [:], _ body: (Report, Daemon) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let log = "log = { sink = \"file\", file = \(TOML.quoted(folder.path("report"))) }"
        let configuration =
            TOML.child(
                "web", ["report"] + arguments, (settings + [log]).joined(separator: "\n"), #"restart = "no""#)
            + TOML.child("keep", ["wait"])
        try await withDaemon(configuration, folder: folder, launcher: launcher, environment: environment) { daemon in
            try await daemon.service("web", becomes: "EXITED")
            // The environment comes last, and the mark that the daemon puts into it always is there.
            let text = try await folder.text(of: "report") { $0.contains("env.SUPD_INVOCATION=") }
            try await body(Report(text), daemon)
        }
    }

    @Test func aChildGetsExactlyThreeDescriptors() async throws {
        try await report { child, _ in
            #expect(child.names("fd.") == ["0", "1", "2"])
            #expect(child["fd.0"] == "/dev/null")
            #expect(child["fd.1"]?.hasPrefix("pipe:") == true)
            #expect(child["fd.2"] == child["fd.1"])
        }
    }

    @Test func nothingThatTheDaemonWasHandedReachesAChild() async throws {
        let launcher = [Programs.testchild, "soil"]
        let environment = [
            "SECRET": "1", "LISTEN_FDS": "1", "LISTEN_PID": "1", "WATCHDOG_USEC": "1000000", "JOURNAL_STREAM": "1:2",
            "INVOCATION_ID": "3", "KEPT": "kept", "LANG": "C.UTF-8", "WATCHDOG_PID": "1", "LISTEN_FDNAMES": "x",
            "FDSTORE": "1", "MAINPID": "1", "MANAGERPID": "1", "SYSTEMD_EXEC_PID": "1",
        ]
        try await report([#"pass_environment = ["KEPT"]"#], launcher: launcher, environment: environment) {
            child, _ in
            #expect(child.names("fd.") == ["0", "1", "2"])
            #expect(child["SigBlk"] == "0000000000000000")
            #expect(child["SigIgn"] == "0000000000000000")
            #expect(child["umask"] == "0022")
            #expect(child["limit.nofile"] == "333:4444")
            #expect(child.variable("KEPT") == "kept")
            for name in environment.keys where !["KEPT", "LANG", "INVOCATION_ID"].contains(name) {
                #expect(child.variable(name) == nil, "\(name)")
            }
            // Its own, not the daemon's.
            #expect(child.variable("INVOCATION_ID")?.wholeMatch(of: /[0-9a-f]{32}/) != nil)
            #expect(child.variable("NOTIFY_SOCKET") == nil)
            #expect(Set(child.names("env.")).subtracting(Self.standardVariables + ["KEPT"]) == [])
        }
    }

    /// What systemd gives a service too, and the mark that a process tree is known by.
    private static let standardVariables = [
        "PATH", "LANG", "HOME", "USER", "LOGNAME", "SHELL", "SUPD_INVOCATION", "SUPD_SERVICE", "SUPD_INSTANCE",
        "SUPD_ATTEMPT", "INVOCATION_ID",
    ]

    @Test func aChildLeadsItsOwnSession() async throws {
        try await report { child, daemon in
            #expect(child["session"] == child["pid"])
            #expect(child["group"] == child["pid"])
            #expect(child["cwd"] == "/")
            #expect(child["ppid"] == "\(daemon.process.pid)")
            #expect(child["no_new_privs"] == "0")
        }
    }

    @Test func settingsOfTheProcessAreObeyed() async throws {
        let settings = [
            #"umask = "0077""#, "nice = 5", #"working_directory = "/usr""#, "no_new_privileges = true",
            #"limits = { nofile = "200:300" }"#, #"environment = { GREETING = "good day", OTHER = "x=y" }"#,
        ]
        try await report(settings) { child, _ in
            #expect(child["umask"] == "0077")
            #expect(child["nice"] == "5")
            #expect(child["cwd"] == "/usr")
            #expect(child["no_new_privs"] == "1")
            #expect(child["limit.nofile"] == "200:300")
            #expect(child.variable("GREETING") == "good day")
            #expect(child.variable("OTHER") == "x=y")
        }
    }

    @Test func argumentsArePassedAsTheyAreWritten() async throws {
        let arguments = ["a b", "%n", "%%", "$GREETING", "${GREETING}!", "*", "\"quoted\"", "ünïcode"]
        try await report([#"environment = { GREETING = "good day" }"#], arguments: arguments) { child, _ in
            // A variable that is a word of its own becomes as many words as it has (systemd.service(5)).
            let expected = ["a b", "web", "%", "good", "day", "good day!", "*", "\"quoted\"", "ünïcode"]
            #expect(expected.indices.map { child["argument.\($0)"] } == expected)
        }
    }

    @Test func environmentFilesAreRead() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("web.env", "# a comment\nFROM_FILE=yes\nQUOTED=\"two words\"\n")
        try await report(["environment_files = [\"\(file)\", \"-/nonexistent/optional\"]"]) { child, _ in
            #expect(child.variable("FROM_FILE") == "yes")
            #expect(child.variable("QUOTED") == "two words")
        }
    }

    @Test func aPatternPassesTheDaemonsEnvironmentOn() async throws {
        let environment = [
            "LC_TIME": "C", "LC_ALL": "C", "LISTEN_ADDRESS": "own", "LISTEN_FDS": "0", "WATCHDOG_USEC": "1000000",
            "INVOCATION_ID": "3", "SUPD_OTHER": "x",
        ]
        try await report([#"pass_environment = ["*"]"#], environment: environment) { child, _ in
            #expect(child.variable("LISTEN_ADDRESS") == "own" && child.variable("LC_TIME") == "C")
            for name in ["NOTIFY_SOCKET", "LISTEN_FDS", "WATCHDOG_USEC", "SUPD_OTHER"] {
                #expect(child.variable(name) == nil, "\(name)")
            }
            #expect(child.variable("INVOCATION_ID") != "3")
        }
        try await report([#"pass_environment = ["LC_*"]"#], environment: environment) { child, _ in
            #expect(child.variable("LC_TIME") == "C" && child.variable("LC_ALL") == "C")
            #expect(child.variable("LISTEN_ADDRESS") == nil)
        }
    }

    @Test(.enabled(if: Programs.isRoot, "only root can run a service as somebody else"))
    func aServiceOfAnotherUserMayOpenItsOutput() async throws {
        let folder = try TemporaryFolder()
        let log = "log = { sink = \"file\", stderr = \"separate\", file = \(TOML.quoted(folder.path("log"))) }"
        let web = TOML.child("web", ["reopen-outputs"], #"user = "nobody""#, #"restart = "no""#, log)
        try await withDaemon(web + TOML.child("keep", ["wait"]), folder: folder) { daemon in
            let ended = try await daemon.service("web", becomes: "EXITED")
            #expect(ended.last_exit.code == 0, "\(ended.text)")
            let text = try await folder.text(of: "log") { $0.contains("err") && $0.contains("out") }
            #expect(Set(text.split(separator: "\n")) == ["out", "err: err"])
        }
    }

    @Test(.enabled(if: Programs.isRoot, "only root can run a service as somebody else"))
    func aServiceRunsAsItsUser() async throws {
        try await report([#"user = "nobody""#]) { child, _ in
            #expect(child["uid"] == "65534,65534,65534")
            #expect(child["gid"] == "65534,65534,65534")
            #expect(child["groups"] == "65534")
            #expect(child.variable("USER") == "nobody")
        }
    }
}
