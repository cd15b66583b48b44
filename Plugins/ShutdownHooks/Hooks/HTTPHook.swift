import HTTPCalls
import PluginNetwork
import SupdPlugin

/// `http`: calls an endpoint, and where there is a second URL asks that one until it says that all is done.
struct HTTPHook: ShutdownHook {
    static let options = [
        OptionDeclaration("url", .text, standard: nil, "What is called: http:// or https://."),
        OptionDeclaration("method", .text, standard: .text("POST"), "The method of the call."),
        HTTPHeader.option("Headers of all requests, as 'Name: value'."),
        OptionDeclaration("body", .text, standard: .text(""), "The body of the call."),
        OptionDeclaration("expect", .texts, standard: .texts(["2xx"]), "The statuses that mean success."),
        OptionDeclaration("timeout", .duration, standard: .duration(.seconds(5)), "How long a request may take."),
        OptionDeclaration(
            "retries", .integer(0...100), standard: .integer(2), "How often the call is made again without an answer."),
        OptionDeclaration("until_url", .text, standard: .text(""), "What is then asked, by GET, until it is done."),
        OptionDeclaration(
            "until_status", .texts, standard: .texts(["2xx"]), "The statuses of 'until_url' that mean done."),
        OptionDeclaration(
            "interval", .duration, standard: .duration(.seconds(1)), "The time between two requests, at least 10ms."),
    ]

    /// A request, and which answers are right.
    struct Question {
        let request: HTTPRequest
        let expected: HTTPStatuses
    }

    let call: Question
    /// What is asked until its answer is right.
    let poll: Question?
    let retries: Int
    let timeout: Duration
    let interval: PollInterval
    let caller: HTTPCaller
    let pause: Pause

    /// The hook of checked options. Throws where they are wrong, and where there is no caller.
    init(_ options: PluginOptions, caller: HTTPCaller?, pause: Pause) throws(OptionError) {
        guard let caller else { throw OptionError(option: "url", message: HTTPCaller.absence) }
        self.caller = caller
        self.pause = pause
        let timeout = options.duration("timeout")
        let polls = !options.word("until_url").isEmpty
        let (method, url, headers, expected, pollURL, pollStatus, interval, _) = try OptionError.together(
            { () throws(OptionError) in try HTTPMethod.parse(options) },
            { () throws(OptionError) in try HTTPURL(options, "url") },
            { () throws(OptionError) in try HTTPHeader.list(options) },
            { () throws(OptionError) in try HTTPStatuses(options, "expect") },
            { () throws(OptionError) in polls ? try HTTPURL(options, "until_url") : nil },
            { () throws(OptionError) in try HTTPStatuses(options, "until_status") },
            { () throws(OptionError) in try PollInterval(options) },
            { () throws(OptionError) in
                guard timeout > .zero else {
                    throw OptionError(
                        option: "timeout", message: "must be longer than 0, or no request has time for an answer")
                }
            })
        call = Question(
            request: HTTPRequest(method, url, headers: headers, body: Array(options.word("body").utf8)),
            expected: expected)
        poll = pollURL.map { Question(request: HTTPRequest("GET", $0, headers: headers), expected: pollStatus) }
        retries = options.integer("retries")
        self.timeout = timeout
        self.interval = interval
    }

    func run(_ context: HookContext) async throws {
        // An answer that is wrong is the endpoint's last word on the call; of the other it is only one for now.
        try await ask(call, context) { attempt, isAnswered in !isAnswered && attempt <= retries }
        if let poll { try await ask(poll, context) { _, _ in true } }
    }

    /// Asks until the answer is right, or `again`, told how often it was asked and whether there was an answer, says that
    /// it is of no use.
    private func ask(
        _ question: Question, _ context: HookContext, again: (_ attempt: Int, _ isAnswered: Bool) -> Bool
    ) async throws {
        var problem = "\(question.request): no answer yet"
        for attempt in 1... {
            var isAnswered = false
            do {
                let answer = try await caller.call(question.request, timeout)
                guard !question.expected.contains(answer.status) else { return }
                isAnswered = true
                problem = "\(question.request): expected \(question.expected), found \(answer)"
            } catch let failure as HTTPCallFailure {
                problem = "\(question.request): \(failure)"
            } catch is CancellationError {
                throw outOfTime(problem)
            }
            guard again(attempt, isAnswered) else { throw HookFailure(problem) }
            context.logger.debug("\(problem)")
            do { try await pause.wait(interval.duration) } catch { throw outOfTime(problem) }
        }
    }

    /// What the report says of a hook that was cancelled.
    private func outOfTime(_ problem: String) -> HookFailure {
        HookFailure("\(problem); there was no more time")
    }
}
