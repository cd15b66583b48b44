import HTTPCalls
import SupdPlugin

/// What `[plugins.notify]` says, checked.
struct NotifySettings: Sendable {
    /// What one may want to hear of.
    enum Topic: String, CaseIterable {
        /// A service is given up.
        case fatal
        /// A drain begins, is over, or was undone.
        case drain
        /// A service's health probe has failed too often, or says yes again.
        case health
    }

    static let options = [
        OptionDeclaration(
            "command", .command, standard: .texts([]),
            "The program to run, and its arguments. Without one nothing is run."),
        OptionDeclaration(
            "webhook", .text, standard: .text(""), "What is called: http:// or https://. Without one nothing is."),
        HTTPHeader.option("Headers for the webhook, as 'Name: value'."),
        OptionDeclaration(
            "on", .texts, standard: .texts(Topic.allCases.map(\.rawValue)),
            "What to tell of: 'fatal', 'drain', 'health'."),
        OptionDeclaration(
            "burst", .integer(1...1000), standard: .integer(10), "How many events at most are told of in an interval."),
        OptionDeclaration(
            "interval", .duration, standard: .duration(.seconds(60)), "The interval. With 0 nothing is left out."),
        OptionDeclaration(
            "timeout", .duration, standard: .duration(.seconds(10)), "How long the program or the call may take."),
        OptionDeclaration(
            "retries", .integer(0...100), standard: .integer(2), "How often it is tried again where it fails."),
        OptionDeclaration(
            "retry_delay", .duration, standard: .duration(.seconds(2)), "How long after a failure."),
    ]

    /// What is called.
    struct Webhook {
        let url: HTTPURL
        let headers: [HTTPHeader]
    }

    let command: [String]
    let webhook: Webhook?
    let topics: Set<Topic>
    let burst: Int
    let interval: Duration
    let timeout: Duration
    let retries: Int
    let retryDelay: Duration

    init(_ options: PluginOptions) throws(OptionError) {
        command = options.texts("command")
        let hasWebhook = !options.word("webhook").isEmpty
        let (url, headers, topics, timeout) = try OptionError.together(
            { () throws(OptionError) in hasWebhook ? try HTTPURL(options, "webhook") : nil },
            { () throws(OptionError) in
                let headers = try HTTPHeader.list(options)
                guard hasWebhook || headers.isEmpty else {
                    throw OptionError(option: "headers", message: "are those of a 'webhook', and there is none")
                }
                return headers
            },
            { () throws(OptionError) in try Self.topics(options) },
            { () throws(OptionError) in
                let timeout = options.duration("timeout")
                guard timeout > .zero else {
                    throw OptionError(
                        option: "timeout", message: "must be longer than 0, or nothing has time to be told")
                }
                return timeout
            })
        webhook = url.map { Webhook(url: $0, headers: headers) }
        self.topics = topics
        self.timeout = timeout
        burst = options.integer("burst")
        interval = options.duration("interval")
        retries = options.integer("retries")
        retryDelay = options.duration("retry_delay")
    }

    private static func topics(_ options: PluginOptions) throws(OptionError) -> Set<Topic> {
        var topics: Set<Topic> = []
        for word in options.texts("on") {
            guard let topic = Topic(rawValue: word) else {
                throw OptionError(option: "on", message: "must be of 'fatal', 'drain' and 'health'; found '\(word)'")
            }
            topics.insert(topic)
        }
        return topics
    }
}
