extension LinuxHost {
    /// Notes a program that begins for the next daemon, where that would have nothing else to know it by.
    /// `startTime` is of one that the daemon has not started itself: whose child it is by then does not tell.
    func noteLeader(
        _ pid: Int32, startedAt startTime: @autoclosure () -> UInt64? = nil, invocation: @autoclosure () -> String?
    ) {
        guard leadersNote != nil, case .descent = tracking, let invocation = invocation() else { return }
        newLeaders.append(.init(pid: pid, startTime: startTime(), invocation: invocation))
    }

    /// Has those of this turn written.
    func writeLeaders() {
        guard !newLeaders.isEmpty, let leadersNote else { return }
        let new = newLeaders
        newLeaders = []
        files.run(leadersLane) {
            leadersNote.add(new)
        } told: { [unowned self] failure in
            guard leadersFailure != failure else { return }
            leadersFailure = failure
            controlSocketIsDisturbed = true
        }
    }
}
