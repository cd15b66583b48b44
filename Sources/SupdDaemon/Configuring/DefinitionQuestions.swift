import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// `service.definition`: what services are told, and where their files say so, which is looked up beside the loop.
final class DefinitionQuestions {
    /// Somebody who wants to know what services are told.
    fileprivate struct Question {
        /// One definition.
        struct Subject {
            let name: String
            let definition: ServiceDefinition
            let isOutdated: Bool
            /// Whether who asks may see secrets of it.
            let showsAll: Bool
        }

        let ticket: ReplyTicket
        /// Who asks; nil for somebody who may see everything.
        let viewer: Viewer?
        var subjects: [Subject] = []
    }

    private unowned let seam: any ConfigurationSeam
    /// Those who ask, and wait for what the files say.
    private var waiting: [Question] = []
    /// Whether those are being read for others.
    private var isReading = false

    /// Nobody has asked yet.
    init(_ seam: any ConfigurationSeam) { self.seam = seam }

    func ask(_ selection: ServiceSelection, _ request: Request, _ slot: Int) {
        let control = seam.control
        guard seam.settings.files != nil else { return control.fail(request, slot, .hasNoConfiguration) }
        control.select(request, slot, selection.selectors) { [unowned self] work, instances in
            guard let peer = control.server.peer(of: slot), let ticket = control.server.ticket(request, slot)
            else { return }
            var question = Question(ticket: ticket, viewer: control.server.viewer(slot))
            var seen: Set<ServiceID> = []
            work.thenEach(instances.count) { [unowned self] place in
                let instance = instances[place]
                guard seam.fleet.contains(instance) else { return }
                let service = seam.fleet.service(of: instance)
                let showsAll = control.access.may(peer, .admin, instance)
                if seen.insert(service).inserted {
                    let definition = seam.roster.definition(of: service)
                    question.subjects.append(
                        .init(
                            name: definition.configuration.name.rawValue, definition: definition, isOutdated: false,
                            showsAll: showsAll))
                }
                if seam.runsOlderDefinition(instance) {
                    question.subjects.append(
                        .init(
                            name: "\(seam.name(of: instance))", definition: seam.roster[instance].definition,
                            isOutdated: true, showsAll: showsAll))
                }
            }
            work.thenOnce { [unowned self] _ in
                waiting.append(question)
                readNext()
            }
        }
    }

    /// Reads the files for all who wait, once nobody's are being read.
    private func readNext() {
        guard let definitions = seam.settings.files?.definitions, !isReading, !waiting.isEmpty else { return }
        let questions = waiting
        waiting = []
        isReading = true
        let services = questions.flatMap(\.subjects).map(\.definition)
        let calls = seam.host.fileCalls
        seam.host.runAside {
            definitions(services.map(\.configuration), calls)
        } then: { [weak self] found in
            guard let self else { return }
            isReading = false
            answer(questions, found)
            readNext()
        }
    }

    private func answer(_ questions: [Question], _ found: [DefinitionInForce]) {
        let server = seam.control.server
        var rest = found[...]
        for question in questions {
            let answers = zip(question.subjects, rest.prefix(question.subjects.count)).map {
                DefinedService($0, $1, question.viewer)
            }
            rest = rest.dropFirst(question.subjects.count)
            guard server.release(question.ticket) else { continue }
            let list = ListReply(question.ticket.id, "services", count: answers.count) {
                answers[$0].encode(into: &$1)
            }
            server.reply(to: question.ticket.slot, list)
        }
    }
}

extension DefinedService {
    fileprivate init(
        _ subject: DefinitionQuestions.Question.Subject, _ definition: DefinitionInForce, _ viewer: Viewer?
    ) {
        self.init(
            name: subject.name, outdated: subject.isOutdated, changed: definition.hasChanged,
            keys: definition.keys.map { key in
                let isHidden = viewer.map { !(key.services?.allSatisfy($0.sees) ?? $0.seesEverything) } ?? false
                return DefinedKey(key, shows: !isHidden && (subject.showsAll || !key.isDelicate))
            })
    }
}

extension DefinedKey {
    fileprivate init(_ key: DefinitionInForce.Key, shows: Bool) {
        self.init(key: key.path, value: shows ? key.value : nil, origin: .standard)
        switch key.origin {
        case .standard: break
        case .changed: origin = .known(.changed)
        case .service(let file, let line): (origin, self.file, self.line) = (.known(.service), file, line)
        case .defaults(let file, let line): (origin, self.file, self.line) = (.known(.defaults), file, line)
        }
    }
}
