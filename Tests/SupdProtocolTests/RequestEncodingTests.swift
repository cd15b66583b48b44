import SupdJSON
import SupdPlugin
import SupdProtocol
import Testing

@Suite struct RequestEncodingTests {
    static let calls: [Request.Call] = [
        .supervisorStatus, .supervisorPing, .supervisorVersion, .supervisorResume, .tasksList, .pluginsList,
        .supervisorDrain(DrainParams(wait: true)), .supervisorDrain(DrainParams(timeout: .seconds(9))),
        .supervisorShutdown(DrainParams(wait: true, timeout: .milliseconds(2500))),
        .supervisorShutdown(DrainParams(now: true)),
        .serviceStatus(ServiceSelection()), .serviceStatus(ServiceSelection(services: ["web", "tag:front"])),
        .serviceStart(OrderParams(services: ["web@*"], wait: true, timeout: .seconds(30))),
        .serviceStop(OrderParams(services: ["a", "b"])), .serviceRestart(OrderParams(services: ["a\"\n"])),
        .serviceReload(OrderParams(services: ["web"], wait: true)), .serviceTree(TreeParams()),
        .serviceWhy(WhyParams(services: ["web", "tag:front"])),
        .serviceWhy(WhyParams(services: ["web"], changes: 0, atMost: 8)),
        .serviceTree(TreeParams(services: ["web@2"], atMost: 1)),
        .serviceDefinition(ServiceSelection(services: ["web"])), .serviceDependencies(DependencyParams()),
        .serviceDependencies(DependencyParams(services: ["web"], direction: .needs)),
        .serviceDependencies(DependencyParams(direction: .neededBy)), .serviceTiming(ServiceSelection()),
        .serviceTiming(ServiceSelection(services: ["web"])),
        .serviceScale(ScaleParams(service: "web", instances: 3, wait: true, timeout: .seconds(9))),
        .serviceSignal(SignalParams(services: ["a"], signal: .usr1)),
        .serviceResetFailed(ServiceSelection(services: ["*"])), .logsRead(LogsParams(services: ["a"], lines: 3)),
        .logsRead(LogsParams(services: ["a"], before: 12)), .eventsSubscribe(EventParams(kinds: EventKind.allCases)),
        .logsFollow(FollowParams(services: ["a"], lines: 0)),
        .logsFollow(FollowParams(services: ["a"], since: 1 << 50)),
        .logsFollow(FollowParams(services: ["*", "tag:b"])),
        .eventsSubscribe(EventParams()),
        .eventsSubscribe(EventParams(services: ["web"], kinds: [.state, .order], since: 12)),
        .eventsSubscribe(EventParams(since: 12, last: 0)), .eventsSubscribe(EventParams(last: 2048)),
        .supervisorResume, .pluginsList, .plugin(PluginCall(method: "plugin.lb.state")),
        .configPlan, .configReload(ReloadParams()),
        .configReload(ReloadParams(expect: "3f2a", deferred: true, wait: false)),
        .configReload(ReloadParams(timeout: .milliseconds(1500))),
        .logsReopen(ServiceSelection()), .logsReopen(ServiceSelection(services: ["web@2"])),
        .plugin(
            PluginCall(method: "plugin.lb.set", params: (["weight": 0.5] as JSONValue).objectValue ?? JSONObject())),
    ]

    @Test(arguments: calls)
    func whatAClientWritesTheDaemonReads(_ call: Request.Call) {
        let request = Request(id: .integer(3), call: call)
        var writer = JSONWriter()
        request.encode(into: &writer)
        #expect(writer.bytes.last == 0x0A)
        #expect(!writer.bytes.dropLast().contains(0x0A))
        #expect(Request.decode(writer.bytes.dropLast()).value == request)
    }

    @Test func everyMethodIsTried() {
        #expect(Set(Self.calls.compactMap(\.method)) == Set(Method.allCases))
    }
}
