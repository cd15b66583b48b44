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
        let (method, url, headers, expected) = try OptionError.together(
            { () throws(OptionError) in try HTTPMethod.parse(options) },
            { () throws(OptionError) in try HTTPURL(options, "url") },
            { () throws(OptionError) in try HTTPHeader.list(options) },
            { () throws(OptionError) in try HTTPStatuses(options, "expect") })
        request = HTTPRequest(method, url, headers: headers)
        self.expected = expected
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
