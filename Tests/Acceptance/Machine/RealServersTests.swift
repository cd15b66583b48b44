import CAcceptance
import Foundation
import Glibc
import Testing

/// Servers from the distribution's packages, as people run them.
@Suite(.daemons)
struct RealServersTests {
    private let soon = #"backoff = { policy = "constant", delay = "100ms", jitter = "none" }"#

    /// Kills a service's main process and waits for the next one.
    private func kill(_ name: String, of daemon: Daemon) async throws {
        let before = try await daemon.service(name)
        try ProcessTable.kill(before.requirePID(), SIGKILL)
        let after = try await daemon.service(name, within: 60, becomes: "running again") {
            $0.state == "RUNNING" && $0.attempt != before.attempt
        }
        #expect(after.last_exit.signal == "SIGKILL")
    }

    /// Connects as soon as somebody listens.
    private func connection(_ daemon: Daemon, _ open: () throws -> Connection) async throws -> Connection {
        let deadline = Deadline.usual
        while true {
            do { return try open() } catch  where !deadline.hasPassed {
                if let ending = try await daemon.process.ended(by: deadline.orEarlier(in: 0.02)) {
                    throw Failure("supd ended: \(ending)")
                }
            }
        }
    }

    /// `nginx.conf` of a server of the folder's files.
    private func writeNginxConfiguration(in folder: TemporaryFolder, port: Int, _ settings: String = "") throws {
        try folder.write(
            "nginx.conf",
            """
            \(Programs.isRoot ? "user root;" : "")
            worker_processes 2;
            pid \(folder.path("nginx.pid"));
            error_log stderr;
            events { worker_connections 64; }
            http {
                access_log off;
                client_body_temp_path \(folder.path("body"));
                proxy_temp_path \(folder.path("proxy"));
                fastcgi_temp_path \(folder.path("fastcgi"));
                uwsgi_temp_path \(folder.path("uwsgi"));
                scgi_temp_path \(folder.path("scgi"));
                server { listen 127.0.0.1:\(port); root \(folder.path); \(settings) }
            }
            """)
    }

    @Test(.enabled(if: Programs.find("nginx") != nil, "nginx is not installed"))
    func nginxComesBackAndFinishesTheRequestInFlight() async throws {
        let folder = try TemporaryFolder()
        let port = Int(acceptance_free_port())
        try #require(port > 0)
        let size = 1_500_000
        try folder.write("download", String(repeating: "x", count: size))
        try writeNginxConfiguration(in: folder, port: port, "limit_rate 500k;")
        let nginx = try #require(Programs.find("nginx"))
        let configuration = TOML.service(
            "nginx", [nginx, "-e", "stderr", "-c", folder.path("nginx.conf"), "-g", "daemon off;"],
            #"kill_signal = "SIGQUIT""#, #"kill_mode = "mixed""#, #"timeout_stop = "20s""#, #"restart = "always""#, soon
        )
        try await withDaemon(configuration, folder: folder) { daemon in
            _ = try await connection(daemon) { try Connection(toPort: port) }
            try await kill("nginx", of: daemon)
            // The workers of the first run had the port: they are gone, or this one could not have begun.
            let request = "GET /download HTTP/1.0\r\nHost: localhost\r\n\r\n"
            let download = try await connection(daemon) { try Connection(toPort: port) }
            try await download.send(request)
            let head = try await download.line()
            #expect(head?.contains("200") == true, "\(head ?? "closed")")

            daemon.process.signal(SIGTERM)
            let rest = try await download.rest()
            #expect(rest.count { $0 == UInt8(ascii: "x") } >= size, "cut off after \(rest.count) bytes")
            #expect(try await daemon.ended() == .exited(0))
            #expect(try daemon.report().services.stopped == ["nginx"])
        }
    }

    /// nginx takes sockets by a variable of its own: `NGINX=3;`.
    @Test(.enabled(if: Programs.find("nginx") != nil, "nginx is not installed"))
    func whoConnectsWhileNginxIsAwayIsServedByTheNextOne() async throws {
        let folder = try TemporaryFolder()
        let port = Int(acceptance_free_port())
        try #require(port > 0)
        try folder.write("page", "hello")
        try folder.write("go", "")
        try writeNginxConfiguration(in: folder, port: port)
        let nginx = try #require(Programs.find("nginx"))
        let pause = TOML.list(["/bin/sh", "-c", "until test -e \(folder.path("go")); do sleep 0.05; done"])
        let configuration = TOML.service(
            "nginx", [nginx, "-e", "stderr", "-c", folder.path("nginx.conf"), "-g", "daemon off;"],
            #"kill_signal = "SIGQUIT""#, #"kill_mode = "mixed""#, #"environment = { NGINX = "3;" }"#,
            "sockets = [{ name = \"http\", listen = \"127.0.0.1:\(port)\" }]", "exec_start_pre = \(pause)")
        try await withDaemon(configuration, folder: folder) { daemon in
            let before = try await daemon.service("nginx", becomes: "RUNNING")
            #expect(try await page(port) == "hello")
            try FileManager.default.removeItem(atPath: folder.path("go"))
            _ = try await daemon.connect().call("service.restart", ["services": ["nginx"]])
            try await daemon.service("nginx", becomes: "away") {
                $0.attempt != before.attempt && $0.state == "STARTING"
            }
            let waiting = try Connection(toPort: port)
            try await waiting.send("GET /page HTTP/1.0\r\n\r\n")
            #expect(try await daemon.service("nginx").pid.int == nil)
            try folder.write("go", "")
            let answer = String(decoding: try await waiting.rest(), as: UTF8.self)
            #expect(answer.contains("200 OK") && answer.hasSuffix("hello"), "\(answer)")
        }
    }

    private func page(_ port: Int) async throws -> String {
        let connection = try Connection(toPort: port)
        try await connection.send("GET /page HTTP/1.0\r\n\r\n")
        let answer = String(decoding: try await connection.rest(), as: UTF8.self)
        return answer.components(separatedBy: "\r\n\r\n").last ?? ""
    }

    @Test(.enabled(if: Programs.find("redis-server") != nil, "redis-server is not installed"))
    func redisComesBackAndWritesItsDump() async throws {
        let folder = try TemporaryFolder()
        let redis = try #require(Programs.find("redis-server"))
        let socket = folder.path("redis.sock")
        let configuration = TOML.service(
            "redis",
            [
                redis, "--port", "0", "--unixsocket", socket, "--dir", folder.path, "--save", "3600 1", "--daemonize",
                "no", "--dbfilename", "dump.rdb", "--supervised", "systemd",
            ], #"type = "notify""#, #"timeout_stop = "20s""#, #"restart = "always""#, soon)
        try await withDaemon(configuration, folder: folder) { daemon in
            func ask(_ command: String) async throws -> String? {
                let client = try await connection(daemon) { try Connection(to: socket) }
                try await client.send(command + "\r\n")
                return try await client.line()
            }
            #expect(try await ask("PING") == "+PONG\r")
            try await daemon.service("redis", becomes: "ready by its own word") {
                $0.state == "RUNNING" && $0.status_text.string?.contains("Ready to accept connections") == true
            }
            try await kill("redis", of: daemon)
            #expect(try await ask("SET colour of-a-kingfisher") == "+OK\r")
            #expect(!folder.exists("dump.rdb"))
            #expect(try await daemon.terminate() == .exited(0))
            let dump = try #require(FileManager.default.contents(atPath: folder.path("dump.rdb")))
            #expect(dump.starts(with: Array("REDIS".utf8)))
            #expect(dump.range(of: Data("of-a-kingfisher".utf8)) != nil)
            #expect(try daemon.report().services.stopped == ["redis"])
        }
    }

    @Test(.enabled(if: Programs.postgres != nil, "PostgreSQL is not installed"))
    func postgresComesBackAndShutsDownCleanly() async throws {
        let programs = try #require(Programs.postgres)
        let folder = try TemporaryFolder()
        try #require(chmod(folder.path, 0o755) == 0)
        let data = folder.path("data")
        try #require(mkdir(data, 0o700) == 0)
        let user = "tester"
        var identity = ""
        if Programs.isRoot {
            let entry = try #require(getpwnam("postgres"), "the package made no user postgres")
            try #require(chown(data, entry.pointee.pw_uid, entry.pointee.pw_gid) == 0)
            identity = "user = \"postgres\""
        }
        let log = "log = { sink = \"file\", file = \(TOML.quoted(folder.path("postgres.log"))) }"
        let configuration =
            TOML.service(
                "initdb", [programs + "/initdb", "-D", data, "--username=\(user)", "--auth=trust", "--no-sync"],
                #"type = "oneshot""#,
                #"log = { sink = "none" }"#, identity)
            + TOML.service(
                "postgres",
                [
                    programs + "/postgres", "-D", data, "-c", "listen_addresses=", "-c",
                    "unix_socket_directories=" + data,
                ],
                #"type = "notify""#, #"requires = ["initdb"]"#, #"kill_signal = "SIGINT""#, #"kill_mode = "mixed""#,
                #"timeout_stop = "30s""#,
                #"restart = "always""#, soon, log, identity)
        let ready = "database system is ready to accept connections"
        try await withDaemon(configuration, folder: folder, untilReady: false) { daemon in
            try await daemon.serves()
            _ = try await folder.text(of: "postgres.log", within: 60) { $0.contains(ready) }
            try await daemon.service("postgres", becomes: "RUNNING")
            try await kill("postgres", of: daemon)
            let recovered = try await folder.text(of: "postgres.log", within: 60) {
                $0.components(separatedBy: ready).count == 3
            }
            #expect(recovered.contains("was not properly shut down"))
            #expect(!recovered.contains("database system is shut down"))

            // A session that is idle at the end, begun as the protocol has it: version 3.0, then the parameters.
            let client = try Connection(to: data + "/.s.PGSQL.5432")
            let parameters = Array("user\u{0}\(user)\u{0}database\u{0}postgres\u{0}\u{0}".utf8)
            try await client.send([0, 0, 0, UInt8(parameters.count + 8), 0, 3, 0, 0] + parameters)
            let greeting = try await client.byte()
            #expect(greeting == UInt8(ascii: "R"))
            #expect(try await daemon.terminate(within: 60) == .exited(0))
            let text = try #require(folder.read("postgres.log"))
            #expect(text.split(separator: "\n").last?.contains("database system is shut down") == true, "\(text)")
            #expect(try daemon.report().services.killed == [])
            #expect(try await client.rest().isEmpty == false)
        }
    }
}
