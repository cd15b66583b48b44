import Foundation
import Glibc
import Testing

/// `supctl -H` over real sshds with keys of their own, each in a network namespace, which is a machine as far as ssh can tell.
@Suite(.daemons)
struct SupctlHostTests {
    /// Three sshds, `alpha`, `beta` and `gamma`, that each take SUPD_SOCKET for what they run from here, and a `ssh` that knows them. Nothing of the
    /// machine's own ssh is used or changed.
    private final class Hosts {
        let folder: TemporaryFolder
        private let network: Network
        private var servers: [ChildProcess] = []

        init(_ folder: TemporaryFolder, _ network: Network, sockets: [String: String]) async throws {
            self.folder = folder
            self.network = network
            guard Programs.isRoot, let sshd = Programs.find("sshd"), Programs.find("ssh") != nil,
                let keygen = Programs.find("ssh-keygen")
            else { try Test.cancel("sshd is not installed, or not to be run by who is not root") }
            for key in ["host", "user"] {
                let made = try await run(keygen, ["-q", "-t", "ed25519", "-N", "", "-f", folder.path(key)])
                guard made.code == 0 else { throw Failure("ssh-keygen: \(made.error)") }
            }
            try FileManager.default.copyItem(atPath: folder.path("user.pub"), toPath: folder.path("authorized"))
            var client = ""
            for (name, socket) in sockets.sorted(by: { $0.key < $1.key }) {
                let machine = try await network.machine()
                try folder.write(
                    "sshd.\(name)",
                    """
                    Port 22
                    ListenAddress \(machine.address)
                    HostKey \(folder.path("host"))
                    AuthorizedKeysFile \(folder.path("authorized"))
                    PidFile none
                    StrictModes no
                    UsePAM no
                    PermitRootLogin prohibit-password
                    SetEnv SUPD_SOCKET=\(socket)
                    """)
                client += """
                    Host \(name)
                      HostName \(machine.address)
                      User root
                      IdentityFile \(folder.path("user"))
                      IdentitiesOnly yes
                      UserKnownHostsFile \(folder.path("known"))
                      StrictHostKeyChecking no
                      BatchMode yes

                    """
                // It wants a folder /run/sshd, which is made where nobody else sees it.
                let (reading, writing) = try Descriptor.pipe()
                let said = Facts<String>()
                let server = try ChildProcess(
                    machine.enter[0],
                    machine.enter.dropFirst() + [
                        "/usr/bin/unshare", "--mount", "--propagation", "private", "/bin/sh", "-c",
                        #"mount -t tmpfs none /run && mkdir -m 755 /run/sshd && exec "$0" "$@""#, sshd, "-D", "-e",
                        "-f",
                        folder.path("sshd.\(name)"),
                    ], environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"], errorOutput: writing)
                servers.append(server)
                let reader = said.recordLines(of: reading)
                readers.append(reader)
                guard try await said.first(by: .usual, where: { $0.contains("Server listening on") }) != nil
                else {
                    throw Failure("sshd: \(said.all)")
                }
            }
            try folder.write("client", client)
            try await folder.writeProgram("ssh", "#!/bin/sh\nexec /usr/bin/ssh -F \(folder.path("client")) \"$@\"\n")
        }

        private var readers: [Task<Void, Never>] = []

        /// `supctl`, with an empty folder for what it makes.
        func supctl(_ arguments: String...) async throws -> Output {
            try await run(command[0], command.dropFirst() + arguments, environment: environment, within: 60)
        }

        /// What runs `supctl` where the others are known.
        var command: [String] { network.own + [Programs.supctl] }

        var environment: [String: String] { ["PATH": "\(folder.path):/usr/bin:/bin", "TMPDIR": folder.path("tmp")] }

        /// What supctl has left there.
        func left() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder.path("tmp")) }

        func close() async {
            for server in servers {
                server.signal(SIGTERM)
                _ = try? await server.ended(by: .usual)
                await server.destroy()
            }
            readers.forEach { $0.cancel() }
            await network.close()
        }
    }

    /// Daemons of two hosts; the second has ended already where `isBetaUp` is false.
    private func withHosts(
        beta services: String = TOML.child("web", ["wait"]) + TOML.child("db", ["wait"]),
        _ body: (Hosts, Daemon, Daemon) async throws -> Void
    ) async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { alpha in
            try await withDaemon(services) { beta in
                let folder = try TemporaryFolder()
                try FileManager.default.createDirectory(atPath: folder.path("tmp"), withIntermediateDirectories: false)
                let network = try await Network()
                let hosts: Hosts
                do {
                    hosts = try await Hosts(
                        folder, network,
                        sockets: ["alpha": alpha.socket, "beta": beta.socket, "gamma": folder.path("none")])
                } catch {
                    await network.close()
                    throw error
                }
                do {
                    try await body(hosts, alpha, beta)
                } catch {
                    await hosts.close()
                    throw error
                }
                await hosts.close()
            }
        }
    }

    @Test func oneHostIsAskedAndCommandedAsThisOne() async throws {
        try await withHosts { hosts, alpha, beta in
            let status = try await hosts.supctl("-H", "beta", "status", "--json")
            #expect(status.code == 0, "\(status)")
            #expect(try JSONValue(parsing: status.output).services.array.map { $0.name.string } == ["web", "db"])
            let stopped = try await hosts.supctl("--host", "alpha", "stop", "web")
            #expect(stopped.code == 0, "\(stopped)")
            #expect(try await alpha.service("web").state == "STOPPED")
            #expect(try await beta.service("web").state == "RUNNING")
            // The socket can be said instead of being asked for.
            let there = try await hosts.supctl("-H", "gamma", "--socket", alpha.socket, "ping")
            #expect(there.output == "supd is RUNNING\n", "\(there)")
            let unknown = try await hosts.supctl("-H", "alpha", "status", "wbe")
            #expect(unknown.code == 4 && unknown.error.contains("alpha: no service is named 'wbe'"), "\(unknown)")
            let none = try await hosts.supctl("-H", "gamma", "ping")
            #expect(none.code == 69 && none.error.hasPrefix("supctl: gamma: no daemon at its socket there"), "\(none)")
            let nowhere = try await hosts.supctl("-H", "delta.invalid", "ping")
            #expect(nowhere.code == 69 && nowhere.error.hasPrefix("supctl: delta.invalid: ssh: "), "\(nowhere)")
            #expect(try hosts.left() == [])
        }
    }

    @Test func severalAreOneTableAndTheirFailuresRows() async throws {
        try await withHosts { hosts, alpha, beta in
            let status = try await hosts.supctl("-H", "alpha,gamma", "-H", "beta", "status")
            #expect(status.code == 69, "\(status)")
            let rows = status.output.split(separator: "\n").map {
                $0.split(separator: " ").prefix(3).joined(separator: " ")
            }
            #expect(
                rows == ["HOST NAME STATE", "alpha web RUNNING", "gamma - -", "beta web RUNNING", "beta db RUNNING"])
            #expect(status.error.hasPrefix("supctl: gamma: "))
            let stopped = try await hosts.supctl("-H", "alpha,beta", "stop", "web")
            #expect(stopped.code == 0, "\(stopped)")
            for daemon in [alpha, beta] { #expect(try await daemon.service("web").state == "STOPPED") }
            let json = try JSONValue(parsing: try await hosts.supctl("-H", "alpha,beta", "ping", "--json").output)
            #expect(json.hosts.array.map { $0.host.string } == ["alpha", "beta"])
            #expect(json.hosts.array.allSatisfy { $0.result.state == "RUNNING" })
            #expect(try hosts.left() == [])
        }
    }

    /// It was there, and the order may stand: that is no host without a daemon.
    @Test(arguments: ["beta", "alpha,beta"]) func aDaemonThatEndsMeanwhileWasThere(named: String) async throws {
        try await withHosts(beta: TOML.child("web", ["ignore-term"])) { hosts, _, beta in
            let pipe = try Descriptor.pipe()
            let ordering = try ChildProcess(
                hosts.command[0], hosts.command.dropFirst() + ["-H", named, "stop", "web"],
                environment: hosts.environment, errorOutput: pipe.writing)
            let errors = Facts<String>()
            let reader = errors.recordLines(of: pipe.reading)
            defer { reader.cancel() }
            let left = try await beta.service("web", becomes: "STOPPING").requirePID()
            beta.process.signal(SIGKILL)
            #expect(try await beta.ended() == .signaled(SIGKILL))
            // No other daemon comes to end it.
            try ProcessTable.kill(left, SIGKILL)
            #expect(try await ordering.ended(by: .usual) == .exited(69))
            let told = try await errors.first(by: .usual) { $0.hasPrefix("supctl: beta: ") }
            #expect(told == "supctl: beta: the daemon has closed the connection", "\(errors.all)")
            #expect(try hosts.left() == [])
        }
    }

    /// The keys go to the other machine, and everything here is put right at the end.
    @Test(arguments: ["q", "\u{3}"]) func topWatchesAnotherMachine(end: String) async throws {
        try await withHosts { hosts, alpha, _ in
            let shell = try await ShellSession(environment: hosts.environment.merging(["TERM": "xterm"]) { $1 })
            do {
                try shell.type("stty rows 24 cols 80; \(hosts.command.joined(separator: " ")) -H alpha top")
                try await shell.sees("1 RUNNING; CPU ", within: 60)
                try shell.press("X")
                try await alpha.service("web", becomes: "STOPPED")
                try await shell.sees("1 STOPPED; CPU ")
                try shell.press(end)
                try await shell.sees("\u{1B}[?25h\u{1B}[?1049l")
                try shell.type("echo ov'er'")
                try await shell.sees("over")
                #expect(try hosts.left() == [])
            } catch {
                await shell.close()
                throw error
            }
            await shell.close()
        }
    }

    /// Whoever ends it: no socket, no folder and no ssh stays. What no process can see coming leaves a folder to the next run.
    @Test(arguments: [SIGTERM, SIGINT, SIGHUP, SIGKILL]) func nothingIsLeftWhenItIsKilled(signal: Int32) async throws {
        try await withHosts { hosts, alpha, _ in
            let pipe = try Descriptor.pipe()
            let following = try ChildProcess(
                hosts.command[0], hosts.command.dropFirst() + ["-H", "alpha", "events", "-f", "--since", "0"],
                environment: hosts.environment,
                output: pipe.writing)
            let lines = Facts<String>()
            let reader = lines.recordLines(of: pipe.reading)
            defer { reader.cancel() }
            #expect(try await lines.first(by: .usual) { $0.hasSuffix("supd is ready") } != nil)
            #expect(try hosts.left().count == 1)
            following.signal(signal)
            #expect(try await following.ended(by: .usual) == .signaled(signal))
            if signal == SIGKILL {
                #expect(try hosts.left().count == 1)
                #expect(try await hosts.supctl("-H", "alpha", "ping").code == 0)
            }
            #expect(try hosts.left() == [])
            // The ssh ends with it, and with that the daemon's connection.
            let deadline = Deadline.usual
            let connection = try alpha.connect()
            while try await connection.call("supervisor.status").connections.int != 1, !deadline.hasPassed {
                _ = try await alpha.process.ended(by: .seconds(0.02))
            }
            #expect(!deadline.hasPassed)
        }
    }
}
