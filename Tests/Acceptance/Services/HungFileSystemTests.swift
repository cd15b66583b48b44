import Foundation
import Glibc
import Testing

/// Services whose files lie on a file system that does not answer: nobody else is held up, and they have their time as any other.
@Suite(.daemons, .enabled(if: Programs.isRoot && access("/dev/fuse", R_OK | W_OK) == 0, "needs root and FUSE"))
struct HungFileSystemTests {
    /// What of a service lies there. By fork, a child has memory of its own (`oom_score_adjust`).
    enum Place: String, CaseIterable {
        case program, folder, environment, programByFork, socket

        func service(in mount: String) -> String {
            switch self {
            case .program: TOML.service("web", [mount + "/h"], "enabled = false")
            case .programByFork: TOML.service("web", [mount + "/h"], "enabled = false", "oom_score_adjust = 100")
            case .folder:
                TOML.child("web", ["wait"], "enabled = false", "working_directory = \(TOML.quoted(mount + "/h"))")
            case .environment:
                TOML.child("web", ["wait"], "enabled = false", "environment_files = [\(TOML.quoted(mount + "/f"))]")
            case .socket:
                TOML.child("web", ["wait"], "enabled = false", "sockets = [{ listen = \(TOML.quoted(mount + "/h")) }]")
            }
        }

        /// Whether the kernel holds a child of the service's.
        var hasChild: Bool { self != .environment && self != .socket }

        var step: String {
            switch self {
            case .program, .programByFork: "exec of "
            case .folder: "working_directory of "
            case .environment: "environment of file "
            case .socket: "socket of "
            }
        }
    }

    /// Beside the daemon, and with a standard error that hangs as well once something is written there.
    @Test func aStandardErrorThatHangsHoldsUpNobody() async throws {
        let folder = try TemporaryFolder()
        let mount = folder.path("mount")
        mkdir(mount, 0o755)
        let configuration =
            "[supervisor.drain]\ntimeout = \"4s\"\nquiesce = \"1s\"\njobs = \"1s\"\nservices = \"1s\"\nflush = \"1s\"\n"
            + TOML.child("web", ["wait"])
            + TOML.service("loud", ["/bin/sh", "-c", "while :; do echo loud; done"], #"log = { sink = "stderr" }"#)
        let launcher = [
            "/usr/bin/unshare", "--mount", "--propagation", "private", Programs.testchild, "on-hung-files", mount,
            "/bin/sh", "-c", "exec \"$@\" 2>> '\(mount)/file'", "sh",
        ]
        try await withDaemon(configuration, folder: folder, launcher: launcher) { daemon in
            for _ in 0..<3 {
                _ = try await daemon.connect().call("service.restart", ["services": ["web"], "wait": true])
            }
            #expect(try await daemon.service("loud").state == "RUNNING")
            let ending = try await daemon.terminate(within: 30)
            #expect(ending == .exited(0))
        }
    }

    /// A daemon whose control socket is on a disk that is frozen once it is ready, after `preparing` the place. Thawed again after 20
    /// seconds, whatever becomes of the daemon.
    private static func frozen(preparing: String) -> String {
        """
        set -e
        truncate -s 16M image
        mkfs.ext4 -qF image
        mkdir mount
        mount -o loop image mount
        trap 'fsfreeze -u mount 2>/dev/null || true; umount -l mount' EXIT
        \(preparing)
        "$1" --config supd.toml --socket "$PWD/mount/run/control.sock" 2>log &
        supd=$!
        until grep -q ' ready: ' log; do kill -0 $supd; sleep 0.05; done
        fsfreeze -f mount
        setsid sh -c 'sleep 20; fsfreeze -u mount' >/dev/null 2>&1 &
        guard=$!

        """
    }

    private static let frozenEnd =
        frozen(preparing: "mkdir -m 700 mount/run") + """
            before=$(date +%s%N)
            kill -TERM $supd
            wait $supd && code=0 || code=$?
            echo "ended with $code after $((($(date +%s%N) - before) / 1000000)) ms"
            base=$(sed -n 's|.*control group below \\(/[^ ]*/supd-[0-9a-f]*\\).*|\\1|p' log)
            if [ -n "$base" ] && [ -d "$base" ]; then echo "left $base: $(ls "$base")"; rmdir "$base"/*/ "$base"; fi
            kill -TERM -$guard
            """

    /// Its socket is removed from there, its report written there, and the lock beside them says that nothing is left.
    @Test(.enabled(if: Programs.canFreeze, "needs root, loop devices, mkfs.ext4 and fsfreeze"))
    func aFrozenFolderOfTheControlSocketDoesNotHoldUpTheEnd() async throws {
        let folder = try TemporaryFolder()
        try folder.write("supd.toml", "[supervisor.drain]\ntimeout = \"10s\"\n" + TOML.child("web", ["wait"]))
        let done = try await run(
            "/usr/bin/unshare",
            ["--mount", "--propagation", "private", "/bin/sh", "-c", Self.frozenEnd, "sh", Programs.supd],
            environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"], folder: folder.path)
        let told = try #require(done.output.firstMatch(of: /ended with (\d+) after (\d+) ms/), "\(done)")
        let milliseconds = try #require(Int(told.2))
        #expect(told.1 == "0" && milliseconds < 10_000, "\(done.output)")
        #expect(!done.output.contains("left "), "\(done.output)")
        let log = folder.read("log") ?? ""
        #expect(log.contains("last-shutdown.json after 1s, and may never be"), "\(log)")
        #expect(log.contains("Shut down after"), "\(log)")
    }

    /// As above; beside it the system has a place in memory, as most have at /run.
    private static let frozenStart =
        frozen(preparing: "mount -t tmpfs none /run; mkdir -m 755 mount/run") + """
            "$2" --socket "$PWD/mount/run/control.sock" start --timeout 10 web
            kill -TERM -$guard
            fsfreeze -u mount
            kill -TERM $supd
            wait $supd
            """

    /// A service that says itself how it is has its socket where no disk is waited for.
    @Test(.enabled(if: Programs.canFreeze, "needs root, loop devices, mkfs.ext4 and fsfreeze"))
    func aFrozenFolderOfTheControlSocketDoesNotHoldUpAStart() async throws {
        let folder = try TemporaryFolder()
        let text = NotifyTests.notifier(folder, ["send:READY=1"], #"type = "notify""#, "enabled = false")
        // Once anything runs, the note of where it runs is written.
        try folder.write("supd.toml", text + TOML.child("keep", ["wait"]))
        let done = try await run(
            "/usr/bin/unshare",
            [
                "--mount", "--propagation", "private", "/bin/sh", "-c", Self.frozenStart, "sh", Programs.supd,
                Programs.supctl,
            ],
            environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"], folder: folder.path)
        #expect(done.code == 0 && done.output.contains("RUNNING"), "\(done)\n\(folder.read("log") ?? "")")
    }

    private func withHungFiles(
        in given: TemporaryFolder? = nil,
        drain: String = "timeout = \"4s\"\nquiesce = \"1s\"\njobs = \"1s\"\nservices = \"1s\"\nflush = \"1s\"\n",
        _ services: (String) -> String, untilReady: Bool = true, _ body: (Daemon, TemporaryFolder) async throws -> Void
    ) async throws {
        let folder = try given ?? TemporaryFolder()
        let mount = folder.path("mount")
        mkdir(mount, 0o755)
        let configuration =
            "[supervisor.drain]\n" + drain + services(mount) + TOML.child("keep", ["wait"])
        try await withDaemon(
            configuration, folder: folder, arguments: ["--log-level", "debug"],
            launcher: [Programs.testchild, "beside-hung-files", mount], untilReady: untilReady
        ) { daemon in
            try await body(daemon, folder)
        }
    }

    private func says(_ daemon: Daemon, _ text: String) async throws {
        #expect(try await daemon.log.first(by: .usual) { $0.contains(text) } != nil, "\(text)")
    }

    private func start(_ daemon: Daemon) async throws {
        _ = try await daemon.connect().call("service.start", ["services": ["web"]])
        let web = try await daemon.service("web", becomes: "STARTING")
        #expect(web.reason.string?.contains("has not come back") == true, "\(web.text)")
    }

    @Test(arguments: Place.allCases)
    func whatHangsHoldsUpNobodyAndIsAbandonedByName(place: Place) async throws {
        try await withHungFiles(place.service) { daemon, _ in
            try await start(daemon)
            try await daemon.service("web", becomes: "held up by \(place.step)") {
                $0.reason.string?.contains(place.step) == true
            }
            #expect(try await daemon.service("keep").state == "RUNNING")
            try await says(daemon, "does not come back")
            _ = try await daemon.connect().call("service.restart", ["services": ["keep"], "wait": true])
            daemon.leavesGroups()
            let ending = try await daemon.terminate(within: 30)
            // What hangs in the kernel is a process that could not be ended; what is only read is nobody.
            #expect(ending == .exited(place.hasChild ? 76 : 0))
            guard place.hasChild else { return }
            let abandoned = try daemon.report().text
            #expect(abandoned.contains("web") && abandoned.contains("does not come back"), "\(abandoned)")
        }
    }

    @Test func aStartThatHangsEndsWithItsOwnTime() async throws {
        let settings = #"restart = "no""# + "\n" + #"timeout_start = "1s""# + "\n" + #"timeout_stop = "1s""#
        try await withHungFiles({ Place.folder.service(in: $0) + settings + "\n" }) { daemon, folder in
            _ = try await daemon.connect().call("service.start", ["services": ["web"]])
            let overran = try await daemon.service("web", becomes: "STOPPING")
            #expect(overran.reason.string?.contains("overran timeout_start") == true, "\(overran.text)")
            // The kernel holds its child, and nothing is started beside it.
            _ = try await daemon.connect().call("service.start", ["services": ["web"]])
            #expect(try await daemon.service("web").state == "STOPPING")
            _ = try await daemon.connect().call("service.stop", ["services": ["web"]])
            try folder.write("mount.released", "")
            let stopped = try await daemon.service("web", becomes: "STOPPED")
            #expect(stopped.last_exit.stage == "working_directory", "\(stopped.text)")
            #expect(try await daemon.service("keep").state == "RUNNING")
        }
    }

    @Test(arguments: [Place.folder, .environment])
    func whatComesBackLateRuns(place: Place) async throws {
        try await withHungFiles(place.service) { daemon, folder in
            try await start(daemon)
            try await says(daemon, "does not come back")
            try folder.write("mount.released", "")
            let web = try await daemon.service("web", becomes: "RUNNING")
            #expect(web.attempt == 1, "\(web.text)")
            try await says(daemon, "has come back after")
            let pid = try #require(web.pid.int)
            guard place == .environment else { return }
            let variables = String(
                decoding: try Data(contentsOf: URL(fileURLWithPath: "/proc/\(pid)/environ")), as: UTF8.self)
            #expect(variables.split(separator: "\0").contains("RELEASED=yes"))
        }
    }

    /// The daemon before was killed while the kernel held a child of its on the way to the program: that one does not run beside the next
    /// daemon's.
    @Test(arguments: ["", "oom_score_adjust = 100"])
    func whatHungWhenTheDaemonWasKilledNeverRuns(setting: String) async throws {
        let folder = try TemporaryFolder()
        let mount = folder.path("mount")
        mkdir(mount, 0o755)
        let configuration =
            "[supervisor]\ncontrol_groups = \"off\"\n"
            + TOML.child(
                "web", ["into", folder.path("runs"), "wait"], "working_directory = \(TOML.quoted(mount + "/h"))",
                setting)
        // The files hang for as long as the shell is there, which the second daemon takes the place of.
        let launcher = [Programs.testchild, "beside-hung-files", mount, "/bin/sh", "-c", #""$@"; exec "$@""#, "sh"]
        try await withDaemon(configuration, folder: folder, launcher: launcher, untilReady: false) { daemon in
            try await daemon.serves()
            try await daemon.service("web", becomes: "held up") {
                $0.reason.string?.contains(" has not come back") == true
            }
            let first = try #require(try await daemon.connect().call("supervisor.status").pid.int)
            #expect(first != Int(daemon.process.pid))
            let child = try #require(
                ProcessTable.all().first {
                    let name = try? String(contentsOfFile: "/proc/\($0)/comm", encoding: .utf8)
                    return ProcessTable.parent(of: $0) == first && name?.hasPrefix("supd:") == true
                })
            try ProcessTable.kill(first, SIGKILL)
            #expect(try await ProcessTable.isGone(first, by: .usual))
            try await daemon.serves()
            #expect(try await daemon.connect().call("supervisor.status").pid.int == Int(daemon.process.pid))
            try await says(daemon, "had not begun their programs; killed: \(child) (")
            try folder.write("mount.released", "")
            let web = try await daemon.service("web", becomes: "RUNNING")
            let pid = try web.requirePID()
            #expect(try await ProcessTable.isGone(child, by: .usual))
            #expect(TemporaryFolder.pids(try await folder.text(of: "runs") { $0.contains("\(pid)") }) == [pid])
        }
    }

    /// Whether the file of a socket is still there is a look that a start waits for, but not for ever: the socket is bound.
    @Test func aSocketThatIsOutOfReachHoldsNoRestartUpForLong() async throws {
        let folder = try TemporaryFolder()
        let (real, place) = (folder.path("real"), folder.path("place"))
        #expect(mkdir(real, 0o755) == 0 && symlink(real, place) == 0)
        let service = { (_: String) in
            TOML.child(
                "web", ["wait"], #"restart = "always""#, #"backoff = { policy = "constant", delay = "10ms" }"#,
                "sockets = [{ listen = \(TOML.quoted(place + "/socket")) }]")
        }
        try await withHungFiles(in: folder, service) { daemon, folder in
            let web = try await daemon.service("web", becomes: "RUNNING")
            #expect(unlink(place) == 0 && symlink(folder.path("mount/h"), place) == 0)
            #expect(kill(Int32(try web.requirePID()), SIGKILL) == 0)
            try await daemon.service("web", becomes: "run again") { $0.state == "RUNNING" && $0.attempt == 2 }
            #expect(try await daemon.service("keep").state == "RUNNING")
            try folder.write("mount.released", "")
        }
    }

    /// A start that hangs has been promised what is kept of the service: none of it is closed before that is back.
    @Test func whatHangsUpMeanwhileIsStillWhatTheStartWasPromised() async throws {
        let folder = try TemporaryFolder()
        let (pipe, place) = (folder.path("pipe"), folder.path("place"))
        #expect(mkfifo(pipe, 0o600) == 0)
        #expect(symlink("/", place) == 0)
        let words = ["surroundings", "pipe:" + pipe, "barrier", "send:READY=1"]
        let service = { (_: String) in
            NotifyTests.notifier(
                folder, words, #"type = "notify""#, "fd_store_max = 1", "working_directory = \(TOML.quoted(place))")
        }
        try await withHungFiles(in: folder, service) { daemon, folder in
            try await daemon.service("web", becomes: "RUNNING")
            #expect(unlink(place) == 0 && symlink(folder.path("mount/h"), place) == 0)
            _ = try await daemon.connect().call("service.restart", ["services": ["web"]])
            try await says(daemon, "does not come back")
            let writer = open(pipe, O_WRONLY | O_NONBLOCK)
            try #require(writer >= 0)
            close(writer)
            try await says(daemon, "'a-pipe' has hung up")
            try folder.write("mount.released", "")
            let told = try await folder.text(of: "told") { $0.components(separatedBy: "ready ").count > 2 }
            #expect(told.contains("LISTEN_FDNAMES=a-pipe\nkept a pipe\n"), "\(told)")
        }
    }

    private static func copier(_ how: String) -> (String) -> String {
        { TOML.child("web", ["copy-file", $0 + "/f", how], #"timeout_stop = "1s""#) }
    }

    private func hasSaid(_ text: String, times: Int = 1, _ daemon: Daemon) async throws {
        let deadline = Deadline.usual
        while true {
            let log = try await daemon.connect().call("logs.read", ["services": ["web"]])
            let lines = log.services.array.first?.lines.array ?? []
            if lines.count(where: { $0["text"].string == text }) >= times { return }
            if deadline.hasPassed { throw Failure("no line '\(text)' \(times) times: \(log.text)") }
        }
    }

    /// The kernel holds the main process, which waits for the file with the pipe's lock: what it has written before may be out of reach, too.
    private func isHeld(_ daemon: Daemon) async throws {
        let pid = try await daemon.service("web", becomes: "RUNNING").requirePID()
        let deadline = Deadline.usual
        while true {
            let stack = FileManager.default.contents(atPath: "/proc/\(pid)/stack").map {
                String(decoding: $0, as: UTF8.self)
            }
            if ProcessTable.state(of: pid) == "D", stack?.contains("pipe") == true { return }
            if deadline.hasPassed { throw Failure("\(pid) is at \(stack ?? "its end")") }
            await Task.yield()
        }
    }

    /// Who writes to a pipe from such a file holds the pipe's lock in the kernel: nobody waits for that but who writes.
    @Test(arguments: ["sendfile", "mapped"])
    func whatAServiceCopiesFromThereHoldsUpNobody(how: String) async throws {
        try await withHungFiles(Self.copier(how)) { daemon, _ in
            try await isHeld(daemon)
            try await daemon.order("restart", "keep", timeout: 20)
            #expect(try await daemon.terminate(within: 20) == .exited(0))
        }
    }

    @Test func whoCopiesFromThereIsStoppedAsAnybody() async throws {
        try await withHungFiles(Self.copier("sendfile")) { daemon, _ in
            for copies in 1...2 {
                try await isHeld(daemon)
                try await daemon.order("restart", "web", timeout: 20)
                try await hasSaid("before", times: copies, daemon)
            }
        }
    }

    @Test func whatAServiceCopiesFromThereIsReadOnceItCan() async throws {
        try await withHungFiles(Self.copier("sendfile")) { daemon, folder in
            try await isHeld(daemon)
            try await daemon.order("restart", "keep", timeout: 20)
            try folder.write("mount.released", "")
            try await hasSaid("before", daemon)
            try await hasSaid("RELEASED=yes", daemon)
            try await hasSaid("after", daemon)
        }
    }

    /// A file that a service has kept, or has sent unasked, is asked nothing: its server may be the service itself.
    @Test func whatAServiceHasSentIsAskedNothing() async throws {
        let folder = try TemporaryFolder()
        let service = { (mount: String) in
            NotifyTests.notifier(
                folder, ["file:" + mount + "/m", "send:READY=1;STATUS=sent"], #"type = "notify""#, "fd_store_max = 1")
        }
        try await withHungFiles(in: folder, service) { daemon, _ in
            try await daemon.service("web", becomes: "heard") { $0.status_text == "sent" }
            try await daemon.order("restart", "web", timeout: 20)
            try await daemon.order("restart", "keep", timeout: 20)
            #expect(try await daemon.terminate() == .exited(0))
        }
    }

    /// A probe on its way in the kernel holds up neither the drain nor the services beside it, and is named as what it is: a process.
    @Test(arguments: ["ready", "health"])
    func aProbeThatHangsTakesNoTimeOfADrain(key: String) async throws {
        let services = { (mount: String) in
            TOML.child(
                "web", ["wait"],
                "\(key) = { type = \"exec\", command = [\(TOML.quoted(mount + "/h"))], period = \"1h\", timeout = \"1h\" }",
                #"timeout_start = "infinity""#)
                + TOML.child("calm", ["wait"])
        }
        try await withHungFiles(drain: "timeout = \"3s\"\n", services, untilReady: false) { daemon, _ in
            try await daemon.serves()
            try await says(daemon, "a plugin's program: exec of")
            daemon.leavesGroups()
            let ending = try await daemon.terminate(within: 30)
            #expect(ending == .exited(76))
            let report = try daemon.report()
            let quiesce = try #require(report.phases.array.first { $0.phase == "quiesce" })
            #expect(quiesce.outcome == "completed", "\(report.text)")
            #expect(report.tasks.abandoned.array.isEmpty && report.services.killed.array.isEmpty, "\(report.text)")
            #expect(report.services.stopped.array.count == 3, "\(report.text)")
            let abandoned = report.services.abandoned.text
            #expect(abandoned.contains("exec of") && abandoned.contains("does not come back"), "\(abandoned)")
            #expect(!daemon.log.all.contains { $0.contains("leaked its continuation") })
        }
    }

    /// Where nobody waits for a probe any more, what it waits for is told so: nothing is leaked.
    @Test func aProbeThatIsGivenUpWhileItsServiceRunsLeaksNothing() async throws {
        let services = { (mount: String) in
            TOML.child(
                "web", ["wait"],
                "health = { type = \"exec\", command = [\(TOML.quoted(mount + "/h"))], timeout = \"100ms\" }")
        }
        try await withHungFiles(services) { daemon, _ in
            try await says(daemon, "did not end and was abandoned")
            daemon.leavesGroups()
            #expect(try await daemon.terminate(within: 30) == .exited(76))
            #expect(!daemon.log.all.contains { $0.contains("leaked its continuation") })
        }
    }

    /// Whether files say something else by now is asked of a disk that may not answer: neither the asker nor the end waits for it.
    @Test func aLookAtFilesThatHangDoesNotHoldUpTheEnd() async throws {
        let folder = try TemporaryFolder()
        let place = folder.path("place")
        mkdir(folder.path("files"), 0o755)
        try folder.write("files/h", TOML.child("web", ["wait"]))
        #expect(symlink(folder.path("files"), place) == 0)
        let mount = folder.path("mount")
        mkdir(mount, 0o755)
        let configuration = "include = [\"place/h\"]\n" + TOML.child("keep", ["wait"])
        try await withDaemon(
            configuration, folder: folder, launcher: [Programs.testchild, "beside-hung-files", mount]
        ) { daemon in
            #expect(unlink(place) == 0 && symlink(mount, place) == 0)
            let status = try await daemon.connect().call("supervisor.status")
            #expect(status.configuration_changed.isNull, "\(status.text)")
            // One that is read does not either.
            let asking = try daemon.connect()
            try await asking.send(#"{"jsonrpc":"2.0","id":1,"method":"config.plan"}"# + "\n")
            #expect(try await daemon.connect().call("supervisor.ping").state == "RUNNING")
            #expect(try await daemon.terminate(within: 20) == .exited(0))
        }
    }

    /// A command before the program that hangs has its time; the program is not begun beside it.
    @Test func aCommandThatHangsHasItsTime() async throws {
        let services = { (mount: String) in
            TOML.child(
                "web", ["wait"], "enabled = false", #"restart = "no""#,
                "exec_start_pre = { command = [\(TOML.quoted(mount + "/h"))], timeout = \"1s\" }")
        }
        try await withHungFiles(services) { daemon, folder in
            _ = try await daemon.connect().call("service.start", ["services": ["web"]])
            try await says(daemon, "exec_start_pre: exec of")
            #expect(try await daemon.service("keep").state == "RUNNING")
            try folder.write("mount.released", "")
            let web = try await daemon.service("web", becomes: "given up") {
                $0.state != "STARTING" && $0.state != "STOPPING"
            }
            #expect(web.pid.isNull && web.state != "RUNNING", "\(web.text)")
        }
    }
}
