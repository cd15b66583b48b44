import Foundation
import Testing

/// What systemd keeps for the next supd (FileDescriptorStoreMax=), with the unit that packages install.
@Suite(.daemons)
struct ManagerStoreTests {
    private static let child = "/under-test/testchild"

    /// Started once /run/go is there.
    private func install(_ configuration: String, in sandbox: Sandbox) async throws {
        let unit = try String(contentsOfFile: Programs.root + "/contrib/systemd/supd.service", encoding: .utf8)
        try await sandbox.write(
            "/etc/systemd/system/supd.service", unit.replacing("=/usr/bin/sup", with: "=/under-test/sup"))
        try await sandbox.write(
            "/etc/systemd/system/supd.service.d/test.conf",
            "[Service]\nRestartSec=100ms\nExecStartPre=/bin/sh -c 'until test -e /run/go; do sleep 0.02; done'\n")
        try await sandbox.write("/etc/supd/supd.toml", configuration)
        _ = try await sandbox.require("systemctl daemon-reload; touch /run/go; systemctl start supd.service")
    }

    private func kept(_ count: Int, in sandbox: Sandbox) async throws {
        _ = try await sandbox.output(of: "systemctl show -P NFileDescriptorStore supd.service") { $0 == "\(count)\n" }
    }

    private func pid(_ service: String, in sandbox: Sandbox) async throws -> Int {
        let status = try JSONValue(parsing: try await sandbox.require("/under-test/supctl status --json \(service)"))
        return Int(try status.services.array[0].requirePID())
    }

    private static func ask(_ line: String) -> String {
        "timeout 50 bash -c 'exec 3<>/dev/tcp/127.0.0.1/8080 && echo \(line) >&3 && head -n 1 <&3'"
    }

    private func keeper(_ settings: String...) -> String {
        let words = [
            "into", "/run/told", "notify", "surroundings", "store:one", "store:two", "barrier", "send:READY=1",
        ]
        return TOML.service(
            "keeper", [Self.child] + words, #"type = "notify""#, "fd_store_max = 2", settings.joined(separator: "\n"))
    }

    /// What the starts of `keeper` were given.
    private func given(_ starts: Int, in sandbox: Sandbox) async throws -> [Substring] {
        try await sandbox.output(of: "grep -E '^(LISTEN_FDNAMES=|kept )' /run/told") {
            $0.matches(of: /LISTEN_FDNAMES/).count == starts
        }.split(separator: "\n")
    }

    private let web = TOML.service(
        "web", [child, "serve"], #"sockets = [{ name = "http", listen = "127.0.0.1:8080" }]"#)

    @Test func socketsAndStoresOutliveARestartAndADeathOfSupd() async throws {
        try await Sandbox.run { sandbox in
            try await install(web + keeper(), in: sandbox)
            try await kept(3, in: sandbox)
            let first = try await pid("keeper", in: sandbox)
            for (round, end) in [
                "systemctl restart --no-block supd.service",
                "systemctl kill --kill-whom=main --signal=KILL supd.service",
            ].enumerated() {
                let main = try await sandbox.require("systemctl show -P MainPID supd.service")
                // While there is no supd at all, who connects is not refused.
                let waiting = try await sandbox.require(
                    "rm /run/go; \(end); while [ -e /proc/\(main.dropLast()) ]; do sleep 0.02; done; "
                        + "{ \(Self.ask("round\(round)")) >/run/answer; } & "
                        + "until grep -q ':1F90 0100007F:.* 01 ' /proc/net/tcp; do sleep 0.02; done; "
                        + "touch /run/go; wait; cat /run/answer")
                _ = try await sandbox.output(of: "systemctl is-active supd.service") { $0 == "active\n" }
                let served = "\(try await pid("web", in: sandbox)) round\(round)\n"
                let journal = waiting == served ? "" : try await sandbox.shell("journalctl --no-pager -n 40").output
                #expect(waiting == served, "\(journal)")
                let told = try await given(round + 2, in: sandbox)
                #expect(
                    told.suffix(3) == [
                        "LISTEN_FDNAMES=one:two", "kept one of \(first)", "kept two of \(first)",
                    ], "\(told)")
                try await kept(3, in: sandbox)
            }
            _ = try await sandbox.require("systemctl stop supd.service")
            try await kept(0, in: sandbox)
            #expect(try await sandbox.shell(Self.ask("nobody")).code != 0)
        }
    }

    /// Whose service is down is refused at once, and does not find its address in use when it is up again.
    @Test func whatAStoppedServiceHasIsKeptNoLonger() async throws {
        try await Sandbox.run { sandbox in
            try await install(web + keeper(), in: sandbox)
            try await kept(3, in: sandbox)
            for round in 1...5 {
                let refused = try await sandbox.shell(
                    "/under-test/supctl stop web >/dev/null && \(Self.ask("stopped"))")
                #expect(refused.code != 0 && refused.output == "", "\(refused)")
                #expect(
                    try await sandbox.require("/under-test/supctl start web >/dev/null && \(Self.ask("\(round)"))")
                        .hasSuffix(" \(round)\n"))
            }
            try await kept(3, in: sandbox)
            _ = try await sandbox.require("/under-test/supctl stop keeper web")
            try await kept(0, in: sandbox)
            // A drain that holds is no end: everything is made anew after it.
            _ = try await sandbox.require("/under-test/supctl start keeper web")
            try await kept(3, in: sandbox)
            _ = try await sandbox.require("/under-test/supctl drain --wait")
            try await kept(0, in: sandbox)
            _ = try await sandbox.require("/under-test/supctl resume")
            try await kept(3, in: sandbox)
            _ = try await sandbox.require("/under-test/supctl status")
            #expect(try await sandbox.require(Self.ask("resumed")).hasSuffix(" resumed\n"))
        }
    }

    @Test func whatTheNextConfigurationDoesNotAskForIsClosed() async throws {
        try await Sandbox.run { sandbox in
            try await install(web + keeper(), in: sandbox)
            try await kept(3, in: sandbox)
            let elsewhere = web.replacing("8080", with: "8081")
            try await sandbox.write("/etc/supd/supd.toml", elsewhere + keeper(#"user = "nobody""#))
            _ = try await sandbox.require("chmod 666 /run/told; systemctl restart supd.service")
            #expect(try await sandbox.shell(Self.ask("nobody")).code != 0)
            #expect(try await given(2, in: sandbox).last == "LISTEN_FDNAMES=")
            try await kept(3, in: sandbox)
            let log = try await sandbox.require("journalctl -u supd.service --no-pager -o cat")
            #expect(log.contains("a socket of the supd before at 127.0.0.1:8080 that no service asks for"), "\(log)")
            #expect(log.contains("has kept a descriptor for keeper, which has no use for it"), "\(log)")
            #expect(!log.contains("no service asks for that in its 'sockets'"), "\(log)")
        }
    }

    /// One more than the manager keeps is said, and served all the same.
    @Test func moreThanTheManagerKeepsIsSaid() async throws {
        try await Sandbox.run { sandbox in
            try await sandbox.write(
                "/etc/systemd/system/supd.service.d/few.conf",
                "[Service]\nFileDescriptorStoreMax=1\nEnvironment=FDSTORE=1\n")
            try await install(web + web.replacing("web", with: "other").replacing("8080", with: "8081"), in: sandbox)
            try await kept(1, in: sandbox)
            _ = try await sandbox.output(of: "journalctl -u supd.service --no-pager -o cat") {
                $0.contains("the service manager keeps 1 descriptor at most (FileDescriptorStoreMax=): those of other")
            }
            #expect(try await sandbox.require(Self.ask("one")).hasSuffix(" one\n"))
        }
    }
}
