import SupdPlugin
import SupdProtocol

/// What stands for what in the bytes of `HistoryEntries`.
enum HistoryCode {
    // MARK: States

    /// In place of states: the event is no change.
    static let noChange: UInt8 = 0xFF

    /// What a change is from and to: three bits each, then whether it is ready and wanted up.
    struct States {
        var from: ServiceState
        var state: ServiceState
        var ready: Bool
        var desired: DesiredState
    }

    static func states(of change: KeptEvent.Change) -> UInt8 {
        place(of: change.from) | place(of: change.state) << 3 | (change.ready ? 1 << 6 : 0)
            | (change.desired == .up ? 1 << 7 : 0)
    }

    static func states(_ code: UInt8) -> States {
        States(
            from: state(code & 7), state: state(code >> 3 & 7), ready: code >> 6 & 1 == 1,
            desired: code >> 7 == 1 ? .up : .down)
    }

    /// There are seven, so that no pair of them is `noChange`.
    private static func place(of state: ServiceState) -> UInt8 {
        switch state {
        case .stopped: 0
        case .starting: 1
        case .running: 2
        case .backoff: 3
        case .stopping: 4
        case .exited: 5
        case .fatal: 6
        }
    }

    private static func state(_ place: UInt8) -> ServiceState {
        switch place {
        case 1: .starting
        case 2: .running
        case 3: .backoff
        case 4: .stopping
        case 5: .exited
        case 6: .fatal
        default: .stopped
        }
    }

    // MARK: What else there is

    /// Of a change; the lowest three bits are the cause's.
    struct Flags: OptionSet {
        let rawValue: UInt8
        static let pid = Flags(rawValue: 1 << 3)
        static let exit = Flags(rawValue: 1 << 4)
        static let nextStart = Flags(rawValue: 1 << 5)
        static let reason = Flags(rawValue: 1 << 6)
        static let decision = Flags(rawValue: 1 << 7)

        init(rawValue: UInt8) { self.rawValue = rawValue }
        init(_ change: KeptEvent.Change, cause code: Int) {
            self.init(rawValue: UInt8(code & 7))
            if change.pid != 0 { insert(.pid) }
            guard change.hasEnd else { return }
            if change.exit != nil { insert(.exit) }
            if change.nextStartAt != nil { insert(.nextStart) }
            if change.reason != nil { insert(.reason) }
            if change.decision != nil { insert(.decision) }
        }

        var cause: Int { Int(rawValue & 7) }
    }

    /// Of one that is no more than a word.
    static func code(of cause: KeptEvent.Cause) -> Int? {
        switch cause {
        case .none: 0
        case .boot: 1
        case .configuration: 2
        case .drain: 3
        case .told: nil
        }
    }

    static func constantCause(_ code: Int) -> KeptEvent.Cause? {
        switch code {
        case 0: KeptEvent.Cause.none
        case 1: .boot
        case 2: .configuration
        case 3: .drain
        default: nil
        }
    }

    /// The same as the last one that is none of these.
    static let sameCause = 4
    /// Another one.
    static let otherCause = 5

    // MARK: Ends

    enum OutcomeKind: UInt8 {
        case exited, signaled, outOfMemory, unknown, spawnFailed

        static let mask: UInt8 = 7
    }

    /// Beside the kind of an outcome.
    struct ExitFlags: OptionSet {
        let rawValue: UInt8
        static let success = ExitFlags(rawValue: 1 << 3)
        static let early = ExitFlags(rawValue: 1 << 4)
        static let coreDumped = ExitFlags(rawValue: 1 << 5)
    }

    static func outcome(of outcome: ExitOutcome) -> (UInt8, ExitFlags) {
        switch outcome {
        case .exited: (OutcomeKind.exited.rawValue, [])
        case .signaled(_, let coreDumped): (OutcomeKind.signaled.rawValue, coreDumped ? .coreDumped : [])
        case .outOfMemory: (OutcomeKind.outOfMemory.rawValue, [])
        case .unknown: (OutcomeKind.unknown.rawValue, [])
        case .spawnFailed: (OutcomeKind.spawnFailed.rawValue, [])
        }
    }

    /// One above its place in the list of all; 0 where there is none.
    static func place<Word: CaseIterable & Equatable>(of word: Word?) -> UInt8 {
        guard let word else { return 0 }
        return UInt8(1 + Word.allCases.prefix { $0 != word }.count)
    }

    static func word<Word: CaseIterable>(_ place: UInt8) -> Word? {
        place == 0 ? nil : Word.allCases.dropFirst(Int(place) - 1).first
    }

    // MARK: Decisions

    static let hasDelay: UInt8 = 1 << 5
    static let hasDetail: UInt8 = 1 << 6
    /// One in words that this version does not have.
    static let otherDecision: UInt8 = 1 << 7

    /// Two bits of what becomes of it, three of what that was decided by.
    static func code(of decision: EndDecision) -> UInt8? {
        guard let outcome = decision.outcome.known, let basis = decision.basis.known else { return nil }
        return place(of: outcome) | place(of: basis) << 2 | (decision.delay == nil ? 0 : hasDelay)
            | (decision.detail == nil ? 0 : hasDetail)
    }

    static func decision(_ code: UInt8) -> (EndDecision.Outcome, EndDecision.Basis)? {
        guard code & otherDecision == 0, let outcome: EndDecision.Outcome = word(code & 3),
            let basis: EndDecision.Basis = word(code >> 2 & 7)
        else { return nil }
        return (outcome, basis)
    }
}
