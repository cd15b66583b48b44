/// What epoll is given for each descriptor and gives back with its events: what kind of source it is, which one, and
/// which use of that number, so that an event that was on its way when its source was closed is known as old.
struct SourceToken {
    enum Kind: UInt64 {
        case channel = 1
        case process, signals, timer, mailbox
    }

    var rawValue: UInt64

    private static let indexBits: UInt64 = 28

    init(_ kind: Kind, index: UInt32 = 0, generation: UInt32 = 0) {
        let index = UInt64(index) & ((1 << Self.indexBits) - 1)
        rawValue = kind.rawValue << 60 | index << 32 | UInt64(generation)
    }

    init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    var kind: Kind? { Kind(rawValue: rawValue >> 60) }
    var index: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 32 & ((1 << Self.indexBits) - 1)) }
    var generation: UInt32 { UInt32(truncatingIfNeeded: rawValue) }
}
