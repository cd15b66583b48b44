internal import CSupd
internal import Glibc
internal import SupdPlugin

/// One child from its clone to its execve(2), and what is held for it until then.
final class ChildSpawn {
    /// One end of a pipe for the host, the other for the child.
    struct Pipe {
        var reading: Int32 = -1
        var writing: Int32 = -1

        /// Closes what is still open of it.
        mutating func close() {
            closeDescriptor(reading)
            closeDescriptor(writing)
            self = Pipe()
        }
    }

    let request: SpawnRequest
    let place: SpawnPlace
    let group: GroupFolder?
    /// What was asked for, where the group had processes before: it is begun again in another where the kernel refuses it that one.
    let again: SpawnRequest?
    let outOfMemoryBaseline: OutOfMemoryBaseline?
    private(set) var output = Pipe()
    private(set) var errorOutput = Pipe()
    /// It was taken back: SIGKILL has been sent.
    private(set) var isTakenBack = false
    /// Until when the end of a child that has failed is waited for.
    private var endDeadline: MonotonicInstant?

    /// How long that is: whom a tracer holds ends when the tracer wants.
    private static let endLimit = Duration.seconds(1)

    /// Takes pipes for the outputs that the request wants, and the streams that are open. `owner` gets them where the child runs as another user than the daemon.
    init(
        _ request: SpawnRequest, at place: SpawnPlace, group: GroupFolder?, again: SpawnRequest?,
        owner: (uid: UInt32, gid: UInt32)?, streams: inout JournalStreams
    ) throws(SpawnFailure) {
        self.request = request
        self.place = place
        self.group = group
        self.again = again
        // What was killed before it begins is not its own.
        outOfMemoryBaseline = group.flatMap(OutOfMemoryBaseline.init)
        do throws(SpawnFailure) {
            if request.output == .pipe { output = try Self.makePipe(owner) }
            if request.errorOutput == .pipe { errorOutput = try Self.makePipe(owner) }
        } catch {
            output.close()
            throw error
        }
        let taken = streams.take()
        if taken.output >= 0 { output.writing = taken.output }
        if taken.error >= 0 { errorOutput.writing = taken.error }
    }

    private static func makePipe(_ owner: (uid: UInt32, gid: UInt32)?) throws(SpawnFailure) -> Pipe {
        var pipe = Pipe()
        let result = supd_pipe(&pipe.reading, &pipe.writing)
        guard result == 0 else { throw SpawnFailure(stage: .pipe, error: ErrorNumber(-result), subject: "") }
        // /dev/stdout is opened like any other file (proc(5), /proc/PID/fd): by its owner. Where it may not be given away, the child
        // has what it inherits.
        if let owner { _ = fchown(pipe.writing, owner.uid, owner.gid) }
        return pipe
    }

    /// What is to be begun again in a group of its own, where the child was killed at its birth: somebody has killed all in its group
    /// before, and the kernel goes by that (`ControlGroups.makeLeaf`).
    var refusedByGroup: SpawnRequest? {
        place.spawn.pointee.has_run == 0 && !isTakenBack ? again : nil
    }

    var pid: Int32 { place.spawn.pointee.pid }

    /// Makes the child. Throws where there is none.
    func begin(_ settings: SpawnSettings, in groupDescriptor: Int32) throws(SpawnFailure) {
        let slots = place.slots
        var outputSlot = request.output == .inherited ? STDOUT_FILENO : slots.null
        var errorSlot = request.errorOutput == .inherited ? STDERR_FILENO : slots.null
        if output.writing >= 0 {
            _ = supd_duplicate_onto(output.writing, slots.output)
            outputSlot = slots.output
        }
        if errorOutput.writing >= 0 {
            _ = supd_duplicate_onto(errorOutput.writing, slots.error)
            errorSlot = slots.error
        } else if request.errorOutput == .sameAsOutput {
            errorSlot = outputSlot
        }
        let spawn = place.arena.makeRequest(settings.request)
        spawn.pointee.input_slot = request.inheritsInput ? STDIN_FILENO : slots.null
        spawn.pointee.output_slot = outputSlot
        spawn.pointee.error_slot = errorSlot
        spawn.pointee.report_slot = slots.report
        spawn.pointee.slots_end = slots.end
        spawn.pointee.stack = place.stack
        if groupDescriptor >= 0 {
            spawn.pointee.control_group = groupDescriptor
            spawn.pointee.set(SUPD_SPAWN_CONTROL_GROUP)
        }
        guard supd_spawn_begin(place.spawn, spawn) < 0 else { return }
        let error = failure()
        end()
        output.close()
        errorOutput.close()
        throw error
    }

    /// Whether the child has begun its program, or has failed and ended; waits for that, no longer than `bound`.
    func isBack(within bound: Duration, now: MonotonicInstant) -> Bool {
        let nanoseconds = max(0, bound.clampedNanoseconds)
        guard supd_spawn_await(place.spawn, nanoseconds) == 1 else { return false }
        guard place.spawn.pointee.error != 0 || isTakenBack || refusedByGroup != nil else { return true }
        // One that has said why it failed, or was killed at its birth, is in its group, and the child of the daemon, until it has ended.
        let deadline = endDeadline ?? now.advanced(by: Self.endLimit)
        endDeadline = deadline
        var entry = pollfd(fd: place.spawn.pointee.pidfd, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, Int32(clamping: nanoseconds / 1_000_000)) > 0 || deadline <= now
    }

    /// Has the child end where it is. Not by the service's own signal, which it would take as every program does that does nothing
    /// about it: before Linux 5.16 one that dumps core takes all with it that share its memory.
    func takeBack() {
        isTakenBack = true
        _ = supd_pidfd_signal(place.spawn.pointee.pidfd, SIGKILL)
    }

    /// What it came to, once it is back; the place is free then.
    func result() -> Result<(pid: Int32, pidfd: Int32), SpawnFailure> {
        let spawn = place.spawn.pointee
        // Before it is collected: afterwards it is nobody.
        let isOver = spawn.error != 0 || refusedByGroup != nil
        let hasBegun = !isOver && !(isTakenBack && supd_has_executed(spawn.pid) == 0)
        end()
        guard hasBegun else {
            let error = spawn.error == 0 ? progress.failure : failure()
            // Whom a tracer holds is reaped as an orphan once it lets go.
            supd_pidfd_collect(spawn.pidfd, 5)
            output.close()
            errorOutput.close()
            return .failure(error)
        }
        return .success((spawn.pid, spawn.pidfd))
    }

    /// The child has its own by now; a writing end kept here would hide the end of its output.
    private func end() {
        if output.writing >= 0 { _ = supd_duplicate_onto(place.slots.null, place.slots.output) }
        if errorOutput.writing >= 0 { _ = supd_duplicate_onto(place.slots.null, place.slots.error) }
        closeDescriptor(output.writing)
        closeDescriptor(errorOutput.writing)
        output.writing = -1
        errorOutput.writing = -1
    }

    var progress: SpawnProgress {
        let spawn = place.spawn.pointee
        let isInFolder = spawn.step == Int32(SUPD_STAGE_WORKING_DIRECTORY.rawValue)
        let candidate = Int(spawn.step_detail)
        return SpawnProgress(
            stage: isInFolder ? .workingDirectory : .exec,
            subject: isInFolder
                ? request.workingDirectory
                : request.candidates.indices.contains(candidate)
                    ? request.candidates[candidate] : request.arguments.first ?? "",
            pid: pid)
    }

    private static let rootCanBeRegained =
        "the service could have become root again, as supd was started with securebits (capabilities(7)) that keep "
        + "capabilities over a change of user: start supd without them"

    private func failure() -> SpawnFailure {
        let outcome = place.spawn.pointee
        let detail = Int(outcome.detail)
        var stage = SpawnFailure.Stage.clone
        var subject = ""
        var hint = ""
        switch supd_spawn_stage(UInt32(outcome.stage)) {
        case SUPD_STAGE_PIPE: stage = .pipe
        case SUPD_STAGE_CONTROL_GROUP: (stage, subject) = (.controlGroup, request.group?.name ?? "")
        case SUPD_STAGE_SIGNALS: stage = .signals
        case SUPD_STAGE_SESSION: stage = .session
        case SUPD_STAGE_LIMITS:
            stage = .limits
            // Behind those of the request is the daemon's own.
            subject = detail < request.limits.count ? request.limits[detail].name : "nofile"
        case SUPD_STAGE_NICE: (stage, subject) = (.nice, request.nice.map(String.init) ?? "")
        case SUPD_STAGE_OOM_SCORE_ADJUST:
            (stage, subject) = (.oomScoreAdjust, request.oomScoreAdjust.map(String.init) ?? "")
        case SUPD_STAGE_GROUPS: (stage, subject) = (.groups, request.groups.map { "\($0)" } ?? "")
        case SUPD_STAGE_GROUP: (stage, subject) = (.group, request.gid.map(String.init) ?? "")
        case SUPD_STAGE_USER:
            (stage, subject) = (.user, request.uid.map(String.init) ?? "")
            if detail != 0 { hint = Self.rootCanBeRegained }
        case SUPD_STAGE_NO_NEW_PRIVILEGES: stage = .noNewPrivileges
        case SUPD_STAGE_UMASK: stage = .umask
        case SUPD_STAGE_WORKING_DIRECTORY: (stage, subject) = (.workingDirectory, request.workingDirectory)
        case SUPD_STAGE_DESCRIPTORS: stage = .descriptors
        case SUPD_STAGE_EXEC:
            stage = .exec
            subject = detail < request.candidates.count ? request.candidates[detail] : request.arguments.first ?? ""
        default: break
        }
        return SpawnFailure(stage: stage, error: ErrorNumber(outcome.error), subject: subject, hint: hint)
    }

    /// At which candidate execve(2) has failed; nil where it has not.
    var failedCandidate: Int? {
        let outcome = place.spawn.pointee
        return outcome.error != 0 && outcome.stage == Int32(SUPD_STAGE_EXEC.rawValue) ? Int(outcome.detail) : nil
    }
}

extension supd_spawn_request {
    mutating func set(_ flag: supd_spawn_flags) { flags |= UInt32(flag.rawValue) }
}
