import ProtocolSchema
import SupdJSON
import SupdProtocol
import Testing

/// What is written is what contrib/protocol/supd.schema.json says, and the other way round.
@Suite struct SchemaTests {
    private func line(_ write: (inout JSONWriter) -> Void) throws -> JSONValue {
        var writer = JSONWriter()
        write(&writer)
        return try JSONValue(parsing: writer.bytes, limits: .document)
    }

    private func request(_ call: Request.Call) throws -> JSONValue {
        try line { Request(id: .integer(3), call: call).encode(into: &$0) }
    }

    @Test(arguments: RequestEncodingTests.calls)
    func everyRequestIsWhatTheSchemaSays(_ call: Request.Call) throws {
        let request = try request(call)
        #expect(try ProtocolSchema.current().problems(request, as: "request") == [])
        #expect(try ProtocolSchema.current().problems(request, as: "") == [])
    }

    @Test(arguments: Method.allCases) func everyResultIsWhatTheSchemaSays(_ method: Method) throws {
        for result in Samples.results(of: method) {
            let problems = try ProtocolSchema.current().problems(json(text(result)), as: "\(method.rawValue).result")
            #expect(problems == [], "\(text(result))")
        }
    }

    @Test(arguments: Samples.notices) func everyNoticeIsWhatTheSchemaSays(_ notice: Notice) throws {
        let notice = try line { notice.write(into: &$0) }
        #expect(try ProtocolSchema.current().problems(notice, as: "notification") == [])
        #expect(try ProtocolSchema.current().problems(notice, as: "") == [])
    }

    @Test(arguments: Samples.errors) func everyErrorIsWhatTheSchemaSays(_ error: ProtocolError) throws {
        for id in [RequestID.integer(1), .string("a"), .number("0.5"), nil] {
            let reply = try line { Reply.write(error: error, to: id, into: &$0) }
            #expect(try ProtocolSchema.current().problems(reply, as: "reply") == [])
            #expect(try ProtocolSchema.current().problems(reply, as: "") == [])
        }
    }

    /// A member or a word that was taken out of the code is taken out of the schema, too.
    @Test func theSchemaHasNothingThatIsNotWritten() throws {
        let schema = try ProtocolSchema.current()
        var met: Set<String> = []
        func meet(_ value: JSONValue, _ name: String) { _ = schema.problems(value, as: name, met: &met) }
        for call in RequestEncodingTests.calls { meet(try request(call), "request") }
        for method in Method.allCases {
            for result in Samples.results(of: method) {
                meet(try json(text(result)), "\(method.rawValue).result")
                meet(try line { Reply.write(result, to: .integer(1), into: &$0) }, "reply")
            }
        }
        for notice in Samples.notices { meet(try line { notice.write(into: &$0) }, "notification") }
        for error in Samples.errors { meet(try line { Reply.write(error: error, to: nil, into: &$0) }, "reply") }
        #expect(schema.places.subtracting(met).sorted() == [])
    }

    @Test func theSchemaHasEveryMethodAndNoOther() throws {
        let names = try ProtocolSchema.current().names
        let methods = Set(Method.allCases.map(\.rawValue))
        #expect(Set(names.filter { $0.hasSuffix(".params") }) == Set(methods.map { "\($0).params" }))
        #expect(Set(names.filter { $0.hasSuffix(".result") }) == Set(methods.map { "\($0).result" }))
    }

    @Test(arguments: [
        (#"{"method":"supervisor.ping","id":1,"why":2}"#, "has 'why', which the schema does not have"),
        (#"{"id":1}"#, "has no 'method'"),
        (#"{"method":"service.stop","id":1}"#, "has no 'params'"),
        (
            #"{"method":"service.stop","params":{"services":[]}}"#,
            ".params.services: has 0 elements, which is out of bounds"
        ),
        (#"{"method":"service.stop","params":{"services":["a",3]}}"#, ".params.services[1]: is a number, not string"),
        (
            #"{"method":"service.stop","params":{"services":["a"],"timeout":-1}}"#,
            ".params.timeout: -1 is out of bounds"
        ),
        (#"{"method":"supervisor.ping","jsonrpc":"1.0"}"#, #".jsonrpc: is "1.0", not one of ["2.0"]"#),
    ]) func whatIsWrongIsSaidWithItsPlace(_ request: String, _ problem: String) throws {
        let problems = try ProtocolSchema.current().problems(ofText: request, as: "request")
        #expect(problems.contains(problem), "\(problems)")
    }

    @Test func aTimeThatIsNoneIsSeen() throws {
        let text = text(ServiceList(services: [Samples.status()])).replacing("2024-02-29T", with: "2024-02-29 ")
        let problems = try ProtocolSchema.current().problems(ofText: text, as: "service.status.result")
        #expect(problems.contains { $0.hasPrefix(".services[0].since: '2024-02-29 ") }, "\(problems)")
    }

    @Test(arguments: [
        #"{"$defs":{"a":{"maxProperties":3}}}"#, #"{"$defs":{"a":{"additionalProperties":{}}}}"#, #"{"$defs":{"a":7}}"#,
        #"{"$defs":{"a":{"properties":{"b":{"format":"date"}}}}}"#,
    ]) func aSchemaThatIsNotUnderstoodIsRefused(_ text: String) throws {
        let schema = try json(text)
        #expect(throws: (any Error).self) { try ProtocolSchema(schema) }
    }

    /// The acceptance tests' clients look at all that they hear with it.
    @Test func aConversationIsHeldToTheSchemaOfItsMethods() {
        var conversation = Conversation()
        conversation.send(Array(#"{"id":1,"method":"supervisor.ping"}"#.utf8))
        conversation.send(Array("\n{\"id\":2,\"method\":\"logs.reopen\"}\nnonsense\n".utf8))
        func problems(_ line: String) -> [String] { conversation.problems(ofLine: Array(line.utf8)) }
        #expect(problems(#"{"jsonrpc":"2.0","id":1,"result":{"state":"RUNNING"}}"#) == [])
        #expect(problems(#"{"jsonrpc":"2.0","id":2,"result":{"files":3}}"#) == [])
        #expect(problems(#"{"jsonrpc":"2.0","method":"event","params":{"sequence":1,"gap":2}}"#) == [])
        #expect(
            problems(#"{"jsonrpc":"2.0","id":2,"result":{"state":"RUNNING"}}"#)
                == [
                    "the result of logs.reopen: has no 'files'",
                    "the result of logs.reopen: has 'state', which the schema does not have",
                ])
        #expect(problems(#"{"jsonrpc":"2.0","id":3,"result":{}}"#) == ["it answers id 3, which nothing was asked by"])
        #expect(!problems(#"{"jsonrpc":"2.0","method":"event","params":{"sequence":1,"gap":0}}"#).isEmpty)
        #expect(!problems(#"{"jsonrpc":"2.0","id":2,"result":{"files":3}"#).isEmpty)
    }
}
