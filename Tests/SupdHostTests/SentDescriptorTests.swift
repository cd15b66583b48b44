import CSupd
import Glibc
import SupdPlugin
import Testing

@testable import SupdHost

/// Descriptors that come unasked. What they are of here waits a minute in its last close(2), for whoever that is.
@Suite struct SentDescriptorTests {
    private static let socketOfRights: Int32 = 83

    private static func receive(_ bench: HostBench, _ connection: Channel) -> ReadResult {
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { bench.host.receive(connection, into: $0) }
    }

    private static func expectNoWait(_ what: String, _ body: () -> Void) {
        let begin = ContinuousClock.now
        body()
        let time = begin.duration(to: .now)
        if time > .seconds(30) { Issue.record("\(what) took \(time)") }
    }

    private static func turn(_ option: Int32, on descriptor: Int32) {
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, option, &yes, socklen_t(MemoryLayout<Int32>.size))
    }

    @Test func thoseOfAClientAreLeftInItsConnectionWhichIsClosedBesideTheLoop() async {
        await #expect(processExitsWith: .success) {
            try withTemporaryFolder { folder in
                try withHost { bench in
                    let path = folder + "/control.sock"
                    let listener = try bench.host.claimControlSocket(path: path).get()
                    // As on a kernel that does not refuse them by itself.
                    Self.turn(Self.socketOfRights, on: listener.descriptor)
                    // Read first, and refused unread.
                    for isRead in [true, false] {
                        _ = try bench.end(of: try bench.start("lingering-client", path, "hello", "leave"))
                        Self.expectNoWait("a client's descriptor") {
                            guard case .connection(let channel, _) = bench.host.accept(listener) else {
                                Issue.record("no connection")
                                return
                            }
                            if isRead { expectEqual(Self.receive(bench, channel), .failed(.descriptorsCame)) }
                            bench.host.closeConnection(channel, of: 0)
                            expectEqual(Self.receive(bench, channel), .failed(ErrorNumber(EBADF)))
                        }
                    }
                }
            }
        }
    }

    /// Who made the socket may have asked for credentials with each message.
    @Test func bytesWithCredentialsAreBytes() async {
        await #expect(processExitsWith: .success) {
            try withTemporaryFolder { folder in
                try withHost { bench in
                    let listener = try bench.host.claimControlSocket(path: folder + "/control.sock").get()
                    let client = supd_connect_unix(folder + "/control.sock")
                    guard case .connection(let channel, _) = bench.host.accept(listener) else {
                        Issue.record("no connection")
                        return
                    }
                    Self.turn(SO_PASSCRED, on: channel.descriptor)
                    expectEqual(Self.receive(bench, channel), .wouldBlock)
                    write(client, "hello", 5)
                    expectEqual(Self.receive(bench, channel), .bytes(5))
                    close(client)
                    expectEqual(Self.receive(bench, channel), .end)
                    bench.host.closeConnection(channel, of: 0)
                }
            }
        }
    }

    @Test func thoseThatAServiceHasSentLastGoBesideTheLoop() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                let socket = try bench.host.openNotices(for: nil).get()
                var request = HostBench.request("notify", "linger", "exit:0")
                request.environment = ["NOTIFY_SOCKET=\(socket.path)"]
                _ = try bench.end(of: try bench.start(request))
                Self.expectNoWait("a service's descriptor") { bench.host.closeNotices(socket) }
                expectEqual(bench.host.nextNotice(socket), nil)
            }
        }
    }

    /// To ask a file is to ask its server, and an epoll(7) instance asks what it has in it.
    @Test func onlyWhatAnswersAtOnceIsAskedWhetherItHasHungUp() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                var ends: [Int32] = [-1, -1]
                expectEqual(pipe(&ends), 0)
                for (descriptor, isAsked) in [
                    (ends[0], true), (socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0), true),
                    (open("/proc/self/exe", O_RDONLY), false), (supd_epoll_create(), false),
                ] {
                    let channel = bench.host.tellHangUp(of: BoundSocket(descriptor: descriptor))
                    expectEqual(channel != nil, isAsked, "\(descriptor)")
                }
                close(ends[1])
                try bench.event("a hang-up") { if case .hungUp = $0 { true } else { false } }
            }
        }
    }
}
