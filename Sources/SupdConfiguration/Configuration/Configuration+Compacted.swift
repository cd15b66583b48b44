import SupdPlugin

extension Configuration {
    /// The same configuration in memory that was taken for it just now.
    ///
    /// What a loader answers lies scattered between all that reading the files needed, and a page of memory goes back to
    /// the kernel only whole: each of a thousand services would keep one alive for a few words of its own. What services say alike they
    /// have one of.
    package func compacted() -> Configuration {
        var pool = CompactionPool()
        let services = services.map { $0.compacted(&pool) }
        var copy = Configuration(supervisor: supervisor.compacted(&pool), services: services, plugins: plugins)
        copy.pluginTexts = pluginTexts.mapValues { $0.compacted() }
        copy.places = places.compacted(services, &pool)
        copy.warnings = warnings
        copy.files = files.map { $0.compacted(&pool) }
        return copy
    }
}

/// What was made anew, to be had once more by whoever says the same.
struct CompactionPool {
    /// A text by its bytes: two of other bytes may be equal as Swift compares them.
    private struct Spelling: Hashable {
        let text: String

        static func == (left: Spelling, right: Spelling) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

        func hash(into hasher: inout Hasher) {
            for byte in text.utf8 { hasher.combine(byte) }
        }
    }

    private var texts: Set<Spelling> = []
    /// By the common part of what they say, services whose conduct others may have.
    fileprivate var services = [[UInt8]: ServiceConfiguration]()

    mutating func text(_ text: String) -> String {
        // One that is as short takes no memory.
        if text.utf8.count <= 15 { return String(decoding: Array(text.utf8), as: UTF8.self) }
        if let place = texts.firstIndex(of: Spelling(text: text)) { return texts[place].text }
        let copy = String(decoding: Array(text.utf8), as: UTF8.self)
        texts.insert(Spelling(text: copy))
        return copy
    }
}

extension SupervisorConfiguration {
    fileprivate func compacted(_ pool: inout CompactionPool) -> SupervisorConfiguration {
        var copy = self
        copy.socket = socket.map { pool.text($0) }
        copy.access = access.compacted(&pool)
        copy.text = text.compacted()
        return copy
    }
}

extension ServiceConfiguration {
    fileprivate func compacted(_ pool: inout CompactionPool) -> ServiceConfiguration {
        var copy = self
        copy.name = name.compacted(&pool)
        copy.description = pool.text(description)
        copy.execStart = execStart.map { pool.text($0) }
        copy.tags = tags.map { pool.text($0) }
        copy.requires = requires.map { $0.compacted(&pool) }
        copy.wants = wants.map { $0.compacted(&pool) }
        copy.after = after.map { $0.compacted(&pool) }
        copy.before = before.map { $0.compacted(&pool) }
        copy.bindsTo = bindsTo.map { $0.compacted(&pool) }
        copy.partOf = partOf.map { $0.compacted(&pool) }
        copy.workingDirectory = workingDirectory.map { pool.text($0) }
        copy.sockets = sockets.map { $0.compacted(&pool) }
        copy.environment = environment.map {
            EnvironmentVariable(name: pool.text($0.name), value: pool.text($0.value))
        }
        copy.text = text.compacted()
        if let other = pool.services[text.common], conduct.isShareable { return copy.conducted(as: other) }
        copy.conduct = conduct.compacted(&pool)
        // One that was made in code has no text.
        if conduct.isShareable, text != SettingsText() { pool.services[copy.text.common] = copy }
        return copy
    }
}

extension ServiceConduct {
    fileprivate func compacted(_ pool: inout CompactionPool) -> ServiceConduct {
        var copy = self
        copy.access = access?.compacted(&pool)
        copy.identity = identity?.compacted(&pool)
        copy.limits = limits.map { $0 }
        copy.resources = resources.map { ResourceControl(key: pool.text($0.key), value: pool.text($0.value)) }
        copy.environmentFiles = environmentFiles.map {
            EnvironmentFile(path: pool.text($0.path), optional: $0.optional)
        }
        copy.passEnvironment = passEnvironment.map { pool.text($0) }
        copy.restart = boxedAnew(restart)
        copy.restartName = pool.text(restartName)
        copy.exitStatusRules = exitStatusRules.compacted()
        copy.backoff = boxedAnew(backoff)
        copy.backoffName = pool.text(backoffName)
        copy.stopSteps = stopSteps.map { $0 }
        if !commands.isEmpty { copy.commands = commands.mapValues { $0.map { $0.compacted(&pool) } } }
        copy.log.file = log.file.map { pool.text($0) }
        return copy
    }

    private func boxedAnew<Policy: RestartPolicy>(_ policy: Policy) -> any RestartPolicy { policy }

    private func boxedAnew<Policy: Backoff>(_ policy: Policy) -> any Backoff { policy }
}

extension Identity {
    fileprivate func compacted(_ pool: inout CompactionPool) -> Identity {
        Identity(
            uid: uid, gid: gid, groups: groups.map { $0 }, userName: userName.map { pool.text($0) },
            home: home.map { pool.text($0) }, shell: shell.map { pool.text($0) })
    }
}

extension CommandConfiguration {
    fileprivate func compacted(_ pool: inout CompactionPool) -> CommandConfiguration {
        CommandConfiguration(
            words: words.map { pool.text($0) }, timeout: timeout, ignoresFailure: ignoresFailure)
    }
}

extension ListenSocket {
    fileprivate func compacted(_ pool: inout CompactionPool) -> ListenSocket {
        var copy = self
        copy.name = pool.text(name)
        copy.address =
            switch address {
            case .internet(let host, let port): .internet(host: pool.text(host), port: port)
            case .path(let path): .path(pool.text(path))
            case .abstract(let name): .abstract(pool.text(name))
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
    fileprivate func compacted(_ pool: inout CompactionPool) -> ServiceName { ServiceName(pool.text(rawValue)) ?? self }
}
