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
        guard settings.files != nil else { return fail(request, slot, Self.hasNoConfiguration) }
        select(request, slot, selection.selectors) { supervisor, work, instances in
            guard let peer = supervisor.control[slot]?.peer, let ticket = supervisor.ticket(request, slot) else {
                return
            }
            var question = DefinitionQuestion(ticket: ticket)
            var seen: Set<ServiceID> = []
            work.thenEach(instances.count) { supervisor, place in
                let instance = instances[place]
                guard supervisor.fleet.contains(instance) else { return }
                let service = supervisor.roster[instance].service
                let showsAll = supervisor.may(peer, .admin, instance)
                func add(_ name: String, _ definition: ServiceDefinition, isOutdated: Bool) {
                    question.subjects.append(
                        .init(name: name, definition: definition, isOutdated: isOutdated, showsAll: showsAll))
                }
                if seen.insert(service).inserted {
                    let definition = supervisor.roster.definition(of: service)
                    add(definition.configuration.name.rawValue, definition, isOutdated: false)
                }
                if supervisor.runsOlderDefinition(instance) {
                    add("\(supervisor.name(of: instance))", supervisor.roster[instance].definition, isOutdated: true)
                }
            }
            work.thenOnce { supervisor, _ in
                supervisor.configuring.defining.append(question)
                supervisor.readDefinitions()
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
                guard release(question.ticket) else { continue }
                let list = ListReply(question.ticket.id, "services", count: answers.count) {
                    answers[$1].encode(into: &$2)
                }
                reply(to: question.ticket.slot, list)
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
