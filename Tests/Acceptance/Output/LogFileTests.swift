import Foundation
import Glibc
import Testing

/// A log is a file and nothing else, and it is followed nowhere.
@Suite(.daemons)
struct LogFileTests {
    private func log(_ path: String, _ more: String = "") -> String {
        "log = { sink = \"file\", file = \(TOML.quoted(path))\(more) }"
    }

    private static func status(_ path: String) -> stat {
        var status = stat()
        lstat(path, &status)
        return status
    }

    @Test(.enabled(if: Programs.isRoot, "only root makes devices"))
    func aDeviceIsNeitherRotatedNorRenamed() async throws {
        let folder = try TemporaryFolder()
        let node = folder.path("null")
        // As null(4) is.
        try #require(mknod(node, S_IFCHR | 0o666, 0x103) == 0)
        let configuration = TOML.service("flood", ["/usr/bin/yes"], log(node, #", rotate_size = "4KiB""#))
        try await withDaemon(configuration, folder: folder) { daemon in
            let connection = try daemon.connect()
            // It has been written to for a while.
            let deadline = Deadline.seconds(1)
            while !deadline.hasPassed { _ = try await connection.call("supervisor.ping") }
            #expect(Self.status(node).st_mode & S_IFMT == S_IFCHR)
            #expect(!folder.exists("null.1"))
        }
    }

    /// What writes the files is a process beside the daemon, which somebody may kill as it hangs: another goes on with what it had to do.
    @Test(arguments: ["log", "fifo"]) func whoeverKillsTheWriterGetsAnother(kind: String) async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("log")
        if kind == "fifo" { try #require(mkfifo(path, 0o600) == 0) }
        let reader = kind == "fifo" ? open(path, O_RDONLY | O_NONBLOCK) : -1
        defer { if reader >= 0 { close(reader) } }
        let loop = "i=0; while :; do i=$$((i + 1)); echo line $$i; sleep 0.02; done"
        try await withDaemon(TOML.service("web", ["/bin/sh", "-c", loop], log(path)), folder: folder) { daemon in
            var text = ""
            func hasCome(beyond count: Int) async throws -> Int {
                let deadline = Deadline.usual
                while !deadline.hasPassed {
                    if reader >= 0 {
                        var bytes = [UInt8](repeating: 0, count: 65_536)
                        let count = read(reader, &bytes, bytes.count)
                        text += String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
                    } else {
                        text = folder.read("log") ?? ""
                    }
                    let lines = text.matches(of: /line (\d+)\n/).compactMap { Int($0.1) }
                    if let last = lines.last, last > count {
                        #expect(lines.first == 1 && Set(lines).count == last, "\(Set(1...last).subtracting(lines))")
                        return last
                    }
                    _ = try await daemon.process.ended(by: .seconds(0.02))
                }
                throw Failure("nothing after line \(count)")
            }
            var last = 0
            for _ in 0..<3 {
                last = try await hasCome(beyond: last + 5)
                let writer = try #require(
                    ProcessTable.all().first {
                        let name = try? String(contentsOfFile: "/proc/\($0)/comm", encoding: .utf8)
                        return ProcessTable.parent(of: $0) == Int(daemon.process.pid) && name == "supd-files\n"
                    })
                try ProcessTable.kill(writer, SIGKILL)
            }
            _ = try await hasCome(beyond: last + 5)
            #expect(try await daemon.terminate() == .exited(0))
        }
    }

    @Test(.enabled(if: Programs.isRoot, "only root runs services as others"))
    func aLinkThatTheServicesUserPlantsIsNotFollowed() async throws {
        let folder = try TemporaryFolder()
        try folder.write("victim", "root:x\n")
        chmod(folder.path, 0o755)
        chmod(folder.path("victim"), 0o600)
        mkdir(folder.path("logs"), 0o755)
        chown(folder.path("logs"), 65534, 65534)
        let configuration = TOML.service(
            "web",
            ["/bin/sh", "-c", "ln -s ../victim logs/web.log; echo attacker; exec sleep 1000"],
            "user = 65534", "group = 65534", "working_directory = \(TOML.quoted(folder.path))",
            log(folder.path("logs/web.log")))
        try await withDaemon(configuration, folder: folder) { daemon in
            let line = try await daemon.log.first(by: .usual) { $0.contains("log file cannot be written") }
            #expect(line?.contains("is a symbolic link that user 65534 can have made") == true, "\(line ?? "")")
            #expect(folder.read("victim") == "root:x\n")
            #expect(try await daemon.service("web").state == "RUNNING")
        }
    }

    @Test(.enabled(if: Programs.isRoot, "only root runs services as others"))
    func aFileIsMadeForTheServicesUser() async throws {
        let folder = try TemporaryFolder()
        let configuration =
            TOML.service(
                "web", ["/bin/sh", "-c", "echo x; exec sleep 1000"], "user = 65534", "group = 65533",
                log(folder.path("web.log")))
            + TOML.service(
                "own", ["/bin/sh", "-c", "echo x; exec sleep 1000"], "user = 65534", "group = 65533",
                log(folder.path("own.log"), #", owner = "1:2", mode = "0604""#))
        try await withDaemon(configuration, folder: folder) { _ in
            _ = try await folder.text(of: "web.log") { $0 == "x\n" }
            _ = try await folder.text(of: "own.log") { $0 == "x\n" }
            let web = Self.status(folder.path("web.log"))
            #expect(web.st_uid == 65534 && web.st_gid == 65533 && web.st_mode & 0o7777 == 0o640)
            let own = Self.status(folder.path("own.log"))
            #expect(own.st_uid == 1 && own.st_gid == 2 && own.st_mode & 0o7777 == 0o604)
        }
    }

    @Test func aBackupThatIsTheLogItselfIsNoEndlessLoop() async throws {
        let folder = try TemporaryFolder()
        try folder.write("web.log", String(repeating: "A", count: 5000) + "\n")
        try #require(link(folder.path("web.log"), folder.path("web.log.1")) == 0)
        let configuration = TOML.service(
            "web", ["/bin/sh", "-c", "for i in 1 2 3 4 5; do echo line $$i; done; exec sleep 1000"],
            log(folder.path("web.log"), #", rotate_size = "4KiB", rotate_keep = 1"#))
        try await withDaemon(configuration, folder: folder) { daemon in
            let text = try await folder.text(of: "web.log") { $0.contains("line 5") }
            #expect(text.hasSuffix("A\nline 1\nline 2\nline 3\nline 4\nline 5\n"))
            let said = try await daemon.log.first(by: .usual) { $0.contains("another name of the same file") }
            #expect(said != nil)
            #expect(daemon.log.all.filter { $0.contains("another name") }.count == 1)
            #expect(try await daemon.terminate() == .exited(0))
        }
    }

    /// As logrotate without copytruncate, and rm, do it.
    @Test(arguments: [true, false])
    func aFileThatIsGoneIsOpenedAnew(isMoved: Bool) async throws {
        let folder = try TemporaryFolder()
        let configuration = TOML.service(
            "web", ["/bin/sh", "-c", "i=0; while :; do i=$$((i+1)); echo line $$i.; sleep 0.05; done"],
            log(folder.path("web.log")))
        try await withDaemon(configuration, folder: folder) { _ in
            _ = try await folder.text(of: "web.log") { $0.contains("line 3.") }
            if isMoved {
                try #require(rename(folder.path("web.log"), folder.path("web.log.old")) == 0)
            } else {
                try #require(unlink(folder.path("web.log")) == 0)
            }
            let text = try await folder.text(of: "web.log") { $0.split(separator: "\n").count > 2 }
            guard isMoved else { return }
            let lines = (folder.read("web.log.old") ?? "") + text
            let numbers = lines.split(separator: "\n").compactMap { Int($0.dropFirst(5).dropLast()) }
            #expect(numbers == Array(1...numbers.count), "\(numbers)")
        }
    }

    @Test func aFolderThatIsNotThereIsSaidOnceAndUsedOnceItIs() async throws {
        let folder = try TemporaryFolder()
        let configuration = TOML.service(
            "web", ["/bin/sh", "-c", "while :; do echo line; sleep 0.05; done"], log(folder.path("logs/web.log")))
        try await withDaemon(configuration, folder: folder) { daemon in
            let said = try await daemon.log.first(by: .usual) { $0.contains("log file cannot be written") }
            #expect(said?.contains("its folder \(folder.path("logs")) is not there") == true, "\(said ?? "")")
            mkdir(folder.path("logs"), 0o755)
            let back = try await daemon.log.first(by: .usual) { $0.contains("can be written again") }
            #expect(folder.read("logs/web.log")?.contains("line") == true)
            #expect(back?.firstMatch(of: /[1-9][0-9]* lines? (was|were) dropped/) != nil, "\(back ?? "")")
            #expect(daemon.log.all.filter { $0.contains("cannot be written") }.count == 1)
        }
    }

    @Test func checkSaysWhichSinkIsMeantAndWhichFolderIsMissing() async throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "supd.toml",
            TOML.service("a", ["/bin/true"], log("/dev/stdout"))
                + TOML.service("b", ["/bin/true"], log(folder.path("no/b.log")))
                + TOML.service("c", ["/bin/true"], log(folder.path("c.log")))
                + TOML.service("d", ["/bin/true"], log(folder.path))
                + TOML.service("e", ["/bin/true"], log(folder.path("supd.toml/e.log"))))
        let output = try await run(Programs.supd, ["check", "--config", folder.path("supd.toml")])
        #expect(output.code == 0)
        #expect(
            output.error.contains("warning: 'log.file' is supd's own standard output: did you mean sink = \"inherit\""))
        #expect(output.error.contains("until there is a folder \(folder.path("no"))"))
        #expect(
            output.error.contains("'log.file' is the folder \(folder.path): what 'd' writes is lost; name a file in it")
        )
        #expect(output.error.contains("until there is a folder \(folder.path("supd.toml"))"))
        #expect(output.error.split(separator: "\n").count == 4, "\(output.error)")
    }
}
