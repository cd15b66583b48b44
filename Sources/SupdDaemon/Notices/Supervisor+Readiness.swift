import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin

/// What has to come true before an instance whose program has begun is up.
struct ReadyConditions: OptionSet {
    let rawValue: UInt8

    /// Its readiness probe has said yes.
    static let probe = ReadyConditions(rawValue: 1)
    /// It has said so itself: `READY=1`.
    static let notice = ReadyConditions(rawValue: 2)
    /// It has written a newline to the descriptor for that.
    static let descriptor = ReadyConditions(rawValue: 4)
    /// It has written a line that fits.
    static let line = ReadyConditions(rawValue: 8)
    /// So much time has passed.
    static let delay = ReadyConditions(rawValue: 16)

    init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Those of a service.
    init(of service: ServiceConfiguration) {
        self = []
        if service.probes?.readiness != nil { insert(.probe) }
        if service.type.notifies { insert(.notice) }
        for signal in service.probes?.signals ?? [] {
            switch signal {
            case .notice: insert(.notice)
            case .descriptor: insert(.descriptor)
            case .line: insert(.line)
            case .delay: insert(.delay)
            }
        }
    }

    /// What is missing, as part of a sentence; of a probe its own answer says more.
    var lacking: String? {
        let parts: [(ReadyConditions, String)] = [
            (.notice, "has not said that it is ready"),
            (.descriptor, "has written no newline to its descriptor for that"),
            (.line, "has written no line that says that it is ready"), (.delay, "its delay is not over"),
        ]
        let texts = parts.filter { contains($0.0) }.map(\.1)
        return texts.isEmpty ? nil : texts.joined(separator: ", ")
    }
}

extension Supervisor {
    /// Has what is not asked be waited for: a start of this attempt is under way.
    func awaitReadiness(of instance: InstanceID) {
        guard fleet[instance].state == .starting else { return }
        host.disarm(TimerKind.ready.token(instance))
        for signal in definition(of: instance).probes?.signals ?? [] {
            switch signal {
            case .notice, .descriptor: break
            case .line(let pattern): logs.await(pattern, of: instance, process: fleet[instance].pid ?? 0)
            case .delay(let time):
                let end = fleet[instance].startedAt.advanced(by: time)
                host.arm(TimerKind.ready.token(instance), at: end)
            }
        }
    }

    /// What is waited for is something else from now on; what has come true of it has.
    func awaitReadinessAnew(of instance: InstanceID) {
        guard fleet[instance].pid != nil, let attempt = processes.running(of: instance)?.attempt else { return }
        awaitReadiness(of: instance)
        meet([], of: instance, attempt: attempt)
    }

    /// The time that a service is given to become ready is over.
    func readyDelayPassed(_ instance: InstanceID) {
        guard let attempt = processes.running(of: instance)?.attempt else { return }
        meet(.delay, of: instance, attempt: attempt)
    }

    /// Lines that were waited for have come.
    func takeFoundLines() {
        for instance in logs.takeFound() {
            guard let attempt = processes.running(of: instance)?.attempt else { continue }
            meet(.line, of: instance, attempt: attempt)
        }
    }

    /// There is something on the descriptor on which an instance says that it is ready.
    func readReadyDescriptor(_ channel: Channel, of instance: InstanceID) {
        let isOver = withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { buffer -> Bool in
            switch host.read(channel, into: buffer) {
            case .bytes(let count):
                guard buffer[..<count].contains(UInt8(ascii: "\n")) else { return false }
                if let attempt = processes.running(of: instance)?.attempt {
                    meet(.descriptor, of: instance, attempt: attempt)
                }
                return true
            case .end, .failed: return true
            case .wouldBlock: return false
            }
        }
        if isOver { closeReadyDescriptor(of: instance) }
    }

    /// The descriptor on which a program that is to be started says that it is ready; nil where it says so otherwise.
    func openReadyDescriptor(of instance: InstanceID) throws(SpawnFailure) -> PassedDescriptor? {
        closeReadyDescriptor(of: instance)
        for case .descriptor(let number) in definition(of: instance).probes?.signals ?? [] {
            switch host.openReadyPipe() {
            case .success(let (channel, writing)):
                notices.ready.add(channel, writing: writing, of: instance)
                channels[channel] = .ready(instance)
                return PassedDescriptor(number: number, descriptor: writing)
            case .failure(let error): throw SpawnFailure(stage: .pipe, error: error, subject: "its 'ready'")
            }
        }
        return nil
    }

    /// The program has its end, or never gets it.
    func passedReadyDescriptor(of instance: InstanceID) {
        if let writing = notices.ready.takeWriting(of: instance) { host.dropWriting(writing) }
    }

    func closeReadyDescriptor(of instance: InstanceID) {
        passedReadyDescriptor(of: instance)
        guard let channel = notices.ready.remove(instance) else { return }
        channels[channel] = nil
        host.close(channel)
    }

    /// One of the conditions of this attempt has come true; the last of them makes it up.
    func meet(_ condition: ReadyConditions, of instance: InstanceID, attempt: UInt64) {
        guard let running = processes.running(of: instance), running.attempt == attempt else { return }
        processes.note(met: running.met.union(condition), of: instance)
        guard ReadyConditions(of: definition(of: instance)).isSubset(of: running.met.union(condition)) else { return }
        act { $0.handle(.becameReady(attempt: attempt), of: instance, now: $1, random: $2, into: &$3) }
    }

    /// What an instance that has a program is still waited for, as part of a sentence; nil for nothing.
    func lackingReadiness(of instance: InstanceID, _ machine: ServiceMachine) -> String? {
        guard machine.pid != nil, machine.startErrand == nil, !machine.awaitsUptime,
            let running = processes.running(of: instance), running.attempt == machine.attempt
        else { return nil }
        return ReadyConditions(of: definition(of: instance)).subtracting(running.met).lacking
    }
}
