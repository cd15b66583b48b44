import Glibc
import Testing

@Suite(.daemons)
struct SpawnFailureTests {
    private let muchLater = #"backoff = { policy = "constant", delay = "1h", jitter = "none" }"#

    /// What cannot be run, and what status must call it.
    enum Obstacle: CaseIterable {
        case missing, notExecutable, notAProgram, missingFolder

        var error: String {
            switch self {
            case .missing, .missingFolder: "ENOENT"
            case .notExecutable: "EACCES"
            case .notAProgram: "ENOEXEC"
            }
        }

        var stage: String { self == .missingFolder ? "working_directory" : "exec" }
    }

    /// Root that had something taken away, as in a container, is told what it lacks: at the start, and by `supd check`.
    @Test(arguments: [
        ("setuid", #"user = "nobody""#, "user", "CAP_SETUID"), ("setgid", #"user = "nobody""#, "groups", "CAP_SETGID"),
        ("setgid", #"group = "nogroup""#, "groups", "CAP_SETGID"), ("sys_nice", "nice = -5", "nice", "CAP_SYS_NICE"),
        ("sys_resource", "oom_score_adjust = -900", "oom_score_adjust", "CAP_SYS_RESOURCE"),
        (
            "net_bind_service", #"sockets = [{ name = "low", listen = "127.0.0.1:81" }]"#, "socket",
            "CAP_NET_BIND_SERVICE"
        ),
    ])
    func whatRootLacksIsNamed(taken: String, setting: String, stage: String, capability: String) async throws {
        guard Programs.isRoot, let setpriv = Programs.find("setpriv") else { try Test.cancel("this takes root") }
        let launcher = [setpriv, "--bounding-set=-\(taken)", "--inh-caps=-all"]
        guard try await run(setpriv, Array(launcher.dropFirst()) + ["/bin/true"]).code == 0 else {
            try Test.cancel("capabilities cannot be taken away here")
        }
        let configuration = TOML.child("web", ["wait"], setting, #"restart = "no""#)
        try await withDaemon(configuration, launcher: launcher) { daemon in
            let web = try await daemon.service("web", becomes: "FATAL")
            #expect(web.last_exit.stage.string == stage, "\(web.text)")
            #expect(web.reason.string?.contains("takes \(capability), which this supd has not") == true, "\(web.text)")
            let check = try await run(
                launcher[0], Array(launcher.dropFirst()) + [Programs.supd, "check", daemon.configuration])
            let warning = "or let supd have \(capability), which root lacks here"
            #expect(check.output.contains(warning) || check.error.contains(warning), "\(check)")
        }
    }

    @Test(arguments: Obstacle.allCases)
    func aProgramThatCannotBeRunHasErrorAndStage(obstacle: Obstacle) async throws {
        let folder = try TemporaryFolder()
        let program = folder.path("program")
        var settings = [muchLater]
        switch obstacle {
        case .missing: break
        case .notExecutable: try folder.write("program", "#!/bin/sh\n")
        case .notAProgram:
            try await folder.writeProgram("program", "neither a script nor a program\n")
        case .missingFolder:
            settings.append("working_directory = \"/nonexistent\"")
        }
        let command = obstacle == .missingFolder ? [Programs.testchild, "wait"] : [program]
        let configuration =
            TOML.service("web", command, settings.joined(separator: "\n")) + TOML.child("keep", ["wait"])
        try await withDaemon(configuration, folder: folder) { daemon in
            let web = try await daemon.service("web", becomes: "given up or waiting") {
                $0.state == "BACKOFF" || $0.state == "FATAL"
            }
            #expect(web.last_exit.errno.string == obstacle.error, "\(web.text)")
            #expect(web.last_exit.stage.string == obstacle.stage, "\(web.text)")
            #expect(web.last_exit.code.isNull)
            #expect(web.pid.isNull)
            // The others are no worse off.
            #expect(try await daemon.service("keep").state == "RUNNING")
            let shown = try await daemon.supctl("status", "web")
            #expect(shown.output.contains(obstacle.error), "\(shown.output)")
        }
    }

    @Test(arguments: [
        ("#!/bin/nosuch\n", "its interpreter '/bin/nosuch' (line 1) is not there"),
        ("#!/bin/sh\r\nexit 0\r\n", "line 1 ends in a carriage return"),
        ("#!/etc\n", "its interpreter '/etc' (line 1) may not be run"),
        ("exit 0\n", "its first line does not begin with #!"),
        ("\u{FEFF}#!/bin/sh\n", "a byte order mark stands before its #!"),
        ("\u{7F}ELF", "it is damaged, or only the beginning of a program"),
    ])
    func aScriptThatCannotBeRunSaysWhatItsFirstLineLacks(text: String, hint: String) async throws {
        let folder = try TemporaryFolder()
        let script = try await folder.writeProgram("script", text)
        let configuration = TOML.service("web", [script], #"restart = "no""#) + TOML.child("keep", ["wait"])
        try await withDaemon(configuration, folder: folder) { daemon in
            let web = try await daemon.service("web", becomes: "FATAL")
            #expect(
                web.reason.string?.contains(hint) == true && web.reason.string?.contains(script) == true, "\(web.text)")
        }
    }

    /// What a start would say is said before, with its place.
    @Test func aCheckLooksIntoEnvironmentFiles() async throws {
        let folder = try TemporaryFolder()
        let odd = try folder.write("odd", "A=1\nexport B=2\n")
        let fifo = folder.path("fifo")
        mkfifo(fifo, 0o644)
        let files = TOML.list(["-\(odd)", folder.path("none"), "-\(folder.path("maybe"))", fifo])
        let path = try folder.write("supd.toml", TOML.child("web", ["wait"], "environment_files = \(files)"))
        let check = try await run(Programs.supd, ["check", path])
        #expect(check.code == 0, "\(check)")
        let lines = (check.output + check.error).split(separator: "\n").filter { $0.contains(": warning: ") }
        #expect(lines.count == 3, "\(check)")
        #expect(lines.contains { $0.hasPrefix("\(odd):2:1: warning: the line is ignored: before '='") }, "\(check)")
        let place = lines.filter { $0.hasPrefix("\(path):") && $0.contains(", so 'web' cannot be started: ") }
        #expect(place.contains { $0.contains("there is no environment file \(folder.path("none"))") }, "\(check)")
        #expect(
            place.contains {
                $0.contains("\(fifo) cannot be read") && $0.hasSuffix("it is a FIFO, and only a regular file is read")
            })
    }

    /// What is no regular file is not read: a FIFO would be waited for.
    @Test(arguments: ["FIFO", "folder", "device"])
    func anEnvironmentFileIsARegularFile(kind: String) async throws {
        let folder = try TemporaryFolder()
        let path = kind == "device" ? "/dev/zero" : folder.path("file")
        if kind == "FIFO" { mkfifo(path, 0o644) } else if kind == "folder" { mkdir(path, 0o755) }
        let web = TOML.child("web", ["wait"], #"restart = "no""#, "environment_files = [\(TOML.quoted(path))]")
        try await withDaemon(web + TOML.child("keep", ["wait"]), folder: folder) { daemon in
            let web = try await daemon.service("web", becomes: "FATAL")
            let said = "environment of file \(path): it is a \(kind), and only a regular file is read"
            #expect(web.reason.string?.contains(said) == true, "\(web.text)")
        }
    }

    /// As with systemd; what is in the line may be a secret.
    @Test func anOddLineOfAnEnvironmentFileIsIgnoredAndTold() async throws {
        let folder = try TemporaryFolder()
        try folder.write("env", "A=1\nexport E=secret\n1BAD=secret\n")
        let web = TOML.child("web", ["wait"], "environment_files = \(TOML.quoted(folder.path("env")))")
        try await withDaemon(web, folder: folder) { daemon in
            _ = try await daemon.service("web", becomes: "RUNNING")
            let told = "web: environment file \(folder.path("env")):2: the line is ignored, and 1 more like it"
            #expect(try await daemon.log.first(by: .usual) { $0.contains(told) } != nil)
            #expect(!daemon.log.all.contains { $0.contains("secret") })
        }
    }

    @Test func aMissingProgramWithoutRestartsIsFatal() async throws {
        let configuration =
            TOML.service("web", ["/nonexistent/program"], #"restart = "no""#) + TOML.child("keep", ["wait"])
        try await withDaemon(configuration) { daemon in
            let web = try await daemon.service("web", becomes: "FATAL")
            #expect(web.last_exit.errno == "ENOENT")
        }
    }
}
