import FakeDaemon
import Foundation
import Glibc
import SupdClient
import SupdConnection
import SupdJSON
import SupdPlugin
import SupdProtocol
import Testing

@Suite struct ControlConnectionTests {
    @Test func aCallGivesItsResult() throws {
        let daemon = try FakeDaemon.start { $1.reply(Acknowledgement(state: .running), to: $0) }
        var connection = try ControlConnection(connectingTo: daemon.path)
        for _ in 0..<3 {
            let pong = try connection.call(.supervisorPing, timeout: .seconds(10), as: Acknowledgement.self)
            #expect(pong.state.known == .running)
        }
        #expect(daemon.requests.map(\.id) == [.integer(1), .integer(2), .integer(3)])
    }

    @Test func aResultMayComeInPieces() throws {
        let daemon = try FakeDaemon.start { request, peer in
            for character in #"{"jsonrpc":"2.0","id":1,"result":{"state":"RUNNING"}}"# + "\n" {
                peer.send("\(character)")
            }
        }
        var connection = try ControlConnection(connectingTo: daemon.path)
        #expect(
            try connection.call(.supervisorPing, timeout: .seconds(10), as: Acknowledgement.self).state.known
                == .running)
    }

    @Test func aLargeResultArrivesWhole() throws {
        let line = LogLine(time: WallTime(nanoseconds: 0), stream: .stdout, text: String(repeating: "x", count: 2000))
        let log = LogRead(services: [ServiceLog(name: "web", lines: Array(repeating: line, count: 1000))])
        let daemon = try FakeDaemon.start { $1.reply(log, to: $0) }
        var connection = try ControlConnection(connectingTo: daemon.path)
        let read: LogRead = try connection.call(.logsRead(LogsParams(services: ["web"])), timeout: .seconds(30))
        #expect(read == log)
    }

    @Test func anErrorOfTheDaemonIsRefused() throws {
        let error = ProtocolError(.noSuchService, "no service is named 'wbe'", suggestion: "web")
        let daemon = try FakeDaemon.start { $1.reply(error: error, to: $0) }
        var connection = try ControlConnection(connectingTo: daemon.path)
        #expect(failure { try connection.call(.supervisorStatus, timeout: .seconds(10)) } == .refused(error))
    }

    @Test func anErrorWithoutAnIDIsAboutTheConnection() throws {
        let daemon = try FakeDaemon.start { _, peer in
            peer.send(
                #"{"jsonrpc":"2.0","id":null,"error":{"code":-32002,"message":"full","data":{"kind":"busy"}}}"# + "\n")
        }
        var connection = try ControlConnection(connectingTo: daemon.path)
        let failure = failure { try connection.call(.supervisorPing, timeout: .seconds(10)) }
        #expect(failure == .refused(ProtocolError(.busy, "full")))
    }

    @Test func nobodyAtThePathIsNoDaemon() throws {
        let nowhere = failure { _ = try ControlConnection(connectingTo: "/nonexistent/control.sock") }
        #expect(nowhere == .noDaemon(path: "/nonexistent/control.sock", ErrorNumber(2)))
        let file = failure { _ = try ControlConnection(connectingTo: "/dev/null") }
        guard case .noDaemon = file else {
            Issue.record("found \(String(describing: file))")
            return
        }
    }

    /// A daemon that is stopped, with as many before as its queue takes: nothing has been asked of it.
    @Test func aFullQueueIsNoRequestThatWasNotAnswered() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "queue.\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "s").path
        let listener = try FakeDaemon.listen(at: path, backlog: 0)
        defer { close(listener) }
        // The kernel lets one more wait than was said.
        let first = try ControlConnection(connectingTo: path)
        let timeout = Duration.milliseconds(50)
        let found = failure { _ = try ControlConnection(connectingTo: path, timeout: timeout) }
        #expect(found == .notTaken(path: path, after: timeout))
        _ = consume first
    }

    @Test func aPathThatNoSocketCanHaveIsRefusedWithASentence() {
        let long = "/" + String(repeating: "x", count: SocketLocation.longestPath)
        for path in ["", "/a\0b", long] {
            guard case .badPath(path, _) = failure({ _ = try ControlConnection(connectingTo: path) }) else {
                Issue.record("\(path) was taken")
                continue
            }
        }
    }

    @Test func silenceEndsAtTheTimeoutAndALateReplyIsPassedOver() throws {
        let first = Signalled<Request>()
        let daemon = try FakeDaemon.start { request, peer in
            guard let late = first.value else { return first.set(request) }
            peer.reply(Acknowledgement(state: .starting), to: late)
            peer.reply(Acknowledgement(state: .running), to: request)
        }
        var connection = try ControlConnection(connectingTo: daemon.path)
        let timeout = Duration.milliseconds(20)
        #expect(failure { try connection.call(.supervisorPing, timeout: timeout) } == .timedOut(after: timeout))
        first.wait()
        let reply: Acknowledgement = try connection.call(.supervisorPing, timeout: .seconds(10))
        #expect(reply.state.known == .running)
    }

    @Test func aDaemonThatHangsUpIsClosed() throws {
        let daemon = try FakeDaemon.start { $1.hangUp() }
        var connection = try ControlConnection(connectingTo: daemon.path)
        #expect(failure { try connection.call(.supervisorPing, timeout: .seconds(10)) } == .closed)
        #expect(failure { try connection.call(.supervisorPing, timeout: .seconds(10)) } == .closed)
    }

    @Test(arguments: ["nonsense\n", "{}\n", #"{"id":1,"result":{"state":3}}"# + "\n"])
    func aReplyThatIsNoneIsUnreadable(_ reply: String) throws {
        let daemon = try FakeDaemon.start { $1.send(reply) }
        var connection = try ControlConnection(connectingTo: daemon.path)
        let failure = failure {
            _ = try connection.call(.supervisorPing, timeout: .seconds(10), as: Acknowledgement.self)
        }
        guard case .unreadable = failure else {
            Issue.record("found \(String(describing: failure))")
            return
        }
    }
}
