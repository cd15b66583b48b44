import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// Somebody who wants to know what services are told.
struct DefinitionQuestion {
    /// One definition.
    struct Subject {
        let name: String
        let definition: ServiceDefinition
        let isOutdated: Bool
        /// Whether who asks may see secrets of it.
        let showsAll: Bool
    }

    let ticket: ReplyTicket
    var subjects: [Subject] = []
}

/// `service.definition`: what services are told, and where their files say so, which is looked up beside the loop.
extension Supervisor {
    func define(_ selection: ServiceSelection, _ request: Request, _ slot: Int) {
        guard settings.files != nil else { return control.fail(request, slot, Self.hasNoConfiguration) }
        control.select(request, slot, selection.selectors) { [unowned self] work, instances in
            guard let peer = control.server.peer(of: slot), let ticket = control.server.ticket(request, slot)
            else { return }
            var question = DefinitionQuestion(ticket: ticket)
            var seen: Set<ServiceID> = []
            work.thenEach(instances.count) { [unowned self] place in
                let instance = instances[place]
                guard fleet.contains(instance) else { return }
                let service = roster[instance].service
                let showsAll = control.access.may(peer, .admin, instance)
                func add(_ name: String, _ definition: ServiceDefinition, isOutdated: Bool) {
                    question.subjects.append(
                        .init(name: name, definition: definition, isOutdated: isOutdated, showsAll: showsAll))
                }
                if seen.insert(service).inserted {
                    let definition = roster.definition(of: service)
                    add(definition.configuration.name.rawValue, definition, isOutdated: false)
                }
                if runsOlderDefinition(instance) {
                    add("\(name(of: instance))", roster[instance].definition, isOutdated: true)
                }
            }
            work.thenOnce { [unowned self] _ in
                configuring.defining.append(question)
                readDefinitions()
            }
        }
    }

    /// Reads the files for all who wait, once nobody's are being read.
    private func readDefinitions() {
        guard let definitions = settings.files?.definitions, !configuring.isDefining else { return }
        let questions = configuring.defining
        guard !questions.isEmpty else { return }
        configuring.defining = []
        configuring.isDefining = true
        let services = questions.flatMap(\.subjects).map(\.definition)
        host.runAside {
            definitions(services.map(\.configuration))
        } then: { [weak self] found in
            guard let self else { return }
            configuring.isDefining = false
            var rest = found[...]
            for question in questions {
                let answers = zip(question.subjects, rest.prefix(question.subjects.count)).map(DefinedService.init)
                rest = rest.dropFirst(question.subjects.count)
                guard control.server.release(question.ticket) else { continue }
                let list = ListReply(question.ticket.id, "services", count: answers.count) {
                    answers[$0].encode(into: &$1)
                }
                control.server.reply(to: question.ticket.slot, list)
            }
            readDefinitions()
        }
    }
}

extension DefinedService {
    fileprivate init(_ subject: DefinitionQuestion.Subject, _ definition: DefinitionInForce) {
        self.init(
            name: subject.name, outdated: subject.isOutdated, changed: definition.hasChanged,
            keys: definition.keys.map { DefinedKey($0, showsAll: subject.showsAll) })
    }
}

extension DefinedKey {
    fileprivate init(_ key: DefinitionInForce.Key, showsAll: Bool) {
        self.init(key: key.path, value: key.isDelicate && !showsAll ? nil : key.value, origin: .standard)
        switch key.origin {
        case .standard: break
        case .changed: origin = .changed
        case .service(let file, let line): (origin, self.file, self.line) = (.service, file, line)
        case .defaults(let file, let line): (origin, self.file, self.line) = (.defaults, file, line)
        }
    }
}
