/// What is left to do of one request, in steps of a moment each, so that a request over ten thousand services holds up nobody.
///
/// One belongs to a connection and is carried out to its end, also where the client leaves meanwhile.
final class RequestWork {
    /// What came of a step.
    enum Progress {
        /// It is to be taken again: there is more of the same to do.
        case again
        /// The same, once something else has happened.
        case waits
        /// It is done, and the next one comes.
        case done
    }

    typealias Step = (RequestWork) -> Progress

    /// What it was asked of as well, and is not done with.
    var refused: RefusedInstances?
    private var steps: [Step]
    private var next = 0

    init(_ first: @escaping Step) {
        steps = []
        // An order has five.
        steps.reserveCapacity(6)
        steps.append(first)
    }

    /// Adds a step behind the others.
    func then(_ step: @escaping Step) { steps.append(step) }

    /// Adds a step that does something once.
    func thenOnce(_ body: @escaping (RequestWork) -> Void) {
        then {
            body($0)
            return .done
        }
    }

    /// Adds a step for each place below `count`, one after the other.
    func thenEach(_ count: Int, _ body: @escaping (_ place: Int) -> Void) {
        var next = 0
        then { _ in
            guard next < count else { return .done }
            body(next)
            next += 1
            return .again
        }
    }

    /// Takes the next step; `.done` where none is left.
    func advance() -> Progress {
        let progress = steps[next](self)
        guard progress == .done else { return progress }
        next += 1
        return next < steps.count ? .again : .done
    }
}
