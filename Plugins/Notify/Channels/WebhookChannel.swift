import HTTPCalls
import SupdPlugin

/// Tells by posting JSON.
struct WebhookChannel: NotifyChannel {
    let name = "webhook"
    let url: HTTPURL
    let headers: [HTTPHeader]
    let timeout: Duration
    let caller: HTTPCaller

    init(_ webhook: NotifySettings.Webhook, timeout: Duration, caller: HTTPCaller) {
        url = webhook.url
        let isTyped = webhook.headers.contains { $0.name.lowercased() == "content-type" }
        headers = webhook.headers + (isTyped ? [] : [HTTPHeader(name: "Content-Type", value: "application/json")])
        self.timeout = timeout
        self.caller = caller
    }

    func tell(_ notification: Notification, suppressed: Int, _ context: PluginContext) async throws {
        let request = HTTPRequest("POST", url, headers: headers, body: notification.json(suppressed: suppressed))
        do {
            let answer = try await caller.call(request, timeout)
            guard !HTTPStatuses.success.contains(answer.status) else { return }
            throw NotifyFailure("\(request): expected \(HTTPStatuses.success), found \(answer)")
        } catch let failure as HTTPCallFailure {
            throw NotifyFailure("\(request): \(failure)")
        }
    }
}
