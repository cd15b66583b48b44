import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// `config.plan`, `config.reload` and SIGHUP: the configuration is read anew beside the loop, whole or not at all.
extension Supervisor {
    /// Answers with what the configuration's files would change.
    func planConfiguration(_ request: Request, _ slot: Int) {
        guard let ticket = control.server.ticket(request, slot) else { return }
        guard settings.files != nil else { return control.server.answer(ticket, Self.hasNoConfiguration) }
        configuring.add(.plan(ticket))
        readNextConfiguration()
    }

    /// Puts the configuration's files into effect.
    func reloadConfiguration(_ params: ReloadParams, _ request: Request, _ slot: Int, _ peer: PeerCredentials) {
        do throws(ProtocolError) {
            try drain.requireOpenGate()
        } catch {
            return control.fail(request, slot, error)
        }
        guard settings.files != nil else { return control.fail(request, slot, Self.hasNoConfiguration) }
        configuring.add(.reload(control.server.ticket(request, slot), params, by: peer))
        readNextConfiguration()
    }

    /// SIGHUP.
    func reloadBySignal() {
        guard settings.files != nil else {
            return log.notice("SIGHUP: there is no configuration file to be read anew")
        }
        configuring.add(.signal)
        readNextConfiguration()
    }

    /// Reads the configuration for whoever is next, where nobody's is being read.
    func readNextConfiguration() {
        guard let load = settings.files?.load, let served = configuring.takeNext() else { return }
        // In a drain it will be refused, and a service manager is told of the drain.
        if !served[0].isPlan, drain.gate == .open {
            configuring.isAnnounced = true
            notifier.send("RELOADING=1\nMONOTONIC_USEC=\(host.readClock().nanoseconds / 1_000)")
        }
        let (inForce, registrar, path) = (inForce, plugins.catalogue.registrar, settings.configurationPath ?? "")
        let isPlan = served[0].isPlan
        host.runAside {
            Result { () throws(ConfigurationRefusal) -> ReadConfiguration in
                let configuration: Configuration
                switch load() {
                case .failure(let faults): throw .faults(faults)
                case .success(let read): configuration = read
                }
                let prepared = try PreparedConfiguration(
                    configuration, from: path, beside: inForce, plugins: registrar)
                // What is only asked for is let go where it was made.
                return isPlan ? .plan(prepared.reply) : .whole(prepared)
            }
        } then: { [weak self] result in
            self?.configurationRead(result)
        }
    }

    private var inForce: ConfigurationInForce {
        ConfigurationInForce(
            rest: configuring.inForce, started: configuring.started,
            services: fleet.services.filter { !configuring.departing.contains($0) }
                .map { ($0, roster.definition(of: $0)) })
    }

    private func configurationRead(_ result: Result<ReadConfiguration, ConfigurationRefusal>) {
        let served = configuring.served
        configuring.finish()
        for asker in served {
            switch (asker, result) {
            case (.plan(let ticket), .success(let read)): control.server.answer(ticket, read.reply)
            case (.plan(let ticket), .failure(let refusal)): control.server.answer(ticket, refusal.error)
            case (.reload(let ticket, let params, let peer), .success(.whole(let prepared))):
                reload(prepared, asker, ticket, params, peer.text)
            case (.signal, .success(.whole(let prepared))):
                reload(prepared, asker, nil, ReloadParams(wait: false), "SIGHUP")
            case (.reload(let ticket, _, let peer), .failure(let refusal)):
                refuse(refusal, asker, peer.text)
                if let ticket { control.server.answer(ticket, refusal.error) }
            case (.signal, .failure(let refusal)): refuse(refusal, asker, "SIGHUP")
            case (.reload, .success(.plan)), (.signal, .success(.plan)):
                // Plans are read for by themselves.
                break
            }
        }
        host.giveBackMemory()
        readNextConfiguration()
    }

    private func reload(
        _ prepared: PreparedConfiguration, _ asker: ConfigurationDesk.Asker, _ ticket: ReplyTicket?,
        _ params: ReloadParams, _ who: String
    ) {
        do throws(ProtocolError) {
            try drain.requireOpenGate()
            if let expect = params.expect, expect != prepared.plan.token {
                throw .planChanged(token: prepared.plan.token)
            }
        } catch {
            log.warning(
                "the configuration was not taken over (order of \(who)): \(error.message)", kind: .configurationRefused)
            emit(.applied(false, error.message, by: asker.cause))
            endReload("the configuration was not taken over: \(error.message)")
            if let ticket { control.server.answer(ticket, error) }
            return
        }
        // A name is of one service at a time.
        if !configuring.departing.isEmpty,
            prepared.definitions.contains(where: { isDeparting($0.configuration.name) })
        {
            configuring.awaitsDeparture = true
            return configuring.putBack(asker)
        }
        var cause = Cause.configuration
        if case .reload(_, _, let peer) = asker { cause = peer.order }
        log.notice(
            "the configuration is taken over by order of \(who): \(prepared.plan.sentence)", kind: .configurationApplied
        )
        emit(.applied(true, prepared.plan.sentence, by: asker.cause))
        tellWarnings(prepared.rest.warnings)
        let touched = takeOver(
            prepared, deferred: params.deferred, cause: cause, events[events.last].kept)
        endReload(nil)
        guard let ticket else { return }
        var reply = prepared.reply
        reply.outcome = ConfigurationPlanReply.Outcome(applied: true, deferred: touched.deferred)
        guard params.wait else { return control.server.answer(ticket, reply) }
        // Another client may be in its place by now.
        guard control.server.release(ticket) else { return }
        let applied = AppliedPlan(reply: reply, attempts: touched.attempts)
        control.waiting.add(
            Waiter(slot: ticket.slot, id: ticket.id, goal: .applied(applied), instances: touched.instances),
            timeout: params.timeout)
    }

    private func isDeparting(_ name: ServiceName) -> Bool {
        roster.service(named: name.rawValue).map(configuring.departing.contains) ?? false
    }

    private func refuse(_ refusal: ConfigurationRefusal, _ asker: ConfigurationDesk.Asker, _ who: String) {
        emit(.applied(false, refusal.lines.first ?? "", by: asker.cause))
        log.error(
            "the configuration was refused, and nothing was changed (order of \(who)):", kind: .configurationRefused)
        for line in refusal.lines.prefix(Self.warningsTold) { log.error(line, kind: .configurationRefused) }
        endReload("the configuration was refused: \(refusal.lines.first ?? "")")
    }

    /// The service manager is told that reading is over, also where it came to nothing.
    private func endReload(_ problem: String?) {
        guard configuring.isAnnounced else { return }
        configuring.isAnnounced = false
        guard host.hasServiceManager, readyAt != nil, !drain.exits else { return }
        let sentence = statusSentence
        notifier.send("READY=1\nSTATUS=\(problem ?? sentence)", insteadOf: sentence)
    }

    // MARK: Answers

    static let hasNoConfiguration = ProtocolError(.failed, "this supd was started without a configuration file")
}

/// What was read, as far as it is asked for.
enum ReadConfiguration: Sendable {
    /// What it would change.
    case plan(EncodedPlan)
    /// That, and all that is needed to put it into effect.
    case whole(PreparedConfiguration)

    var reply: EncodedPlan {
        switch self {
        case .plan(let reply): reply
        case .whole(let prepared): prepared.reply
        }
    }
}

/// Why a configuration that was read is not put into effect.
enum ConfigurationRefusal: Error {
    case faults(ConfigurationFaults)
    /// The loader finds these first.
    case dependencies(DependencyError)
    /// A plugin does not take its options.
    case plugin(PluginRefusal)

    /// A line for each fault.
    var lines: [String] {
        switch self {
        case .faults(let faults): faults.faults.map(\.description)
        case .dependencies(let error): ["\(error)"]
        case .plugin(let refusal): ["\(refusal)"]
        }
    }

    var error: ProtocolError {
        switch self {
        case .faults(let faults):
            .invalidConfiguration(
                faults.faults.map {
                    .init(file: $0.file, line: $0.line, column: $0.column, message: $0.message)
                })
        case .dependencies(let error): ProtocolError(.failed, "\(error)")
        case .plugin(let refusal): ProtocolError(.failed, "\(refusal); nothing was changed")
        }
    }
}
