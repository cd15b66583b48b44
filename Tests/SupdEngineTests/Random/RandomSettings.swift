import SupdEngine
import SupdPlugin

/// Services of every kind, made once: a sequence takes them as they are.
enum RandomSettings {
    static let all: [ServiceSettings] = {
        var random = SeededRandom(seed: 1)
        return (0..<64).map { place in
            let policies: [any RestartPolicy] = [.always, .onFailure, .onFailure, .no]
            let delays: [Duration] = [.zero, .zero, .milliseconds(10), .seconds(1), .seconds(5)]
            let limits = [
                StartLimit(burst: 0, interval: .zero), StartLimit(burst: 3, interval: .seconds(10)),
                StartLimit(burst: 1, interval: .seconds(1)), StartLimit(burst: 20, interval: .seconds(10)),
            ]
            let steps: [[StopStep]] = [
                ServiceSettings.twoSteps, [StopStep(signal: .term, wait: .seconds(1))], [],
                [StopStep(signal: .kill, wait: .seconds(1))],
            ]
            let isOneshot = place % 3 == 0
            return ServiceSettings(
                type: isOneshot ? .oneshot : .exec, enabled: place % 4 != 0, essential: place % 8 == 1,
                // A oneshot that is always run again never comes to rest.
                restart: isOneshot ? OnFailure() : random.pick(policies),
                backoff: FixedBackoff(delay: random.pick(delays), resetAfter: random.pick([nil, .seconds(2)])),
                startLimit: random.pick(limits), stopSteps: random.pick(steps),
                killMode: random.pick([.controlGroup, .controlGroup, .mixed, .process]),
                timeoutStart: random.pick([.seconds(2), .seconds(90), nil]))
        }
    }()
}
