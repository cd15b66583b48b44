import SupdJSON
import SupdPlugin
import SupdProtocol
import Testing

@Suite struct RequestDecodingTests {
    @Test func theRequestOfTheContractIsRead() {
        let line =
            #"{"jsonrpc":"2.0","id":1,"method":"service.restart","#
            + #""params":{"services":["web@*"],"wait":true,"timeout":30}}"#
        let order = OrderParams(services: ["web@*"], wait: true, timeout: .seconds(30))
        #expect(decode(line).value == Request(id: .integer(1), call: .serviceRestart(order)))
    }

    @Test func aPersonMayLeaveOutAlmostEverything() {
        #expect(decode(#"{"method":"service.status"}"#).value == Request(id: nil, call: .serviceStatus(.init())))
        #expect(decode(#"{"method":"tasks.list","params":null}"#).value?.call == .tasksList)
        #expect(decode(#"{"method":"tasks.list","params":{}}"#).value?.call == .tasksList)
    }

    @Test(arguments: [
        (#""a""#, RequestID.string("a")), ("7", .integer(7)), ("-1", .integer(-1)), ("1.5", .number("1.5")),
        ("null", .null), ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
        ("-0", .number("-0")), ("-0.0", .number("-0.0")), ("1e3", .number("1e3")), ("1.50", .number("1.50")),
        ("18446744073709551615", .number("18446744073709551615")), ("1E+300", .number("1E+300")),
    ])
    func anIDIsKeptAsItCame(_ id: String, expected: RequestID) {
        #expect(decode(#"{"id":\#(id),"method":"supervisor.ping"}"#).value?.id == expected)
        var writer = JSONWriter()
        Reply.write(error: ProtocolError(.busy, ""), to: expected, into: &writer)
        #expect(String(decoding: writer.bytes, as: UTF8.self).contains(#""id":\#(id),"#))
    }

    @Test(arguments: [
        "true", "[]", "{}", "0." + String(repeating: "1", count: ProtocolLimits.requestIDBytes),
    ])
    func anIDThatCannotBeSentBackIsRefused(_ id: String) {
        let rejected = rejection(#"{"id":\#(id),"method":"supervisor.ping"}"#)
        #expect(rejected?.error.kind == .invalidRequest)
        #expect(rejected?.isNotification == false)
    }

    @Test func anIDHasALimit() {
        let longest = String(repeating: "i", count: ProtocolLimits.requestIDBytes)
        #expect(decode(#"{"id":"\#(longest)","method":"supervisor.ping"}"#).value != nil)
        #expect(rejection(#"{"id":"\#(longest)i","method":"supervisor.ping"}"#)?.error.kind == .invalidRequest)
    }

    @Test func unknownMembersBesideTheKnownArePassedOver() {
        #expect(decode(#"{"id":1,"method":"supervisor.ping","trace":{"x":[1]}}"#).value?.call == .supervisorPing)
    }

    /// Also one that the protocol does not know, and however it is written.
    @Test(arguments: ["id", "method", "params", "jsonrpc", "trace", "éa"])
    func noMemberIsThereTwice(_ name: String) {
        let first = String(name.unicodeScalars.first?.value ?? 0, radix: 16)
        let escaped = "\\u" + String(repeating: "0", count: 4 - first.count) + first + name.dropFirst()
        let error = rejection(#"{"\#(name)":"2.0","x":1,"\#(escaped)":"2.0"}"#)?.error
        #expect(error?.kind == .parseError)
        #expect(error?.message.contains("the key \"\(name)\" is there twice") == true)
    }

    @Test(arguments: [
        ("", ProtocolErrorKind.parseError), ("{", .parseError), ("nonsense", .parseError), ("{}x", .parseError),
        (#"{"method":"supervisor.ping","method":"supervisor.drain"}"#, .parseError),
        ("[]", .invalidRequest), (#"[{"method":"supervisor.ping"}]"#, .invalidRequest), ("1", .invalidRequest),
        ("{}", .invalidRequest), (#"{"method":1}"#, .invalidRequest),
        (#"{"jsonrpc":"1.0","method":"supervisor.ping"}"#, .invalidRequest),
        (#"{"jsonrpc":2,"method":"supervisor.ping"}"#, .invalidRequest),
        (#"{"method":"supervisor.pin"}"#, .noSuchMethod),
        (#"{"method":"supervisor.ping","params":[]}"#, .invalidParams),
        (#"{"method":"supervisor.ping","params":{"x":1}}"#, .invalidParams),
    ])
    func nonsenseIsRefusedAsWhatItIs(_ line: String, kind: ProtocolErrorKind) {
        #expect(rejection(line)?.error.kind == kind)
    }

    @Test(arguments: [
        #"{"id":9,"method":"supervisor.pin"}"#, #"{"id":9}"#, #"{"id":9,"method":7}"#, #"{"id":9,"jsonrpc":"3"}"#,
        #"{"id":9,"method":"service.stop"}"#, #"{"id":9,"method":"service.stop","params":{"services":"web"}}"#,
    ])
    func anErrorKeepsTheID(_ line: String) {
        #expect(rejection(line)?.id == .integer(9))
    }

    @Test func aNotificationWithWrongParamsIsKnownAsOne() {
        #expect(rejection(#"{"method":"service.stop"}"#)?.isNotification == true)
        #expect(rejection(#"{"id":1,"method":"service.stop"}"#)?.isNotification == false)
        #expect(rejection(#"{"id":null,"method":"service.stop"}"#)?.isNotification == false)
        #expect(rejection("{")?.isNotification == false)
    }

    @Test func aBatchIsRefusedWithWhatToDoInstead() {
        #expect(rejection("[]")?.error.message.contains("one request a line") == true)
    }

    @Test func aNearMissOfAMethodIsSuggested() {
        #expect(rejection(#"{"method":"service.strat"}"#)?.error.suggestion == "service.start")
        #expect(rejection(#"{"method":"service\u002estrat"}"#)?.error.suggestion == "service.start")
    }

    @Test func nestingAndLengthHaveLimits() {
        // The request's own object is the first level.
        func nested(_ depth: Int) -> String {
            let open = String(repeating: "[", count: depth - 1)
            let close = String(repeating: "]", count: depth - 1)
            return #"{"id":1,"method":"supervisor.ping","x":\#(open)\#(close)}"#
        }
        #expect(decode(nested(ProtocolLimits.requestDepth)).value != nil)
        #expect(rejection(nested(ProtocolLimits.requestDepth + 1))?.error.kind == .parseError)
        #expect(rejection(nested(100_000))?.error.kind == .parseError)

        let frame = #"{"method":"supervisor.ping","x":""}"#
        let longest = String(repeating: "x", count: ProtocolLimits.requestBytes - frame.utf8.count)
        #expect(decode(#"{"method":"supervisor.ping","x":"\#(longest)"}"#).value != nil)
        #expect(rejection(#"{"method":"supervisor.ping","x":"\#(longest)x"}"#)?.error.kind == .parseError)
    }

    @Test func bytesThatAreNoUTF8AreRefused() {
        let line = Array(#"{"method":""#.utf8) + [0xFF, 0xFE] + Array(#""}"#.utf8)
        guard case .failure(let rejected) = Request.decode(line) else {
            Issue.record("the line was taken")
            return
        }
        #expect(rejected.error.kind == .parseError)
    }
}
