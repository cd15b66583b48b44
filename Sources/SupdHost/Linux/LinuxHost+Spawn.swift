internal import CSupd
internal import Glibc
public import SupdPlugin

extension LinuxHost {
    /// One end of a pipe for the host, the other for the child.
    private struct Pipe {
        var reading: Int32 = -1
        var writing: Int32 = -1
    }

    /// Starts a program in a process group of its own, and mostly a session, with exactly the descriptors asked for. Returns when
    /// the program has begun (execve(2) has succeeded), or with the step that failed.
    public func spawn(_ request: SpawnRequest) -> Result<SpawnedProcess, SpawnFailure> {
        do {
            return .success(try start(request))
        } catch {
            return .failure(error)
        }
    }

    private func start(_ request: SpawnRequest) throws(SpawnFailure) -> SpawnedProcess {
        try refuseBesideLeftovers(request)
        try arena.fill(request)
        arena.addLimit(descriptorLimit)
        let group = try makeGroup(of: request)
        do throws(SpawnFailure) {
            let process = try start(request, in: group)
            if let group { outOfMemoryBaselines[process.handle] = OutOfMemoryBaseline(group) }
            return process
        } catch {
            // Nothing where another command of the service is in it.
            group?.remove()
            throw error
        }
    }

    private func start(_ request: SpawnRequest, in group: GroupFolder?) throws(SpawnFailure) -> SpawnedProcess {
        let groupDescriptor = try group.map(open) ?? -1
        defer { closeDescriptor(groupDescriptor) }
        let output = request.output == .pipe ? try makePipe() : Pipe()
        var errorOutput = Pipe()
        if request.errorOutput == .pipe {
            do throws(SpawnFailure) {
                errorOutput = try makePipe()
            } catch {
                closeDescriptor(output.reading)
                closeDescriptor(output.writing)
                throw error
            }
        }
        let outcome = run(request, in: groupDescriptor, output: output, errorOutput: errorOutput)
        // The child has its own by now; a writing end kept here would hide the end of its output.
        closeDescriptor(output.writing)
        closeDescriptor(errorOutput.writing)
        let handle: ProcessHandle
        do throws(SpawnFailure) {
            handle = try adopt(outcome, request)
        } catch {
            closeDescriptor(output.reading)
            closeDescriptor(errorOutput.reading)
            throw error
        }
        return SpawnedProcess(
            handle: handle, pid: outcome.pid,
            output: output.reading < 0 ? nil : loop.open(output.reading),
            errorOutput: errorOutput.reading < 0 ? nil : loop.open(errorOutput.reading))
    }

    private func makePipe() throws(SpawnFailure) -> Pipe {
        var pipe = Pipe()
        let result = supd_pipe(&pipe.reading, &pipe.writing)
        guard result == 0 else { throw SpawnFailure(stage: .pipe, error: ErrorNumber(-result), subject: "") }
        return pipe
    }

    /// Puts the pipes into the slots, spawns, and takes them out again.
    private func run(_ request: SpawnRequest, in group: Int32, output: Pipe, errorOutput: Pipe) -> supd_spawn_result {
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
        let wantedGroups = groups(of: request)
        var result = supd_spawn_result()
        arena.withRequest { spawn in
            spawn.input_slot = request.inheritsInput ? STDIN_FILENO : slots.null
            spawn.output_slot = outputSlot
            spawn.error_slot = errorSlot
            spawn.report_slot = slots.report
            spawn.slots_end = slots.end
            spawn.umask = UInt32(request.umask)
            if options.spawnsByFork { spawn.set(SUPD_SPAWN_BY_FORK) }
            if group >= 0 {
                spawn.control_group = group
                spawn.set(SUPD_SPAWN_CONTROL_GROUP)
            }
            if request.staysInSession { spawn.set(SUPD_SPAWN_IN_SESSION) }
            if options.closesOneByOne { spawn.set(SUPD_SPAWN_CLOSE_ONE_BY_ONE) }
            setIdentity(request, in: &spawn)
            setPriorities(request, in: &spawn)
            wantedGroups.withUnsafeBufferPointer { groups in
                spawn.groups = groups.baseAddress
                spawn.group_count = groups.count
                _ = supd_spawn(&spawn, &result)
            }
        }
        if outputSlot == slots.output { _ = supd_duplicate_onto(slots.null, slots.output) }
        if errorSlot == slots.error { _ = supd_duplicate_onto(slots.null, slots.error) }
        return result
    }

    /// Groups that the daemon has itself need no setting, which only a privileged one may do.
    private func groups(of request: SpawnRequest) -> [UInt32] {
        guard let groups = request.groups, Set(groups) != identity.groups else { return [] }
        return groups
    }

    private func setIdentity(_ request: SpawnRequest, in spawn: inout supd_spawn_request) {
        if let uid = request.uid, uid != identity.uid || !identity.uidIsPlain {
            spawn.uid = uid
            spawn.set(SUPD_SPAWN_UID)
        }
        if let gid = request.gid, gid != identity.gid || !identity.gidIsPlain {
            spawn.gid = gid
            spawn.set(SUPD_SPAWN_GID)
        }
        if let groups = request.groups, Set(groups) != identity.groups {
            spawn.set(SUPD_SPAWN_GROUPS)
            // Without privilege nobody gives groups up, so a service of the daemon's own user keeps those it did not ask for.
            let isOwn = spawn.flags & UInt32(SUPD_SPAWN_UID.rawValue | SUPD_SPAWN_GID.rawValue) == 0
            if isOwn, Set(groups).isSubset(of: identity.groups.union([identity.gid])) {
                spawn.set(SUPD_SPAWN_GROUPS_IF_ALLOWED)
            }
        }
        if request.noNewPrivileges { spawn.set(SUPD_SPAWN_NO_NEW_PRIVILEGES) }
    }

    private func setPriorities(_ request: SpawnRequest, in spawn: inout supd_spawn_request) {
        if let nice = request.nice {
            spawn.nice = Int32(clamping: nice)
            spawn.set(SUPD_SPAWN_NICE)
        }
        if let score = request.oomScoreAdjust {
            spawn.oom_score_adjust = Int32(clamping: score)
            spawn.set(SUPD_SPAWN_OOM_SCORE)
        } else if let own = oomScoreAtStart,
            case let score = request.staysInSession ? own : max(own, 0), Self.readNumber(oomScoreFile) != score
        {
            // That the daemon itself is spared (its unit's OOMScoreAdjust=, or choom(1) since) is not meant for its children.
            spawn.oom_score_adjust = score
            spawn.set(SUPD_SPAWN_OOM_SCORE)
            spawn.set(SUPD_SPAWN_OOM_SCORE_IF_ALLOWED)
        }
    }

    /// Takes the new process in, or says what failed.
    private func adopt(_ outcome: supd_spawn_result, _ request: SpawnRequest) throws(SpawnFailure) -> ProcessHandle {
        guard outcome.error == 0 else { throw failure(outcome, request) }
        let handle = processes.insert(pid: outcome.pid, pidfd: outcome.pidfd, mark: arena.mark)
        if request.staysInSession { terminalHolder = handle }
        let watched = loop.watchProcess(outcome.pidfd, handle)
        guard watched == 0 else {
            // A process whose end would never be told (epoll out of memory) is no service.
            _ = supd_pidfd_signal(outcome.pidfd, SIGKILL)
            processes.remove(handle)
            supd_pidfd_collect(outcome.pidfd)
            throw SpawnFailure(stage: .clone, error: ErrorNumber(-watched), subject: "epoll_ctl")
        }
        return handle
    }

    private func failure(_ outcome: supd_spawn_result, _ request: SpawnRequest) -> SpawnFailure {
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
            if outcome.error == ENOENT, let name = request.nameWhereAbsent {
                // A script that is there gives the same error where its interpreter is not.
                subject = request.candidates.first { $0.hasPrefix("/") && access($0, F_OK) == 0 } ?? name
            }
        default: break
        }
        return SpawnFailure(stage: stage, error: ErrorNumber(outcome.error), subject: subject, hint: hint)
    }

    private static let rootCanBeRegained =
        "the service could have become root again, as supd was started with securebits (capabilities(7)) that keep "
        + "capabilities over a change of user: start supd without them"
}

extension supd_spawn_request {
    fileprivate mutating func set(_ flag: supd_spawn_flags) { flags |= UInt32(flag.rawValue) }
}
