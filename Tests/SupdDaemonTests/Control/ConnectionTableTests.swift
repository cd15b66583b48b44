import SupdEngine
import SupdHost
import SupdJSON
import SupdPlugin
import SupdProtocol
import Testing

@testable import SupdDaemon

/// Who may have another connection.
@Suite struct ConnectionTableTests {
    private func server(_ users: [UInt32]) throws -> ConnectionTable {
        var server = ConnectionTable()
        var registry = TaskRegistry()
        for (number, uid) in users.enumerated() {
            let task = try registry.register(
                "c", kind: .service, phase: .flush, now: MonotonicInstant(nanoseconds: 0))
            _ = server.add(
                ClientConnection(
                    channel: Channel(descriptor: Int32(number), generation: 0),
                    peer: PeerCredentials(pid: 1, uid: uid, gid: uid), isStranger: false, mayEverything: false,
                    task: task, now: MonotonicInstant(nanoseconds: Int64(number))))
        }
        return server
    }

    /// Connects users one after the other until each of them is refused.
    private func full(_ users: [UInt32], own: UInt32, before: [UInt32] = []) throws -> [UInt32] {
        var connected = before
        for uid in users {
            while try server(connected).refusal(uid: uid, own: own) == nil { connected.append(uid) }
        }
        return connected
    }

    @Test func strangersCannotKeepOutTheDaemonsUserNorRoot() throws {
        let strangers = try full([1, 2, 3, 4, 5, 6], own: 1000)
        #expect(strangers.filter { $0 == 1 }.count == ProtocolLimits.connectionsPerUser)
        let own = try full([1000], own: 1000, before: strangers)
        #expect(own.count - strangers.count == ProtocolLimits.connectionsKeptForOwnUser)
        let all = try full([0], own: 1000, before: own)
        #expect(all.count - own.count == ProtocolLimits.connectionsKeptForRoot)
        #expect(all.count == ProtocolLimits.connections)
    }

    /// Its services run as the same user, as a rule.
    @Test func theDaemonsUserCannotKeepOutRoot() throws {
        let own = try full([1000, 1, 2, 3, 4], own: 1000)
        #expect(own.filter { $0 == 1000 }.count == ProtocolLimits.connectionsPerUser)
        #expect(try server(own).refusal(uid: 0, own: 1000) == nil)
    }

    private final class News: Following {
        let precedesAnswers = false
        func write(into writer: inout JSONWriter) -> Bool { true }
        func end() {}
    }

    @Test func whoAsksHasEverySecondTurnBesideThoseThatFollow() throws {
        var server = try server([0, 0, 0, 0, 0])
        for slot in 0..<3 {
            server[slot]?.following = News()
            server[slot]?.hasNews = true
            server.enqueue(slot)
        }
        for slot in 3..<5 { server[slot]?.mayHaveRequest = true }
        func turns(_ count: Int) -> [Int] {
            (0..<count).compactMap { _ in
                let connection = server.nextInQueue()
                if let connection { server.enqueue(connection) }
                return connection?.slot
            }
        }
        #expect(turns(4) == [0, 1, 2, 0])
        for slot in 3..<5 { server.enqueue(slot) }
        #expect(turns(8) == [3, 1, 4, 2, 3, 0, 4, 1])
        for slot in 0..<3 { _ = server.remove(slot) }
        #expect(turns(3) == [3, 4, 3] && server.hasQueued)
        for slot in 3..<5 { _ = server.remove(slot) }
        #expect(server.nextInQueue() == nil && !server.hasQueued)
    }
}
