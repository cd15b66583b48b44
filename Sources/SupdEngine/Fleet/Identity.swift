/// A service of a fleet, for as long as it has one definition after the other. Never used again once it is removed.
public struct ServiceID: Identity {
    /// Where its row is.
    public let slot: UInt32
    /// How many rows were there before it.
    public let generation: UInt32

    /// The one of these.
    @inlinable public init(slot: UInt32, generation: UInt32) {
        self.slot = slot
        self.generation = generation
    }
}

/// One instance of a service. Never used again once it is removed.
public struct InstanceID: Identity {
    /// Where its row is.
    public let slot: UInt32
    /// How many rows were there before it.
    public let generation: UInt32

    /// The one of these.
    @inlinable public init(slot: UInt32, generation: UInt32) {
        self.slot = slot
        self.generation = generation
    }
}

/// A number that names one row of an `IdentityTable` for ever: the row's slot is used again, the pair is not.
public protocol Identity: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Where its row is.
    var slot: UInt32 { get }
    /// How many rows were there before it.
    var generation: UInt32 { get }
    /// The one of these.
    init(slot: UInt32, generation: UInt32)
}

extension Identity {
    /// Both as one number, for those who keep numbers: a timer.
    package var number: UInt64 { UInt64(generation) << 32 | UInt64(slot) }

    /// The one whose number that is.
    package init(number: UInt64) {
        self.init(slot: UInt32(truncatingIfNeeded: number), generation: UInt32(number >> 32))
    }

    /// In the order of their slots.
    public static func < (left: Self, right: Self) -> Bool {
        (left.slot, left.generation) < (right.slot, right.generation)
    }

    /// `7`, or `7.2` where the slot was used twice before.
    public var description: String { generation == 0 ? "\(slot)" : "\(slot).\(generation)" }
}
