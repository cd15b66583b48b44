/// Rows by identities that others give out, each found at once. Memory grows with the slots in use.
///
/// Inlined, as every question about an instance goes through it: the generic code, and finding what it needs for the types at hand, took an
/// eighth of a start and of a stop. Public for that alone: what is not is inlined in no other module.
public struct IdentityMap<ID: Identity, Row> {
    /// What is to be known of a slot without looking at its row, which would be copied for that.
    @usableFromInline
    struct Slot: Sendable {
        @usableFromInline var generation: UInt32 = 0
        @usableFromInline var hasRow = false

        @inlinable init() {}
    }

    @usableFromInline var slots: [Slot] = []
    @usableFromInline var rows: [Row?] = []
    @usableFromInline var rowCount = 0

    /// A map without rows.
    @inlinable public init() {}

    /// How many rows there are.
    @inlinable public var count: Int { rowCount }

    /// The row of an identity; nil where there is none, also of an older one whose slot was used again. Setting it takes the slot from
    /// an older one; setting that of an older one changes nothing.
    @inlinable public subscript(id: ID) -> Row? {
        @inline(__always) get { contains(id) ? rows[Int(id.slot)] : nil }
        _modify {
            let slot = Int(id.slot)
            while slots.count <= slot {
                slots.append(Slot())
                rows.append(nil)
            }
            guard id.generation >= slots[slot].generation else {
                var none: Row?
                yield &none
                return
            }
            if slots[slot].generation != id.generation {
                slots[slot].generation = id.generation
                note(false, at: slot)
                rows[slot] = nil
            }
            defer { note(rows[slot] != nil, at: slot) }
            yield &rows[slot]
        }
    }

    @inlinable mutating func note(_ hasRow: Bool, at slot: Int) {
        guard slots[slot].hasRow != hasRow else { return }
        slots[slot].hasRow = hasRow
        rowCount += hasRow ? 1 : -1
    }

    /// The row of an identity that has one.
    @inlinable public subscript(existing id: ID) -> Row {
        @inline(__always) get {
            guard contains(id), let row = rows[Int(id.slot)] else { Self.lacksRow(id) }
            return row
        }
        @inline(__always) _modify {
            if !contains(id) { Self.lacksRow(id) }
            yield &rows[Int(id.slot)]!
        }
    }

    @usableFromInline static func lacksRow(_ id: ID) -> Never { preconditionFailure("no row of \(id)") }

    /// Whether there is a row of that identity.
    @inlinable @inline(__always) public func contains(_ id: ID) -> Bool {
        let slot = Int(id.slot)
        return slot < slots.count && slots[slot].generation == id.generation && slots[slot].hasRow
    }

    /// The identities that have rows, in the order of their slots.
    @inlinable public var ids: Identities { Identities(slots) }

    /// The identities that have rows in `slots`.
    public struct Identities: Sequence, IteratorProtocol {
        @usableFromInline let slots: [Slot]
        @usableFromInline var place = 0

        @inlinable init(_ slots: [Slot]) { self.slots = slots }

        /// The next one.
        @inlinable public mutating func next() -> ID? {
            while place < slots.count {
                defer { place += 1 }
                if slots[place].hasRow { return ID(slot: UInt32(place), generation: slots[place].generation) }
            }
            return nil
        }
    }
}

extension IdentityMap: Sendable where Row: Sendable {}

/// Rows that get an identity each, which is never given again. A row that is removed leaves its slot to the next.
package struct IdentityTable<ID: Identity, Row> {
    package private(set) var map = IdentityMap<ID, Row>()
    /// The identities that come next, the last one first, before slots that were never used.
    private var free: [ID] = []
    private var slots: UInt32 = 0

    /// How many rows there are.
    var count: Int { map.count }

    /// The identities, in the order of their slots.
    var ids: IdentityMap<ID, Row>.Identities { map.ids }

    package func contains(_ id: ID) -> Bool { map.contains(id) }

    /// The row of an identity that has one.
    package subscript(id: ID) -> Row { map[existing: id] }

    /// Puts another row into the place of one.
    mutating func replace(_ id: ID, by row: Row) { map[existing: id] = row }

    /// Adds a row, and answers its identity.
    mutating func insert(_ row: Row) -> ID {
        let id = free.popLast() ?? ID(slot: slots, generation: 0)
        slots = max(slots, id.slot + 1)
        map[id] = row
        return id
    }

    /// Takes a row out. Nothing where there is none.
    mutating func remove(_ id: ID) {
        guard map.contains(id) else { return }
        map[id] = nil
        // A slot whose generations are used up is left alone.
        if id.generation < .max { free.append(ID(slot: id.slot, generation: id.generation + 1)) }
    }
}

extension IdentityTable: Sendable where Row: Sendable {}
