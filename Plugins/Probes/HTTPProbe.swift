import HTTPCalls
import SupdPlugin

/// `http`: makes a request; an answer with one of the expected statuses is yes.
struct HTTPProbe: Probe {
    static let options = [
        OptionDeclaration("url", .text, standard: nil, "What is asked: http:// or https://."),
        OptionDeclaration("method", .text, standard: .text("GET"), "The method of the request."),
        HTTPHeader.option("Headers of the request, as 'Name: value'."),
        OptionDeclaration(
            "expect", .texts, standard: .texts(["2xx", "3xx"]), "The statuses that mean yes."),
    ]

    /// The probe's own `timeout` cancels a request long before this.
    private static let longest: Duration = .seconds(86_400)

    let request: HTTPRequest
    let expected: HTTPStatuses
    let caller: HTTPCaller

    /// The probe of checked options. Throws where they are wrong, and where there is no caller.
    init(_ options: PluginOptions, caller: HTTPCaller?) throws(OptionError) {
        guard let caller else { throw OptionError(option: "url", message: HTTPCaller.absence) }
        self.caller = caller
        request = HTTPRequest(
            try HTTPMethod.parse(options), try HTTPURL(options, "url"), headers: try HTTPHeader.list(options))
        expected = try HTTPStatuses(options, "expect")
    }

    func probe(_ context: ProbeContext) async throws {
        let answer: HTTPAnswer
        do {
            answer = try await caller.call(request, Self.longest)
        } catch let failure as HTTPCallFailure {
            throw ProbeFailure("\(request): \(failure)")
        }
        guard expected.contains(answer.status) else {
            throw ProbeFailure("\(request): expected \(expected), found \(answer)")
        }
    }
}
