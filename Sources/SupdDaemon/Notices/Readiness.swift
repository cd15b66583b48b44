import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin

/// What has come true of what makes instances up, and the pipes through which some of them say by a newline that they are ready.
final class Readiness {
    private struct Pipe {
        let channel: Channel
        /// The end that the program gets, until it has it.
        var writing: BoundSocket?
    }

    private unowned let seam: any NoticeSeam
    private let host: any Host
    /// What has come true of the attempt that runs.
    private var met = [InstanceID: ReadyConditions]()
    private var pipes = [InstanceID: Pipe]()

    /// Nothing yet.
    init(_ seam: any NoticeSeam) {
        self.seam = seam
        host = seam.host
    }

    // MARK: What is waited for

    /// Has what is not asked be waited for: a start of this attempt is under way.
    func awaitSignals(of instance: InstanceID) {
        let machine = seam.fleet[instance]
        guard machine.state == .starting else { return }
        host.disarm(TimerKind.ready.token(instance))
        for signal in seam.definition(of: instance).probes?.signals ?? [] {
            switch signal {
            case .notice, .descriptor: break
            case .line(let pattern): seam.logs.await(pattern, of: instance, process: machine.pid ?? 0)
            case .delay(let time):
                host.arm(TimerKind.ready.token(instance), at: machine.startedAt.advanced(by: time))
            }
        }
    }

    /// What is waited for is something else from now on; what has come true of it has.
    func awaitSignalsAnew(of instance: InstanceID) {
        guard seam.fleet[instance].pid != nil, let attempt = seam.processes.running(of: instance)?.attempt else {
            return
        }
        awaitSignals(of: instance)
        meet([], of: instance, attempt: attempt)
    }

    /// One of the conditions of this attempt has come true; the last of them makes it up.
    func meet(_ condition: ReadyConditions, of instance: InstanceID, attempt: UInt64) {
        guard seam.processes.running(of: instance)?.attempt == attempt else { return }
        let all = (met[instance] ?? []).union(condition)
        met[instance] = all
        guard ReadyConditions(of: seam.definition(of: instance).conduct).isSubset(of: all) else { return }
        seam.act { $0.handle(.becameReady(attempt: attempt), of: instance, now: $1, random: $2, into: &$3) }
    }

    /// What an instance that has a program is still waited for, as part of a sentence; nil for nothing.
    func lacking(of instance: InstanceID, _ machine: ServiceMachine) -> String? {
        guard machine.pid != nil, machine.startErrand == nil, !machine.awaitsUptime,
            seam.processes.running(of: instance)?.attempt == machine.attempt
        else { return nil }
        return ReadyConditions(of: seam.definition(of: instance).conduct).subtracting(met[instance] ?? []).lacking
    }

    /// The time that a service is given to become ready is over.
    func delayPassed(_ instance: InstanceID) { meet(.delay, of: instance) }

    /// Lines that were waited for have come.
    func takeFoundLines() {
        for instance in seam.logs.takeFound() { meet(.line, of: instance) }
    }

    private func meet(_ condition: ReadyConditions, of instance: InstanceID) {
        guard let attempt = seam.processes.running(of: instance)?.attempt else { return }
        meet(condition, of: instance, attempt: attempt)
    }

    /// Another attempt begins.
    func forget(_ instance: InstanceID) { met[instance] = nil }

    /// The attempt is over.
    func end(of instance: InstanceID) {
        closeDescriptor(of: instance)
        forget(instance)
    }

    // MARK: Descriptors

    /// There is something on the descriptor on which an instance says that it is ready.
    func read(_ channel: Channel, of instance: InstanceID) {
        let isOver = withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { buffer -> Bool in
            switch host.read(channel, into: buffer) {
            case .bytes(let count):
                guard buffer[..<count].contains(UInt8(ascii: "\n")) else { return false }
                meet(.descriptor, of: instance)
                return true
            case .end, .failed: return true
            case .wouldBlock, .underWay: return false
            }
        }
        if isOver { closeDescriptor(of: instance) }
    }

    /// The descriptor on which a program that is to be started says that it is ready; nil where it says so otherwise.
    func openDescriptor(of instance: InstanceID) throws(SpawnFailure) -> PassedDescriptor? {
        closeDescriptor(of: instance)
        for case .descriptor(let number) in seam.definition(of: instance).probes?.signals ?? [] {
            switch host.openReadyPipe() {
            case .success(let (channel, writing)):
                pipes[instance] = Pipe(channel: channel, writing: writing)
                seam.channels[channel] = .ready(instance)
                return PassedDescriptor(number: number, descriptor: writing)
            case .failure(let error): throw SpawnFailure(stage: .pipe, error: error, subject: "its 'ready'")
            }
        }
        return nil
    }

    /// The program has its end, or never gets it.
    func passedDescriptor(of instance: InstanceID) {
        guard let writing = pipes[instance]?.writing else { return }
        pipes[instance]?.writing = nil
        host.dropWriting(writing)
    }

    private func closeDescriptor(of instance: InstanceID) {
        passedDescriptor(of: instance)
        guard let channel = pipes.removeValue(forKey: instance)?.channel else { return }
        seam.channels[channel] = nil
        host.close(channel)
    }
}
