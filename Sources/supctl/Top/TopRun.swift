import SupdConnection
import SupdJSON
import SupdPlugin
import SupdProtocol

/// `top`: looks once a second, and does what keys want. Nothing is waited for but keys and answers, whichever comes first: a daemon that
/// does not answer holds up nobody.
struct TopRun {
    /// Which services; none is all.
    private let services: [String]
    private let interval = Duration.seconds(1)
    /// How long the daemon may take before the screen is taken without an answer.
    private let patience = Duration.milliseconds(500)

    private var model = TopModel()
    /// What is asked, and not answered.
    private var asked = [RequestID: Question]()
    /// When the first of what is asked was.
    private var askedAt = Clock.now
    /// The services as they were said last, until their trees are, too.
    private var list: [ServiceStatus] = []
    /// Their trees, as long as there are more of them.
    private var trees: [ServiceTree] = []
    /// When is looked next.
    private var next = Clock.now
    /// What the page of text is about.
    private var subject: TopModel.Wish?

    private enum Question {
        case services
        case trees
        case moreTrees
        case order(Verb.Order, service: String)
        case text(TopModel.Wish)
    }

    init(services: [String]) { self.services = services }

    /// Until `q`, or the daemon or the terminal is gone.
    mutating func run(_ connection: inout ControlConnection) throws(ClientError) -> Outcome {
        // A name that is none is said before the screen is taken.
        try ask(.services, .serviceStatus(ServiceSelection(services: services)), &connection)
        try takeAnswers(&connection, until: Clock.now.advanced(by: patience), enough: 1)
        guard let terminal = RawTerminal() else {
            return Outcome(
                status: .wrongUse,
                errors:
                    "supctl: 'top' needs a terminal that it can draw on; 'supctl status' and 'supctl tree' print the same once\n"
            )
        }
        defer { terminal.leave() }
        do throws(ClientError) {
            return try follow(terminal, &connection)
        } catch {
            guard case .closed = error else { throw error }
            return .connectionLost
        }
    }

    private mutating func follow(
        _ terminal: RawTerminal, _ connection: inout ControlConnection
    ) throws(ClientError) -> Outcome {
        next = Clock.now
        while true {
            if Clock.now >= next {
                // What it has not answered yet it is not asked again.
                if asked.isEmpty { try look(&connection) }
                next = Clock.now.advanced(by: interval)
            }
            model.silence = asked.isEmpty ? .zero : Clock.now.duration(since: askedAt)
            // Nobody sees it any more.
            let window = Terminal.current()
            model.scrollLimit = TopText.scrollLimit(model, terminal: window)
            if terminal.show(TopText.lines(model, now: Clock.wall, terminal: window)) != nil { return Outcome() }
            let arrived = terminal.wait(for: connection.descriptor, milliseconds: Clock.pollTimeout(until: next))
            if arrived.isEnd { return Outcome() }
            if arrived.isAnswer { try takeAnswers(&connection, until: Clock.now) }
            for key in arrived.keys {
                guard let wish = model.press(key) else { continue }
                if wish == .quit { return Outcome() }
                try carryOut(wish, &connection)
            }
        }
    }

    private mutating func carryOut(
        _ wish: TopModel.Wish, _ connection: inout ControlConnection
    ) throws(ClientError) {
        switch wish {
        case .quit: break
        case .order(let order, let service):
            let verb = Verb.order(order, services: [service], wait: false, timeout: nil)
            model.message = "\(order) of \(service) is given"
            try ask(.order(order, service: service), verb.call, &connection)
        case .logs, .why:
            subject = wish
            try askForText(wish, &connection)
        }
    }

    // MARK: Questions

    private mutating func look(_ connection: inout ControlConnection) throws(ClientError) {
        try ask(.services, .serviceStatus(ServiceSelection(services: services)), &connection)
        try ask(.trees, .serviceTree(TreeParams(services: services)), &connection)
        if case .text = model.page, let subject { try askForText(subject, &connection) }
    }

    private mutating func askForText(
        _ subject: TopModel.Wish, _ connection: inout ControlConnection
    ) throws(ClientError) {
        switch subject {
        case .logs(let service):
            try ask(.text(subject), .logsRead(LogsParams(services: [service], lines: Self.linesShown)), &connection)
        case .why(let service):
            try ask(.text(subject), .serviceWhy(WhyParams(services: [service])), &connection)
        case .quit, .order: break
        }
    }

    private mutating func ask(
        _ question: Question, _ call: Request.Call, _ connection: inout ControlConnection
    ) throws(ClientError) {
        // One that takes nothing any more would hold up the keys as well.
        guard asked.count < Self.mostAsked else {
            model.message = "supd does not answer: nothing more is asked of it"
            return
        }
        if asked.isEmpty { askedAt = Clock.now }
        asked[try connection.begin(call, timeout: patience)] = question
    }

    private static let mostAsked = 16
    /// How many of its last lines a page has.
    private static let linesShown = 200

    // MARK: Answers

    /// Takes what has come, and waits for it until `deadline`, or until there are `enough`.
    private mutating func takeAnswers(
        _ connection: inout ControlConnection, until deadline: MonotonicInstant, enough: Int = .max
    ) throws(ClientError) {
        var count = 0
        do throws(ClientError) {
            while count < enough {
                let arrival = try connection.next(deadline: deadline, timeout: nil)
                guard case .reply(let reply) = arrival else { continue }
                try take(reply, &connection)
                count += 1
            }
        } catch {
            guard case .timedOut = error else { throw error }
        }
    }

    private mutating func take(_ reply: Reply, _ connection: inout ControlConnection) throws(ClientError) {
        guard let id = reply.id else {
            // It is about the connection.
            if case .failure(let error) = reply.outcome { throw .refused(error) }
            return
        }
        guard let question = asked.removeValue(forKey: id) else { return }
        askedAt = Clock.now
        switch (question, reply.outcome) {
        case (.services, .success(let result)): list = try ServiceList(result: result).services
        case (.trees, .success(let result)):
            trees = try ServiceTrees(result: result).services
            try complete(&connection)
        case (.moreTrees, .success(let result)):
            let hasGrown = TreeReading.add(try ServiceTrees(result: result).services, to: &trees)
            if hasGrown { try complete(&connection) } else { model.update(list, trees, at: Clock.now) }
        // One of them is gone by now.
        case (.moreTrees, .failure): model.update(list, trees, at: Clock.now)
        case (.services, .failure(let error)) where isNothingNow(error): list = []
        case (.trees, .failure(let error)) where isNothingNow(error): model.update([], [], at: Clock.now)
        case (.services, .failure(let error)), (.trees, .failure(let error)): throw .refused(error)
        case (.order(let order, let service), .success(let result)):
            let results = try ServiceResults(result: result).services
            model.message = results.compactMap { $0.error?.words }.first ?? "\(order) of \(service) is ordered"
            next = Clock.now
        case (.order, .failure(let error)): model.message = error.words
        case (.text(let wish), let outcome):
            // The page may be another by now.
            guard wish == subject else { return }
            model.text = try text(wish, outcome)
        }
    }

    /// Nothing is so at the moment, or any more; it was once. Of several words the others may well mean something.
    private func isNothingNow(_ error: ProtocolError) -> Bool {
        model.isKnown && services.count == 1 && error.kind == .noSuchService
    }

    /// Shows the trees, once they are whole.
    private mutating func complete(_ connection: inout ControlConnection) throws(ClientError) {
        let left = TreeReading.left(trees)
        guard !left.isEmpty else { return model.update(list, trees, at: Clock.now) }
        try ask(.moreTrees, .serviceTree(TreeParams(services: left)), &connection)
    }

    /// The lines of a page about one service, which may be gone by now.
    private func text(
        _ subject: TopModel.Wish, _ outcome: Result<JSONValue, ProtocolError>
    ) throws(ClientError) -> [String] {
        switch (outcome, subject) {
        case (.failure(let error), _): return [error.words]
        case (.success(let result), .logs):
            return LogText.page(try LogRead(result: result), asked: Self.linesShown)
                .split(separator: "\n").map(String.init)
        case (.success(let result), _):
            let page = Terminal(width: TopText.width(of: .current()))
            return WhyText.text(try ServiceWhys(result: result).services, now: Clock.wall, terminal: page)
                .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        }
    }
}
