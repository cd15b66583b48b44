import SupdHost
import SupdPlugin

/// Looks once a second at the sinks that hold services up: one that takes nothing for long is told of, once, and in a drain it holds up
/// nobody any more, so that services that wait in write(2) can go down in order. It never looks where nobody waits.
final class StallWatch {
    /// How often it looks.
    static let pace: Duration = .seconds(1)
    /// For how many looks a sink has to stand still before it is told of.
    static let looksUntilTold = 10

    /// Whether services are on their way down.
    var isDraining = false

    private let host: any HostClock & HostTimers
    private let log: DaemonLog
    private let timer: TimerToken
    private var flows: [FlowControl] = []

    /// One that tells `log`; `timer` is a token nobody else arms, and `look` is to be called when it fires.
    init(host: any HostClock & HostTimers, log: DaemonLog, timer: TimerToken) {
        self.host = host
        self.log = log
        self.timer = timer
    }

    /// A pump waits for `flow`.
    func add(_ flow: FlowControl) {
        guard !flows.contains(where: { $0 === flow }) else { return }
        if flows.isEmpty { armTimer() }
        flows.append(flow)
    }

    /// The timer has fired.
    func look() {
        // Who waited has another sink by now.
        flows.removeAll { $0.holdsUp && !$0.isAwaited }
        for flow in flows {
            guard flow.takeStall() else {
                if flow.stalledLooks >= Self.looksUntilTold {
                    log.notice("\(flow.title) takes lines again", kind: .sinkWorks)
                }
                flow.stalledLooks = 0
                continue
            }
            flow.stalledLooks += 1
            if flow.stalledLooks == Self.looksUntilTold {
                log.warning("\(flow.title) takes nothing: services that write to it wait", kind: .sinkStalled)
            }
            if isDraining { flow.giveUp() }
        }
        flows.removeAll { !$0.holdsUp }
        if !flows.isEmpty { armTimer() }
    }

    private func armTimer() { host.arm(timer, at: host.now.advanced(by: Self.pace)) }
}
