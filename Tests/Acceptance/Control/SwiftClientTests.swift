import Glibc
import SupdClient
import SupdConnection
import SupdPlugin
import SupdProtocol
import Testing

/// `SupdClient`'s sequences with a real daemon.
@Suite(.daemons)
struct SwiftClientTests {
    @Test func eventsBeginWithASnapshotAndCanBeGoneOnWith() async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            let proxy = try SchemaProxy(at: daemon.folder.path("proxy.sock"), before: daemon.socket)
            let client = try SupdClient(path: proxy.path)
            let events = try await client.events(services: ["web"], kinds: [.state])
            #expect(events.subscription.services.map(\.state.known) == [.running])
            try await client.stop(services: ["web"])
            var states: [ServiceState?] = []
            for try await notice in events {
                guard case .event(let event) = notice.content, case .state(let change) = event.happening else {
                    continue
                }
                states.append(change.state.known)
                if change.state.known == .stopped { break }
            }
            #expect(states == [.stopping, .stopped])
            let again = try await client.events(
                services: ["web"], kinds: [.state], since: events.subscription.sequence)
            var told = 0
            for try await notice in again {
                if notice.content == .caughtUp { break }
                told += 1
            }
            #expect(told == 2)
            _ = try await client.logs(following: ["web"], since: 0)
            #expect(proxy.problems == [])
        }
    }

    @Test func aSlowReaderOfLinesIsToldHowManyItHasMissed() async throws {
        let folder = try TemporaryFolder()
        let count: UInt64 = 100_000
        let script = "seq -f '%%0100.0f' 1 \(count); echo the end; exec sleep 1000"
        let configuration = TOML.service(
            "web", ["/bin/sh", "-c", script], "enabled = false",
            "log = { sink = \"file\", file = \(TOML.quoted(folder.path("web.log"))) }")
        try await withDaemon(configuration, folder: folder) { daemon in
            let client = try SupdClient(path: daemon.socket)
            let lines = try await client.logs(following: ["web"], lines: 0)
            try await client.start(services: ["web"])
            var iterator = lines.makeAsyncIterator()
            var told: UInt64 = 0
            var missed: UInt64 = 0
            var last = ""
            while last != "the end" {
                switch try await iterator.next()?.content {
                case .line(let line)?:
                    (told, last) = (told + 1, line.text)
                    // Then it has something else to do, until all is written.
                    if told == 1 { _ = try await folder.text(of: "web.log", within: 120) { $0.hasSuffix("the end\n") } }
                case .gap(let gap)?: missed += gap
                case nil: throw Failure("the sequence has ended")
                }
            }
            #expect(told + missed == count + 1 && missed > 0, "\(told) lines, and \(missed) missed")
        }
    }

    @Test func theDaemonsEndIsThrownAfterAllThatWasTold() async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            let client = try SupdClient(path: daemon.socket)
            let events = try await client.events(kinds: [.drain])
            daemon.process.signal(SIGTERM)
            var steps: [DrainEvent.Step?] = []
            do throws(ClientError) {
                for try await notice in events {
                    guard case .event(let event) = notice.content, case .drain(let drain) = event.happening else {
                        continue
                    }
                    steps.append(drain.step.known)
                }
            } catch {
                #expect(error == .closed)
            }
            #expect(steps.first == .began && steps.last == .ended)
            #expect(try await daemon.ended() == .exited(0))
        }
    }

    @Test func aReaderThatIsCancelledLeavesNoConnection() async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            let client = try SupdClient(path: daemon.socket)
            // On a machine that is busy enough the answer takes longer than the client waits: then it asks again.
            let reader = Task(executorPreference: OwnThreads.shared) { () async throws -> Void in
                while true {
                    do {
                        for try await _ in try await client.logs(following: ["web"]) {}
                    } catch ClientError.timedOut {
                        continue
                    }
                }
            }
            let other = try daemon.connect()
            try await other.waits(for: 2)
            reader.cancel()
            await #expect(throws: ClientError.cancelled) { try await reader.value }
            try await other.waits(for: 1)
        }
    }
}

extension Connection {
    /// Waits until the daemon has so many connections.
    fileprivate func waits(for count: Int) async throws {
        let deadline = Deadline.usual
        while try await call("supervisor.status").connections.int != count {
            if deadline.hasPassed { throw Failure("there are not \(count) connections") }
        }
    }
}
