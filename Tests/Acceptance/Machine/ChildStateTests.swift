import Foundation
import Glibc
import Testing

@Suite(.daemons)
struct ChildStateTests {
    /// What the child's verb `describe` wrote: values by name.
    private struct Description {
        let values: [String: String]

        init(_ text: String) {
            let pairs = text.split(separator: "\n").map { line in
                let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
                return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
            }
            values = Dictionary(pairs) { first, _ in first }
        }

        subscript(name: String) -> String? { values[name] }

        func names(_ prefix: String) -> [String] {
            values.keys.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }.sorted()
        }

        /// The names of environment variables, which hold the value after a `=` of their own.
        var variables: [String: String] {
            let pairs = values.filter { $0.key.hasPrefix("variable.") }.map { key, value in
                let whole = key.dropFirst("variable.".count) + (value.isEmpty ? "" : " " + value)
                let parts = whole.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
            }
            return Dictionary(uniqueKeysWithValues: pairs)
        }
    }

    private func describe(
        _ settings: [String] = [], arguments: [String] = [], launcher: [String] = [],
        environment: [String: String] = [:], _ body: (Description, Daemon) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let configuration = TOML.child(
            "web", ["describe", folder.path("report")] + arguments, settings.joined(separator: "\n"))
        try #require(chmod(folder.path, 0o777) == 0)
        try await withDaemon(configuration, folder: folder, launcher: launcher, environment: environment) { daemon in
            let text = try await folder.text(of: "report")
            try await body(Description(text), daemon)
        }
    }

    @Test func aChildGetsExactlyThreeDescriptors() async throws {
        try await describe { child, _ in
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
            "INVOCATION_ID": "3", "KEPT": "kept", "LANG": "C.UTF-8",
        ]
        try await describe([#"pass_environment = ["KEPT"]"#], launcher: launcher, environment: environment) {
            child, _ in
            #expect(child.names("fd.") == ["0", "1", "2"])
            #expect(child["SigBlk"] == "0000000000000000")
            #expect(child["SigIgn"] == "0000000000000000")
            #expect(child["SigCgt"] == "0000000000000000")
            #expect(child["umask"] == "0022")
            #expect(child["nofile"] == "333:4444")
            let variables = child.variables
            #expect(variables["KEPT"] == "kept")
            for name in environment.keys where name != "KEPT" && name != "LANG" {
                #expect(variables[name] == nil, "\(name)")
            }
            #expect(variables["NOTIFY_SOCKET"] == nil)
            #expect(Set(variables.keys).subtracting(Self.standardVariables + ["KEPT"]) == [])
        }
    }

    /// What systemd gives a service too, and the mark that a process tree is known by.
    private static let standardVariables = [
        "PATH", "LANG", "HOME", "USER", "LOGNAME", "SHELL", "SUPD_INVOCATION", "SUPD_SERVICE", "SUPD_INSTANCE",
        "SUPD_ATTEMPT",
    ]

    @Test func aChildLeadsItsOwnSession() async throws {
        try await describe { child, daemon in
            #expect(child["session"] == child["pid"])
            #expect(child["group"] == child["pid"])
            #expect(child["folder"] == "/")
            #expect(child["parent"] == "\(daemon.process.pid)")
            #expect(child["NoNewPrivs"] == "0")
            let pid = try await daemon.service("web").requirePID()
            #expect(child["pid"] == "\(pid)")
        }
    }

    @Test func settingsOfTheProcessAreObeyed() async throws {
        let settings = [
            #"umask = "0077""#, "nice = 5", #"working_directory = "/usr""#, "no_new_privileges = true",
            #"limits = { nofile = "200:300" }"#, #"environment = { GREETING = "good day", OTHER = "x=y" }"#,
        ]
        try await describe(settings) { child, _ in
            #expect(child["umask"] == "0077")
            #expect(child["nice"] == "5")
            #expect(child["folder"] == "/usr")
            #expect(child["NoNewPrivs"] == "1")
            #expect(child["nofile"] == "200:300")
            #expect(child.variables["GREETING"] == "good day")
            #expect(child.variables["OTHER"] == "x=y")
        }
    }

    @Test func argumentsArePassedAsTheyAreWritten() async throws {
        let arguments = ["a b", "%n", "%%", "$GREETING", "${GREETING}!", "*", "\"quoted\"", "ünïcode"]
        try await describe([#"environment = { GREETING = "good day" }"#], arguments: arguments) { child, _ in
            let expected = ["a b", "web", "%", "good day", "good day!", "*", "\"quoted\"", "ünïcode"]
            #expect(expected.indices.map { child["argument.\($0)"] } == expected)
        }
    }

    @Test func environmentFilesAreRead() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("web.env", "# a comment\nFROM_FILE=yes\nQUOTED=\"two words\"\n")
        try await describe(["environment_files = [\"\(file)\", \"-/nonexistent/optional\"]"]) { child, _ in
            #expect(child.variables["FROM_FILE"] == "yes")
            #expect(child.variables["QUOTED"] == "two words")
        }
    }

    @Test(.enabled(if: Programs.isRoot, "only root can run a service as somebody else"))
    func aServiceRunsAsItsUser() async throws {
        try await describe([#"user = "nobody""#]) { child, _ in
            #expect(child["uid"] == "65534")
            #expect(child["gid"] == "65534")
            #expect(child["Groups"] == "65534" || child["Groups"] == "")
            #expect(child.variables["USER"] == "nobody")
        }
    }
}
