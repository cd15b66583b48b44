import SupdPlugin

extension Configuration {
    /// The same configuration in memory that was taken for it just now.
    ///
    /// What a loader answers lies scattered between all that reading the files needed, and a page of memory goes back to
    /// the kernel only whole: each of a thousand services would keep one alive for a few words of its own.
    package func compacted() -> Configuration {
        var stopSteps: [StopStep] = []
        let services = services.map { service in
            var copy = service.compacted()
            // Nearly all services are stopped in the same way as the one before.
            if copy.stopSteps == stopSteps { copy.stopSteps = stopSteps } else { stopSteps = copy.stopSteps }
            return copy
        }
        var copy = Configuration(supervisor: supervisor.compacted(), services: services, plugins: plugins)
        copy.pluginTexts = pluginTexts.mapValues { $0.compacted() }
        copy.places = places.compacted(services)
        copy.warnings = warnings
        copy.files = files.map { $0.compacted() }
        return copy
    }
}

extension SupervisorConfiguration {
    fileprivate func compacted() -> SupervisorConfiguration {
        var copy = self
        copy.socket = socket?.compacted()
        copy.access = access.compacted()
        copy.text = text.compacted()
        return copy
    }
}

extension ServiceConfiguration {
    fileprivate func compacted() -> ServiceConfiguration {
        var copy = self
        copy.name = name.compacted()
        copy.description = description.compacted()
        copy.execStart = execStart.map { $0.compacted() }
        copy.tags = tags.map { $0.compacted() }
        copy.access = access?.compacted()
        copy.requires = requires.map { $0.compacted() }
        copy.wants = wants.map { $0.compacted() }
        copy.after = after.map { $0.compacted() }
        copy.before = before.map { $0.compacted() }
        copy.bindsTo = bindsTo.map { $0.compacted() }
        copy.partOf = partOf.map { $0.compacted() }
        copy.identity = identity?.compacted()
        copy.workingDirectory = workingDirectory?.compacted()
        copy.limits = limits.map { $0 }
        copy.resources = resources.map { ResourceControl(key: $0.key.compacted(), value: $0.value.compacted()) }
        copy.sockets = sockets.map { $0.compacted() }
        copy.commands = commands.mapValues { $0.map { $0.compacted() } }
        copy.environment = environment.map {
            EnvironmentVariable(name: $0.name.compacted(), value: $0.value.compacted())
        }
        copy.environmentFiles = environmentFiles.map {
            EnvironmentFile(path: $0.path.compacted(), optional: $0.optional)
        }
        copy.passEnvironment = passEnvironment.map { $0.compacted() }
        copy.restart = boxedAnew(restart)
        copy.exitStatusRules = exitStatusRules.compacted()
        copy.restartName = restartName.compacted()
        copy.backoff = boxedAnew(backoff)
        copy.backoffName = backoffName.compacted()
        copy.stopSteps = stopSteps.map { $0 }
        copy.log.file = log.file?.compacted()
        copy.text = text.compacted()
        return copy
    }

    private func boxedAnew<Policy: RestartPolicy>(_ policy: Policy) -> any RestartPolicy { policy }

    private func boxedAnew<Policy: Backoff>(_ policy: Policy) -> any Backoff { policy }
}

extension Identity {
    fileprivate func compacted() -> Identity {
        Identity(
            uid: uid, gid: gid, groups: groups.map { $0 }, userName: userName?.compacted(), home: home?.compacted(),
            shell: shell?.compacted())
    }
}

extension CommandConfiguration {
    fileprivate func compacted() -> CommandConfiguration {
        CommandConfiguration(
            words: words.map { $0.compacted() }, timeout: timeout, ignoresFailure: ignoresFailure)
    }
}

extension ListenSocket {
    fileprivate func compacted() -> ListenSocket {
        var copy = self
        copy.name = name.compacted()
        copy.address =
            switch address {
            case .internet(let host, let port): .internet(host: host.compacted(), port: port)
            case .path(let path): .path(path.compacted())
            case .abstract(let name): .abstract(name.compacted())
            }
        return copy
    }
}

extension ExitStatusRules {
    fileprivate func compacted() -> ExitStatusRules {
        ExitStatusRules(
            success: success.compacted(), restartPrevent: restartPrevent.compacted(),
            restartForce: restartForce.compacted())
    }
}

extension ExitStatusSet {
    fileprivate func compacted() -> ExitStatusSet {
        isEmpty ? .init() : ExitStatusSet(codes: Set(Array(codes)), signals: Set(Array(signals)))
    }
}

extension ServiceName {
    fileprivate func compacted() -> ServiceName { ServiceName(rawValue.compacted()) ?? self }
}

extension String {
    func compacted() -> String { String(decoding: Array(utf8), as: UTF8.self) }
}
