import Glibc
import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin

extension SpawnRequest {
    /// The start of `command` for one instance of `service`, its program or another command of it, with the contents of its files and
    /// its variables replaced now; `warn` is told of what cannot be taken of those files. `key` is what the configuration calls the
    /// command; `notices` is its notification socket, where it has one.
    init(
        service: ServiceConfiguration, instance: InstanceName, command: [String], _ key: String,
        notices: String? = nil, environment extra: CommandEnvironment? = nil, invocation: String,
        host: any HostOwnProcess,
        files: SpawnOrder.Contents = [:], warn: (String) -> Void = { _ in }
    ) throws(SpawnFailure) {
        // Taken once: it is large, and each look from outside its module copies it.
        let conduct = service.conduct
        var environment: ProcessEnvironment
        let arguments: [String]
        let directory: String
        do throws(EnvironmentFault) {
            environment = try buildEnvironment(
                for: service, instance: instance, inherited: { host.environment },
                readFile: { files[$0] ?? .failure(FileProblem(ErrorNumber(ENOENT))) }, warn: warn)
        } catch {
            throw SpawnFailure(
                stage: .environment, error: error.errorNumber, subject: error.subject, problem: error.problem)
        }
        environment[.invocationID] = Self.invocationID(of: invocation)
        if let notices { environment[.notifySocket] = notices }
        let watchdog = extra == nil ? conduct.watchdog : nil
        if let watchdog { environment[.watchdogInterval] = String(watchdog.clampedNanoseconds / 1_000) }
        for variable in extra?.variables ?? [] { environment[variable.name] = variable.value }
        environment[.service] = instance.service.rawValue
        environment[.instance] = instance.description
        do throws(ExpansionFault) {
            arguments = try expandCommand(command, instance: instance, environment: environment)
            directory = try expandSpecifiers(service.workingDirectory ?? "/", instance: instance)
        } catch {
            throw SpawnFailure(stage: .environment, error: ErrorNumber(EINVAL), subject: key, problem: "\(error)")
        }
        guard let program = arguments.first, !program.isEmpty else {
            throw SpawnFailure(
                stage: .exec, error: ErrorNumber(ENOENT), subject: key, problem: "the command is empty")
        }
        environment[.invocation] = nil
        self.init(
            candidates: SupdConfiguration.candidates(program: program, path: environment["PATH"] ?? standardPath),
            arguments: arguments,
            // The mark first: of a long environment only the beginning is looked at.
            environment: ["\(SuppliedVariable.invocation.rawValue)=\(invocation)"] + environment.strings)
        opaqueEnvironment = environment.opaqueStrings
        isWatched = watchdog != nil
        if !program.utf8.contains(UInt8(ascii: "/")) { nameWhereAbsent = "\(program), which is in no folder of PATH" }
        workingDirectory = directory
        uid = conduct.identity?.uid
        gid = conduct.identity?.gid
        groups = conduct.identity?.groups
        umask = conduct.umask ?? 0o022
        nice = conduct.nice
        oomScoreAdjust = conduct.oomScoreAdjust
        noNewPrivileges = conduct.noNewPrivileges
        group = ControlGroupRequest(
            name: instance.description, controls: conduct.resources,
            mayBePopulated: extra != nil || conduct.killMode == .process)
        limits = conduct.limits
        inheritsInput = conduct.inheritsTerminal && extra == nil
        staysInSession = inheritsInput
        keepsInherited = inheritsInput
        switch conduct.log.sink {
        case .none: return
        case .inherit:
            (output, errorOutput) = (.inherited, .inherited)
            return
        case .journalDirect:
            output = .journal(identifier: instance.description, hasLevels: conduct.log.levelPrefix)
        case .auto, .journal, .stderr, .file: output = .pipe
        }
        switch conduct.log.standardError {
        case .same: errorOutput = .sameAsOutput
        case .separate: errorOutput = output
        case .none: errorOutput = .null
        }
    }

    /// 128 bits in hexadecimal, as systemd.exec(5) has them, for what is the same for as long: an attempt with its commands.
    private static func invocationID(of invocation: String) -> String {
        var hash = StableHash()
        hash.add(invocation.utf8)
        return hash.text
    }
}

extension TreeSettings {
    /// What a service says of what runs of it.
    init(_ conduct: ServiceConduct) {
        self.init(
            limits: conduct.limits, nice: conduct.nice, oomScoreAdjust: conduct.oomScoreAdjust,
            controls: conduct.resources)
    }
}

extension EnvironmentFault {
    /// The system's error where there was one; what is wrong with a file's or a value's text is an invalid argument.
    var errorNumber: ErrorNumber {
        switch self {
        case .unreadable(_, let problem): problem.error
        case .malformed, .unexpandable: ErrorNumber(EINVAL)
        }
    }
}

extension Fleet.Member {
    /// What the fleet needs to know of a service.
    init(_ definition: ServiceDefinition) {
        self.init(definition, ServiceRelations(definition.configuration))
    }

    /// The same where its relations are known.
    init(_ definition: ServiceDefinition, _ relations: ServiceRelations) {
        self.init(
            relations: relations, settings: definition.settings, instances: definition.configuration.instances)
    }
}

extension ServiceRelations {
    init(_ service: ServiceConfiguration) {
        self.init(
            name: service.name, requires: service.requires, wants: service.wants, after: service.after,
            before: service.before, bindsTo: service.bindsTo, partOf: service.partOf)
    }
}

extension ServiceSettings {
    convenience init(_ conduct: ServiceConduct) {
        self.init(
            type: conduct.type, enabled: conduct.enabled, essential: conduct.essential, restart: conduct.restart,
            exitStatusRules: conduct.exitStatusRules, backoff: conduct.backoff, startLimit: conduct.startLimit,
            stopSteps: conduct.stopSteps, killMode: conduct.killMode, timeoutStart: conduct.timeoutStart,
            awaitsReadiness: !ReadyConditions(of: conduct).isEmpty, minUptime: conduct.minUptime,
            runtimeMax: conduct.runtimeMax, watchdog: conduct.watchdog, watchdogSignal: conduct.watchdogSignal,
            extendMax: conduct.timeoutExtendMax, errands: Errands(conduct))
    }
}

extension Errands {
    init(_ conduct: ServiceConduct) {
        var hooks: Set<Errand> = []
        for hook in conduct.hooks {
            switch hook.point {
            case .beforeStop: hooks.insert(.beforeStop)
            case .afterStop: hooks.insert(.afterStop)
            case .beforeServices, .afterServices: break
            }
        }
        self.init(commands: Set(conduct.commands.keys.compactMap(\.errand)), hooks: hooks)
    }
}
