import FakeDaemon
import SupdClient
import SupdConnection
import SupdProtocol
import Testing

/// A daemon that answers with more than a client takes: it is refused in a sentence, and the next one is asked anew.
@Suite(.daemons)
struct HostileDaemonTests {
    /// The limits of docs/protocol.md that a client holds a daemon to.
    static let limits = ["the longest reply, in bytes", "how deep a reply may nest"]

    struct Answer: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// What is said of it.
        let sentence: String
        let send: @Sendable (Peer) -> Void
    }

    static let answers = [
        Answer(
            testDescription: "a reply without an end",
            sentence: "longer than \(ProtocolLimits.replyBytes) bytes"
        ) { peer in
            peer.send(#"{"jsonrpc":"2.0","id":1,"result":""#)
            let piece = String(repeating: "x", count: 1 << 20)
            for _ in 0...(ProtocolLimits.replyBytes >> 20) { peer.send(piece) }
        },
        Answer(
            testDescription: "a reply of boxes in boxes",
            sentence: "deeper than \(ProtocolLimits.replyDepth)"
        ) { peer in
            let depth = ProtocolLimits.replyDepth
            let boxes = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            peer.send(#"{"jsonrpc":"2.0","id":1,"result":\#(boxes)}"# + "\n")
        },
    ]

    @Test(arguments: answers) func aClientRefusesWhatIsTooMuch(_ answer: Answer) async throws {
        let daemon = try FakeDaemon.start { request, peer in
            guard request.call != .supervisorPing else {
                return peer.reply(Acknowledgement(state: .running), to: request)
            }
            answer.send(peer)
        }
        let output = try await run(Programs.supctl, ["status"], environment: ["SUPD_SOCKET": daemon.path])
        #expect(output.code == 1 && output.output.isEmpty, "\(output)")
        #expect(
            output.error.hasPrefix("supctl: the daemon's reply is not understood: ")
                && output.error.contains(answer.sentence), "\(output.error)")
        let client = try SupdClient(path: daemon.path)
        do throws(ClientError) {
            _ = try await client.status()
            Issue.record("the answer was taken")
        } catch {
            guard case .unreadable = error else { throw Failure("\(error)") }
        }
        #expect(try await client.ping().state.known == .running)
    }
}
