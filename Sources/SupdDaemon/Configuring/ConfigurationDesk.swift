import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// The configuration in force. `config.plan`, `config.reload` and SIGHUP: it is read anew beside the loop, whole or not at all.
final class ConfigurationDesk {
    private unowned let seam: any ConfigurationSeam
    private let host: any Host
    private let log: DaemonLog
    private var askers = ConfigurationAskers()
    /// The service manager was told that something is read, and not yet that it is over.
    private var isAnnounced = false
    /// What is in force, but for the services, which the roster has.
    private var inForce: Configuration
    /// `[supervisor]` as it was when the daemon was started: some of it counts to its end.
    private let started: SupervisorConfiguration
    /// When it was read.
    private(set) var readAt: WallTime
    /// What configurations have set going and that was not where it is wanted when this was last looked at, with the attempts of those that
    /// are replaced: the next one waits for that as well.
    private var underWay = [InstanceID: UInt64?]()
    /// What was put into effect in this turn, with all that it has replaced: much to be freed, beside the loop.
    private var outworn: [PreparedConfiguration] = []

    /// The services in force.
    let services: ServicesInForce
    private let departures: Departures
    private let settings: PendingSettings
    private let takeOver: ConfigurationTakeOver
    /// Whether the files say something else by now.
    let files: ChangedFiles
    /// What services are told, and where.
    let definitions: DefinitionQuestions

    /// `configuration` is in force, read then; its services are the roster's.
    init(_ seam: any ConfigurationSeam, _ configuration: Configuration, readAt: WallTime) {
        self.seam = seam
        self.readAt = readAt
        host = seam.host
        log = seam.log
        inForce = configuration
        started = configuration.supervisor
        departures = Departures(seam)
        settings = PendingSettings(seam)
        services = ServicesInForce(seam)
        takeOver = ConfigurationTakeOver(seam, services, departures, settings)
        files = ChangedFiles(seam)
        definitions = DefinitionQuestions(seam)
    }

    // MARK: What is asked of it

    /// Where the files say what a service is; nil where that is not known.
    func place(of service: ServiceName) -> (file: String, line: Int)? { inForce.places[service] }

    /// Whether the configuration in force does not have a service any more.
    func isDeparting(_ service: ServiceID) -> Bool { departures.contains(service) }

    /// Whether nobody waits, and nothing of what was put into effect is left to be done.
    var isSettled: Bool { askers.isEmpty && departures.isEmpty && settings.isEmpty }

    /// `config.plan`: answers with what the configuration's files would change.
    func plan(_ request: Request, _ slot: Int) {
        guard let ticket = seam.control.server.ticket(request, slot) else { return }
        guard seam.settings.files != nil else {
            return seam.control.server.answer(ticket, .hasNoConfiguration)
        }
        askers.add(.plan(ticket))
        readNext()
    }

    /// `config.reload`: puts the configuration's files into effect.
    func reload(_ params: ReloadParams, _ request: Request, _ slot: Int, _ peer: PeerCredentials) {
        do throws(ProtocolError) {
            try seam.drain.requireOpenGate()
            guard seam.settings.files != nil else { throw .hasNoConfiguration }
        } catch {
            return seam.control.fail(request, slot, error)
        }
        askers.add(.reload(seam.control.server.ticket(request, slot), params, by: peer))
        readNext()
    }

    /// SIGHUP.
    func reloadBySignal() {
        guard seam.settings.files != nil else {
            return log.notice("SIGHUP: there is no configuration file to be read anew")
        }
        askers.add(.signal)
        readNext()
    }

    /// Whether nothing of what was put into effect is left to be done.
    var isAtRest: Bool { departures.isEmpty && settings.isEmpty && outworn.isEmpty }

    /// Does what is left of what was put into effect, as much of it as a turn may.
    func advance() {
        if departures.removeGone() {
            askers.noteDeparture()
            readNext()
        }
        settings.apply()
        if !outworn.isEmpty { freeOutworn() }
    }

    private func freeOutworn() {
        let outworn = outworn
        self.outworn = []
        host.runAside {
            withExtendedLifetime(outworn) {}
        } then: { _ in
        }
    }

    /// `supervisor.status`: what the daemon is.
    func inform(_ request: Request, _ slot: Int) {
        guard let ticket = seam.control.server.ticket(request, slot) else { return }
        let viewer = seam.control.server.viewer(slot)
        askForChangedFiles { [unowned self] changed in
            var status = seam.supervisorStatus(for: viewer)
            status.configurationChanged = changed.map { !$0.isEmpty }
            seam.control.server.answer(ticket, status)
        }
    }

    /// Tells `then` which of the files in force say something else by now (`ChangedFiles.ask`).
    func askForChangedFiles(then: @escaping ([String]?) -> Void) { files.ask(inForce.files, then: then) }

    // MARK: Reading

    /// Reads the configuration for whoever is next, where nobody's is being read.
    private func readNext() {
        guard let load = seam.settings.files?.load, let served = askers.takeNext() else { return }
        // In a drain it will be refused, and a service manager is told of the drain.
        if !served[0].isPlan, seam.drain.gate == .open {
            isAnnounced = true
            seam.tellServiceManager(
                "RELOADING=1\nMONOTONIC_USEC=\(host.readClock().nanoseconds / 1_000)", insteadOf: nil)
        }
        let inForce = ConfigurationInForce(
            rest: inForce, started: started, services: services.now, departing: services.departing(departures.all))
        let registrar = seam.plugins.catalogue.registrar
        let path = seam.settings.configurationPath ?? ""
        let isPlan = served[0].isPlan
        let readers = served.map { $0.ticket.flatMap(viewer)?.planReader }
        let calls = host.fileCalls
        host.runAside {
            Result { () throws(ConfigurationRefusal) -> ReadConfiguration in
                let configuration: Configuration
                switch load(calls) {
                case .failure(let faults): throw .faults(faults)
                case .success(let read): configuration = read
                }
                let prepared = try PreparedConfiguration(
                    configuration, from: path, beside: inForce, plugins: registrar, for: readers)
                // What is only asked for is let go where it was made.
                return isPlan ? .plans(prepared.replies) : .whole(prepared)
            }
        } then: { [weak self] result in
            self?.read(result)
        }
    }

    private func read(_ result: Result<ReadConfiguration, ConfigurationRefusal>) {
        let server = seam.control.server
        for (place, asker) in askers.finish().enumerated() {
            switch (asker, result) {
            case (.plan(let ticket), .success(let read)):
                server.answer(ticket, withKept(read.replies[place], for: viewer(ticket)))
            case (.plan(let ticket), .failure(let refusal)): server.answer(ticket, refusal.error(for: viewer(ticket)))
            case (.reload(let ticket, let params, let peer), .success(.whole(let prepared))):
                reload(prepared, asker, ticket, params, peer.text)
            case (.signal, .success(.whole(let prepared))):
                reload(prepared, asker, nil, ReloadParams(wait: false), "SIGHUP")
            case (.reload(let ticket, _, let peer), .failure(let refusal)):
                refuse(refusal, asker, peer.text)
                if let ticket { server.answer(ticket, refusal.error(for: viewer(ticket))) }
            case (.signal, .failure(let refusal)): refuse(refusal, asker, "SIGHUP")
            case (.reload, .success(.plans)), (.signal, .success(.plans)):
                // Plans are read for by themselves.
                break
            }
        }
        host.giveBackMemory()
        readNext()
    }

    private func reload(
        _ prepared: PreparedConfiguration, _ asker: ConfigurationAskers.Asker, _ ticket: ReplyTicket?,
        _ params: ReloadParams, _ who: String
    ) {
        do throws(ProtocolError) {
            try seam.drain.requireOpenGate()
            if let expect = params.expect, expect != prepared.plan.token {
                guard expect.utf8.count == prepared.plan.token.utf8.count else {
                    throw ProtocolError(
                        .invalidParams,
                        "\(QuotedText.quote(expect)) is no token of a plan, and nothing was done; 'supctl plan' prints that of the plan of now"
                    )
                }
                throw .planChanged(token: prepared.plan.token)
            }
        } catch {
            log.warning(
                "the configuration was not taken over (order of \(who)): \(error.message)", kind: .configurationRefused)
            seam.emit(.applied(false, Sentence(error.message), by: asker.cause))
            endReload("the configuration was not taken over: \(error.message)")
            if let ticket { seam.control.server.answer(ticket, error) }
            return
        }
        // A name is of one service at a time.
        if !departures.isEmpty, prepared.definitions.contains(where: { isDeparting($0.configuration.name) }) {
            return askers.putBack(asker)
        }
        var cause = Cause.configuration
        if case .reload(_, _, let peer) = asker { cause = peer.order }
        log.notice(
            "the configuration is taken over by order of \(who): \(prepared.plan.sentence)", kind: .configurationApplied
        )
        seam.emit(.applied(true, Sentence(prepared.plan.sentence), by: asker.cause))
        seam.tellWarnings(prepared.rest.warnings)
        inForce = prepared.rest
        readAt = host.wallClock()
        let touched = takeOver.carryOut(prepared, deferred: params.deferred, cause: cause)
        outworn.append(prepared)
        endReload(nil)
        let awaited = awaited(with: touched)
        let outcome = ConfigurationPlanReply.Outcome(
            applied: true, deferred: touched.deferred, failed: settings.apply())
        if let ticket { answer(ticket, params, prepared.replies[0], awaited, outcome) }
    }

    private func answer(
        _ ticket: ReplyTicket, _ params: ReloadParams, _ plan: EncodedPlan, _ awaited: [InstanceID: UInt64?],
        _ outcome: ConfigurationPlanReply.Outcome
    ) {
        let control = seam.control
        let viewer = viewer(ticket)
        var reply = withKept(plan, for: viewer)
        reply.outcome = outcome.told(to: viewer)
        guard params.wait else { return control.server.answer(ticket, reply) }
        // Another client may be in its place by now.
        guard control.server.release(ticket) else { return }
        let applied = AppliedPlan(reply: reply, attempts: awaited.compactMapValues(\.self))
        control.waiting.add(
            Waiter(slot: ticket.slot, id: ticket.id, goal: .applied(applied), instances: awaited.keys.sorted()),
            timeout: params.timeout)
    }

    /// What has been set going is under way, with what still is of configurations before it.
    private func awaited(with touched: ConfigurationTakeOver.Touched) -> [InstanceID: UInt64?] {
        underWay = underWay.filter { instance, attempt in
            seam.fleet.contains(instance) && !seam.fleet.isSettled(instance, after: attempt)
        }
        for instance in touched.instances { underWay[instance] = .some(touched.attempts[instance]) }
        return underWay
    }

    /// Who has asked, unless that is somebody who may see everything.
    private func viewer(_ ticket: ReplyTicket) -> Viewer? { seam.control.server.viewer(ticket.slot) }

    /// A plan with what somebody has scaled, and stays so.
    private func withKept(_ plan: EncodedPlan, for viewer: Viewer?) -> EncodedPlan {
        var plan = plan
        plan.kept = services.differing.compactMap { _, service in
            let (name, count) = (service.definition.name.rawValue, service.definition.configuration.instances)
            guard service.instances != count, !plan.counted.contains(name) else { return nil }
            guard viewer?.sees(service.definition.name) ?? true else { return nil }
            return .init(name: name, file: count, now: service.instances)
        }
        return plan
    }

    private func isDeparting(_ name: ServiceName) -> Bool {
        seam.roster.service(named: name.rawValue).map(departures.contains) ?? false
    }

    private func refuse(_ refusal: ConfigurationRefusal, _ asker: ConfigurationAskers.Asker, _ who: String) {
        seam.emit(.applied(false, Sentence(ofAnything: refusal.lines.first ?? ""), by: asker.cause))
        log.error(
            "the configuration was refused, and nothing was changed (order of \(who)):", kind: .configurationRefused)
        for line in refusal.lines.prefix(Supervisor.warningsTold) { log.error(line, kind: .configurationRefused) }
        endReload("the configuration was refused: \(refusal.lines.first ?? "")")
    }

    /// The service manager is told that reading is over, also where it came to nothing.
    private func endReload(_ problem: String?) {
        guard isAnnounced else { return }
        isAnnounced = false
        guard host.hasServiceManager, seam.readyAt != nil, !seam.drain.exits else { return }
        let sentence = seam.statusSentence
        seam.tellServiceManager("READY=1\nSTATUS=\(problem ?? sentence)", insteadOf: sentence)
    }
}

extension ProtocolError {
    static var hasNoConfiguration: ProtocolError {
        ProtocolError(.failed, "this supd was started without a configuration file")
    }
}
