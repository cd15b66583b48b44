import CAcceptance
import Glibc
import Testing

/// Sockets of a service that is changed.
@Suite(.daemons)
struct ChangedSocketsTests {
    private func site(_ folder: TemporaryFolder, _ socket: String, _ command: [String]) -> String {
        TOML.child("web", command, "sockets = [{ listen = \"\(folder.path(socket))\" }]", #"timeout_stop = "3s""#)
    }

    @Test func whoWaitsAtAnAddressThatStaysIsServedByTheNewProgram() async throws {
        let folder = try TemporaryFolder()
        // It accepts nobody, and is slow to go.
        try await withDaemon(site(folder, "web.sock", ["into", folder.path("up"), "ignore-term"]), folder: folder) {
            daemon in
            let old = try await folder.announcedPID(in: "up")
            var clients: [Connection] = []
            for number in 0..<20 {
                let client = try Connection(to: folder.path("web.sock"))
                try await client.send("before \(number)\n")
                clients.append(client)
            }
            try daemon.edit(site(folder, "web.sock", ["serve"]))
            #expect(try await daemon.supctl("apply", "--no-wait").code == 0)
            try await daemon.service("web", becomes: "STOPPING")
            for number in 20..<40 {
                let client = try Connection(to: folder.path("web.sock"))
                try await client.send("before \(number)\n")
                clients.append(client)
            }
            for (number, client) in clients.enumerated() {
                let answer = try await client.line()
                #expect(answer?.hasSuffix(" before \(number)") == true, "\(answer ?? "closed")")
                #expect(answer?.hasPrefix("\(old) ") == false)
            }
        }
    }

    @Test func anAddressThatIsNoLongerWantedIsClosedAndTheNewOneServed() async throws {
        let folder = try TemporaryFolder()
        try await withDaemon(site(folder, "old.sock", ["serve"]), folder: folder) { daemon in
            #expect(acceptance_connect(folder.path("old.sock")) >= 0)
            try await daemon.applies(site(folder, "new.sock", ["serve"]))
            let client = try Connection(to: folder.path("new.sock"))
            try await client.send("here\n")
            #expect(try await client.line()?.hasSuffix(" here") == true)
            #expect(try await folder.loses("old.sock"))
            try await daemon.applies(TOML.child("web", ["wait"]))
            #expect(try await folder.loses("new.sock"))
            try await daemon.applies(TOML.child("other", ["wait"]) + site(folder, "old.sock", ["serve"]))
            try await daemon.applies(TOML.child("other", ["wait"]))
            #expect(try await folder.loses("old.sock"), "of a service that was removed")
        }
    }

    @Test func aRenamedServiceTakesItsAddressAndWhoWaitsThereWithIt() async throws {
        let folder = try TemporaryFolder()
        func named(_ name: String, _ command: [String]) -> String {
            site(folder, "web.sock", command).replacing("[service.web]", with: "[service.\(name)]")
        }
        try await withDaemon(named("old", ["into", folder.path("up"), "ignore-term"]), folder: folder) { daemon in
            let old = try await folder.announcedPID(in: "up")
            let before = try Connection(to: folder.path("web.sock"))
            try await before.send("before\n")
            try daemon.edit(named("new", ["serve"]))
            let output = try await daemon.supctl("apply")
            #expect(output.code == 0, "\(output)")
            let answer = try await before.line()
            #expect(answer?.hasSuffix(" before") == true && answer?.hasPrefix("\(old) ") == false, "\(answer ?? "")")
            let after = try Connection(to: folder.path("web.sock"))
            try await after.send("after\n")
            #expect(try await after.line()?.hasSuffix(" after") == true)
            #expect(try await daemon.services().compactMap(\.name.string) == ["new"])
            #expect(try await daemon.service("new").restarts == 0)
        }
    }

    @Test func aDeferredAddressIsOpenedAtTheNextStart() async throws {
        let folder = try TemporaryFolder()
        try await withDaemon(site(folder, "old.sock", ["serve"]), folder: folder) { daemon in
            try daemon.edit(site(folder, "new.sock", ["serve"]))
            #expect(try await daemon.supctl("apply", "--defer").code == 0)
            let old = try Connection(to: folder.path("old.sock"))
            try await old.send("old\n")
            #expect(try await old.line()?.hasSuffix(" old") == true)
            #expect(try await folder.loses("new.sock"))
            try await daemon.order("restart", "web")
            #expect(try await folder.loses("old.sock"))
            let new = try Connection(to: folder.path("new.sock"))
            try await new.send("new\n")
            #expect(try await new.line()?.hasSuffix(" new") == true)
            // Nor is one left open where there is no next start.
            try daemon.edit(TOML.child("web", ["wait"]))
            #expect(try await daemon.supctl("apply", "--defer").code == 0)
            try await daemon.order("stop", "web")
            #expect(try await folder.loses("new.sock"))
        }
    }

    /// The address of a socket of the file system's is a file: who connects finds it as long as somebody serves there.
    @Test func aDeferredAddressStaysAsLongAsAnInstanceRunsByIt() async throws {
        let folder = try TemporaryFolder()
        func site(_ socket: String) -> String { self.site(folder, socket, ["serve"]) + "instances = 3\n" }
        func serves(_ socket: String) async throws -> Bool {
            let client = try Connection(to: folder.path(socket))
            try await client.send("here\n")
            return try await client.line()?.hasSuffix(" here") == true
        }
        try await withDaemon(site("old.sock"), folder: folder) { daemon in
            try daemon.edit(site("new.sock"))
            #expect(try await daemon.supctl("apply", "--defer").code == 0)
            try await daemon.order("restart", "web@1")
            #expect(try await serves("old.sock"))
            #expect(try await serves("new.sock"))
            try await daemon.order("restart", "web@2")
            #expect(try await serves("old.sock"))
            // The last of them goes, and is not begun again.
            try await daemon.order("stop", "web@3")
            #expect(try await folder.loses("old.sock"))
            #expect(try await serves("new.sock"))
        }
    }

    @Test func whoConnectsToWhatIsNewWaitsUntilItMayStart() async throws {
        let folder = try TemporaryFolder()
        let database = TOML.child(
            "database", ["wait"], "ready = { type = \"exec\", command = \"/bin/false\", period = \"50ms\" }",
            #"timeout_start = "infinity""#)
        try await withDaemon(database, folder: folder, untilReady: false) { daemon in
            try await daemon.serves()
            let web = site(folder, "web.sock", ["serve"]).replacing(
                "[service.web]", with: "[service.web]\nrequires = [\"database\"]")
            try daemon.edit(database + web)
            #expect(try await daemon.supctl("apply", "--no-wait").code == 0)
            let client = try Connection(to: folder.path("web.sock"))
            try await client.send("early\n")
            #expect(try await daemon.service("web").pid.isNull)
            try await daemon.applies(database.replacing("false", with: "true") + web)
            #expect(try await client.line()?.hasSuffix(" early") == true)
        }
    }
}
