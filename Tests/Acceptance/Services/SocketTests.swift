import CAcceptance
import Foundation
import Glibc
import Testing

/// Sockets that the daemon holds for services.
@Suite(.daemons)
struct SocketTests {
    private static let again = #"backoff = { policy = "constant", delay = "10ms", jitter = "none" }"#

    private func freePort() throws -> Int {
        let port = acceptance_free_port()
        guard port > 0 else { throw Failure("no free port: \(port)") }
        return Int(port)
    }

    private func reported(_ text: String, _ key: String) -> [String] {
        text.split(separator: "\n").filter { $0.hasPrefix(key) }.map { String($0.dropFirst(key.count)) }
    }

    /// Whether this machine has an IPv6 loopback.
    private static let hasIPv6 =
        FileManager.default.contents(atPath: "/proc/net/if_inet6")
        .map { String(decoding: $0, as: UTF8.self).contains("00000000000000000000000000000001 ") } ?? false

    @Test func socketsOfEveryKindAreHandedDownAndKeptOverRestarts() async throws {
        let folder = try TemporaryFolder()
        let port = try freePort()
        let six = Self.hasIPv6 ? [#"{ name = "six", listen = "[::1]:\#(port)" },"#] : []
        let names = ["http", "admin", "hidden", "log"] + (Self.hasIPv6 ? ["six"] : [])
        let configuration = TOML.child(
            "web", ["into", folder.path("report"), "report"], #"restart = "always""#, Self.again,
            "start_limit_burst = 0",
            """
            sockets = [
                { name = "http", listen = "127.0.0.1:\(port)" },
                { name = "admin", listen = "\(folder.path("web.sock"))", mode = "0640" },
                { name = "hidden", listen = "@\(folder.path("hidden"))" },
                { name = "log", listen = "\(folder.path("log.sock"))", type = "datagram" },
                \(six.joined())
            ]
            """)
        try await withDaemon(configuration, folder: folder, untilReady: false) { daemon in
            try await daemon.serves()
            let text = try await folder.text(of: "report") { reported($0, "env.LISTEN_PID=").count > 2 }
            var status = stat()
            #expect(stat(folder.path("web.sock"), &status) == 0)
            #expect(status.st_mode & 0o777 == 0o640)
            for run in text.components(separatedBy: "\npid=").map({ "pid=" + $0.trimmingPrefix("pid=") }).prefix(2) {
                #expect(reported(run, "env.LISTEN_FDS=") == ["\(names.count)"])
                #expect(reported(run, "env.LISTEN_FDNAMES=") == [names.joined(separator: ":")])
                #expect(reported(run, "env.LISTEN_PID=") == reported(run, "pid="))
                #expect(reported(run, "fd.").count == 3 + names.count, "nothing else beside them: \(run)")
            }
            for number in 3..<3 + names.count {
                let sockets = reported(text, "fd.\(number)=").prefix(2)
                #expect(Set(sockets).count == 1, "kept over restarts: \(sockets)")
                #expect(sockets.allSatisfy { $0.hasPrefix("socket:") })
            }
        }
    }

    @Test func aServiceThatIsLeftAsItIsHoldsNoAddress() async throws {
        let folder = try TemporaryFolder()
        let configuration = TOML.child(
            "web", ["exit", "0"], #"restart = "no""#, #"sockets = [{ listen = "\#(folder.path("web.sock"))" }]"#)
        try await withDaemon(configuration, folder: folder, untilReady: false) { daemon in
            try await daemon.serves()
            try await daemon.service("web", becomes: "EXITED")
            #expect(try await folder.loses("web.sock"), "a client would wait there for ever")
        }
    }

    @Test func aStopByOrderClosesThemAndAStartBindsThemAgain() async throws {
        let folder = try TemporaryFolder()
        let port = try freePort()
        let configuration = TOML.child(
            "web", ["serve"],
            """
            sockets = [
                { name = "http", listen = "127.0.0.1:\(port)" },
                { name = "admin", listen = "\(folder.path("web.sock"))" },
            ]
            """)
        try await withDaemon(configuration, folder: folder) { daemon in
            for round in 1...2 {
                #expect(try await answer(port, "hello").hasSuffix(" hello"))
                let admin = try Connection(to: folder.path("web.sock"))
                try await admin.send("round \(round)\n")
                #expect(try await admin.line()?.hasSuffix(" round \(round)") == true)
                try await daemon.order("stop", "web")
                #expect(acceptance_connect_port(UInt16(port)) == -ECONNREFUSED)
                #expect(try await folder.loses("web.sock"))
                try await daemon.order("start", "web")
            }
        }
    }

    /// Whether by an order or by itself: a service that runs beside a socket that nobody finds is no use.
    @Test(arguments: [true, false])
    func aFileThatWasRemovedComesBackWithARestart(isOrdered: Bool) async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("web.sock")
        let configuration = TOML.child(
            "web", ["serve"], "instances = 2", #"restart = "always""#, Self.again,
            #"sockets = [{ name = "admin", listen = "\#(path)" }]"#)
        try await withDaemon(configuration, folder: folder) { daemon in
            func isAnswered(_ line: String) async throws {
                let client = try Connection(to: path)
                try await client.send("\(line)\n")
                #expect(try await client.line()?.hasSuffix(" \(line)") == true)
            }
            func restart(_ name: String) async throws {
                guard !isOrdered else {
                    try await daemon.order("restart", name)
                    return
                }
                let before = try await daemon.service(name)
                kill(Int32(try before.requirePID()), SIGKILL)
                try await daemon.service(name, becomes: "run again") {
                    $0.state == "RUNNING" && $0.attempt.int ?? 0 > before.attempt.int ?? 0
                }
            }
            try await isAnswered("before")
            // One that is in its place stays as it is.
            let inode = try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int
            try await restart("web@1")
            #expect(try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int == inode)
            #expect(unlink(path) == 0)
            try await restart("web@1")
            let said =
                "web: the file of the socket 'admin' was removed or replaced by somebody: it is to be bound anew to \(path)"
            #expect(try await daemon.log.first(by: .usual) { $0.contains(said) } != nil)
            try await isAnswered("after")
            // The other one listens there from its own next start on, and none is bound beside that.
            try await restart("web@2")
            let sockets = try await daemon.services("web").map {
                try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(try $0.requirePID())/fd/3")
            }
            #expect(sockets.count == 2 && Set(sockets).count == 1, "\(sockets)")
            #expect(daemon.log.all.count { $0.contains("it is to be bound anew") } == 1)
            try await daemon.order("stop", "web")
            #expect(try await folder.loses("web.sock"))
        }
    }

    /// What another program has put there is not taken from it.
    @Test func aFileThatAnotherListensAtIsLeftToIt() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("web.sock")
        let configuration =
            TOML.child(
                "web", ["serve"], #"backoff = { policy = "constant", delay = "500ms", jitter = "none" }"#,
                #"sockets = [{ name = "admin", listen = "\#(path)" }]"#)
            + TOML.child("other", ["serve"], "enabled = false", #"sockets = [{ listen = "\#(path).other" }]"#)
        try await withDaemon(configuration, folder: folder) { daemon in
            try await daemon.order("start", "other")
            #expect(rename("\(path).other", path) == 0)
            let restart = try await daemon.supctl("restart", "web")
            #expect(restart.code == 1 && restart.error.contains("EADDRINUSE"), "\(restart)")
            // Nobody listens there any more.
            try await daemon.order("stop", "other")
            try await daemon.service("web", becomes: "RUNNING")
            #expect(folder.exists("web.sock"))
        }
    }

    /// Nor is a file that is no socket.
    @Test func aFileThatIsNoSocketIsLeftAndNamed() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("web.sock")
        let configuration = TOML.child(
            "web", ["serve"], #"restart = "no""#, #"sockets = [{ name = "admin", listen = "\#(path)" }]"#)
        try await withDaemon(configuration, folder: folder) { daemon in
            #expect(unlink(path) == 0)
            _ = try folder.write("web.sock", "mine")
            let restart = try await daemon.supctl("restart", "web")
            #expect(restart.code == 1, "\(restart)")
            #expect(restart.error.contains("ENOTSOCK") && restart.error.contains("move it away"), "\(restart)")
            #expect(folder.read("web.sock") == "mine")
            #expect(unlink(path) == 0)
            try await daemon.order("start", "web")
            #expect(try await daemon.service("web").state == "RUNNING")
        }
    }

    /// Whoever closes a socket lets go of what its clients have sent, and may wait there for as long as they like.
    @Test func whatNobodyHasTakenFromASocketHoldsUpNoStop() async throws {
        let folder = try TemporaryFolder()
        let socket = folder.path("web.sock")
        let configuration =
            TOML.child("web", ["wait"], #"sockets = [{ listen = "\#(socket)" }]"#) + TOML.child("other", ["wait"])
        try await withDaemon(configuration, folder: folder) { daemon in
            let client = try await run(Programs.testchild, ["lingering-client", socket, "", "leave"])
            #expect(client.code == 0, "\(client)")
            try await daemon.order("stop", "web", timeout: 10)
            try await daemon.order("restart", "other", timeout: 10)
            try await daemon.order("start", "web", timeout: 10)
            #expect(try await daemon.terminate() == .exited(0))
        }
    }

    @Test func anAddressInUseIsToldAndTriedAgain() async throws {
        let other = try LoopbackServer()
        let configuration = TOML.child(
            "web", ["serve"], #"sockets = [{ listen = "127.0.0.1:\#(other.port)" }]"#, #"restart = "always""#,
            Self.again, "start_limit_burst = 0")
        try await withDaemon(configuration, untilReady: false) { daemon in
            try await daemon.serves()
            let line = try await daemon.log.first(by: .usual) {
                $0.contains("127.0.0.1:\(other.port)") && $0.contains("EADDRINUSE")
            }
            #expect(line?.contains("web could not be started") == true, "\(line ?? "no line")")
            #expect(line?.contains("'web'") == false, "a socket without a name of its own is named by its address")
            #expect(try await daemon.service("web").pid.isNull)
            other.shut()
            try await daemon.service("web", becomes: "RUNNING")
            #expect(try await answer(other.port, "now").hasSuffix(" now"))
        }
    }

    @Test(arguments: [false, true])
    func instancesShareASocketOrHaveTheirOwn(reusesPort: Bool) async throws {
        let folder = try TemporaryFolder()
        let port = try freePort()
        let configuration = TOML.child(
            "web", ["into", folder.path("report-%i"), "report"], #"restart = "no""#, "instances = 2",
            "sockets = [{ listen = \"127.0.0.1:\(port)\", reuse_port = \(reusesPort) }]")
        try await withDaemon(configuration, folder: folder) { daemon in
            let names = try await daemon.services().compactMap(\.name.string)
            #expect(names.count == 2)
            for name in names { try await daemon.service(name, becomes: "EXITED") }
            let files = try folder.names().filter { $0.hasPrefix("report-") }
            let sockets = files.flatMap { reported(folder.read($0) ?? "", "fd.3=") }
            #expect(sockets.count == 2)
            #expect(Set(sockets).count == (reusesPort ? 2 : 1), "\(sockets)")
        }
    }

    /// The kernel shares connections out to every socket of a port: one of an instance that is down would swallow its share.
    @Test func anInstanceThatIsDownHoldsNoSocketOfItsOwn() async throws {
        let port = try freePort()
        let configuration = TOML.child(
            "web", ["serve"], "instances = 3", "sockets = [{ listen = \"127.0.0.1:\(port)\", reuse_port = true }]")
        try await withDaemon(configuration) { daemon in
            func serving() async throws -> Int {
                var servers: Set<Substring> = []
                for number in 0..<40 {
                    let answer = try await answer(port, "\(number)")
                    if let server = answer.split(separator: " ").first { servers.insert(server) }
                }
                return servers.count
            }
            #expect(try await serving() == 3)
            try await daemon.order("stop", "web@2")
            #expect(try await serving() == 2)
            #expect(try await daemon.supctl("scale", "web=1").code == 0)
            #expect(try await serving() == 1)
            #expect(try await daemon.supctl("scale", "web=3").code == 0)
            #expect(try await serving() == 3)
        }
    }

    @Test func noConnectionIsLostWhileTheServerIsKilledTwentyTimes() async throws {
        let folder = try TemporaryFolder()
        let port = try freePort()
        let configuration = TOML.child(
            "web", ["serve"], #"sockets = [{ listen = "127.0.0.1:\#(port)" }]"#, #"restart = "always""#, Self.again,
            "start_limit_burst = 0")
        try await withDaemon(configuration, folder: folder) { daemon in
            let answers = try await withThrowingTaskGroup(of: [String].self) { group in
                for client in 0..<20 {
                    group.addTask {
                        var answers: [String] = []
                        for number in 0..<50 {
                            let word = client == number % 20 && number < 20 ? "die" : "\(client)-\(number)"
                            answers.append(try await answer(port, word))
                        }
                        return answers
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(answers.count == 1000)
            #expect(answers.filter { $0.hasSuffix(" die") }.count == 20)
            #expect(Set(answers.compactMap { $0.split(separator: " ").last }).count == 981)
            // Each death was another process's.
            #expect(Set(answers.filter { $0.hasSuffix(" die") }).count == 20)
        }
    }
}

/// What a server at `port` answers to one line on a connection of its own.
private func answer(_ port: Int, _ line: String) async throws -> String {
    let connection = try Connection(toPort: port)
    try await connection.send(line + "\n")
    guard let answer = try await connection.line() else { throw Failure("'\(line)' was not answered") }
    return answer
}
