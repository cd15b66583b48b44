import Glibc
import PluginFakes
import PluginNetwork
import SupdPlugin
import Testing

@testable import ShutdownHooks

@Suite struct WaitingHookTests {
    // MARK: sleep

    @Test func sleepSaysWhyAndWaitsItsTime() async throws {
        let time = FakeTime()
        let log = LogLines()
        let hook = try makeHook(
            "sleep", ["time": .duration(.seconds(3)), "reason": .text("DNS has a TTL of 3s")], time: time)
        try await hook.run(hookContext(log: log))
        #expect(time.waited == [.seconds(3)])
        #expect(log.all == ["info: waiting 3s: DNS has a TTL of 3s"])
    }

    @Test func sleepEndsWhenItIsCancelled() async throws {
        let hook = SleepHook(
            PluginOptions(["time": .duration(.seconds(3600)), "reason": .text("")]), pause: .monotonic)
        let task = Task { try await hook.run(hookContext()) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    // MARK: wait-port-closed

    @Test func aPortIsWaitedForUntilItsConnectionsAreRefused() async throws {
        let listener = try Listener()
        let time = FakeTime { if $0 == 3 { listener.close() } }
        let hook = try makeHook("wait-port-closed", ["port": .integer(listener.port)], time: time)
        try await hook.run(hookContext())
        #expect(time.waited == Array(repeating: .milliseconds(200), count: 3))
        try await hook.run(hookContext())
        #expect(time.waited.count == 3)
    }

    @Test func localhostAndIPv6AreUnderstoodAndNamesAreNotLookedUp() throws {
        #expect(SocketAddress(host: "localhost", port: 80)?.description == "localhost:80")
        #expect(SocketAddress(host: "::1", port: 80)?.description == "[::1]:80")
        #expect(
            try refusal("wait-port-closed", ["host": .text("web.example"), "port": .integer(80)])
                == "host: must be an IP address or 'localhost'; found 'web.example'")
    }

    @Test func anIntervalThatWouldKeepAThreadBusyIsRefused() throws {
        for hook in ["wait-port-closed", "wait-connections"] {
            #expect(
                try refusal(hook, ["port": .integer(80), "interval": .duration(.milliseconds(9))])
                    == "interval: must be at least 10ms; found 9ms")
        }
    }

    // MARK: wait-connections

    /// Lines as the kernel writes them: two connections of port 8080 (1F90), and lines that are none of it.
    private static let table = """
          sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
           1: 0100007F:1F90 0100007F:A0B2 01 00000000:00000000 00:00000000 00000000     0        0 2 1 0 20 4 30 10 -1
           2: 0100007F:A0B2 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 3 1 0 20 4 30 10 -1
           3: 0100007F:1F90 0100007F:A0B4 06 00000000:00000000 00:00000000 00000000     0        0 0 3 0
           4: 0100007F:1F90 0100007F:A0B6 01 00000000:00000000 00:00000000 00000000     0        0 4 1 0 20 4 30 10 -1

        """

    @Test func onlyEstablishedConnectionsOfTheLocalPortAreCounted() {
        for size in [1, 7, 150, 5000] {
            var counter = ConnectionCounter(port: 8080)
            var rest = Array(Self.table.utf8)[...]
            while !rest.isEmpty {
                counter.add(rest.prefix(size))
                rest = rest.dropFirst(size)
            }
            #expect(counter.count == 2, "read in pieces of \(size)")
        }
    }

    @Test func whatIsNoTableCountsNothing() {
        for text in ["", "\n\n", "a b c 01\n", "0: 1F90 x 01 \n", String(repeating: "x", count: 100_000) + "\n"] {
            var counter = ConnectionCounter(port: 8080)
            counter.add(text.utf8)
            #expect(counter.count == 0)
        }
    }

    @Test func connectionsAreWaitedForUntilTheyAreFewEnough() async throws {
        let folder = try Folder()
        let version6 = "   1: 0:1F90 0:A0B2 01 0\n"
        try folder.write("tcp", Self.table)
        try folder.write("tcp6", version6)
        let path = folder.path
        let time = FakeTime { number in
            if number == 2 { unlink("\(path)/tcp6") }
        }
        var options: [String: OptionValue] = [
            "port": .integer(8080), "at_most": .integer(2), "interval": .duration(.seconds(1)),
        ]
        var hook = try WaitConnections(PluginOptions(options), pause: Pause { try await time.wait($0) })
        hook.folder = folder.path
        try await hook.run(hookContext())
        #expect(time.waited == [.seconds(1), .seconds(1)])
        options["port"] = .integer(9)
        hook = try WaitConnections(PluginOptions(options), pause: Pause { try await time.wait($0) })
        hook.folder = "/nowhere"
        let said = await failure { try await hook.run(hookContext()) }
        #expect(said?.hasPrefix("open of /nowhere/tcp: ENOENT") == true)
    }

    @Test func theKernelsOwnTableIsRead() async throws {
        let listener = try Listener()
        #expect(try ConnectionCounter.connections(of: listener.port) == 0)
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let address = try #require(SocketAddress(host: "127.0.0.1", port: UInt16(listener.port)))
        #expect(address.withPointer { connect(client, $0, $1) } == 0)
        // The kernel's list is no picture of one moment: while others connect and go, a line may be missing in it, now and again.
        let deadline = ContinuousClock.now + .seconds(20)
        var seen = 0
        repeat {
            seen = try ConnectionCounter.connections(of: listener.port)
            await Task.yield()
        } while seen != 1 && ContinuousClock.now < deadline
        #expect(seen == 1)
        close(client)
    }
}
