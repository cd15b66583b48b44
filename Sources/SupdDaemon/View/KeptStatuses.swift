import SupdConfiguration
import SupdEngine
import SupdJSON
import SupdPlugin
import SupdProtocol

/// The statuses that were asked for last, as they were written: each is rendered once a change, and not once a request.
///
/// Nobody has to remember to drop one. It is kept beside all that it was made of, and of no use once any of that is another; debug builds
/// render it anew each time and end where that differs.
struct KeptStatuses {
    /// All that the status of an instance at rest is made of.
    struct Basis: Equatable {
        let instance: InstanceID
        /// How often its machine, its row in the roster, the probes and what services say of themselves have changed; the last two are zero
        /// of an instance without probes, and of one that is not listened to.
        let machine: UInt32
        let row: UInt64
        let probes: UInt64
        let notices: UInt64
        let isOutdated: Bool
        /// By which instants are shown.
        let wallDifference: Int64
    }

    private struct Entry {
        let basis: Basis
        let bytes: [UInt8]
    }

    /// How many are kept, and how long one is at most, in bytes.
    private static let places = 256
    private static let longest = 1024
    /// By the instances' slots; empty as long as nobody asks.
    private var entries: [Entry?] = []

    /// What was written when all was as it is now; nil where that is not kept.
    subscript(basis: Basis) -> [UInt8]? {
        guard !entries.isEmpty, let entry = entries[Self.place(basis.instance)], entry.basis == basis
        else { return nil }
        return entry.bytes
    }

    /// Keeps it, in place of one that was asked for before.
    mutating func keep(_ bytes: [UInt8], for basis: Basis) {
        guard bytes.count <= Self.longest else { return }
        if entries.isEmpty { entries = Array(repeating: nil, count: Self.places) }
        entries[Self.place(basis.instance)] = Entry(basis: basis, bytes: bytes)
    }

    private static func place(_ instance: InstanceID) -> Int { Int(instance.slot) % places }
}

extension Supervisor {
    /// Writes the status of an instance for `viewer`, as it was written last where it is still the same, and the same to everybody.
    func write(statusOf instance: InstanceID, for viewer: Viewer?, into writer: inout JSONWriter) {
        guard viewer == nil || !fleet.isByAnother(instance), let basis = basisAtRest(of: instance) else {
            return status(of: instance, for: viewer).encode(into: &writer)
        }
        if let kept = keptStatuses[basis] {
            assert(kept == render(instance), "a status was kept that is not true any more")
            return writer.value(written: kept)
        }
        let rendered = render(instance)
        keptStatuses.keep(rendered, for: basis)
        writer.value(written: rendered)
    }

    private func render(_ instance: InstanceID) -> [UInt8] {
        var writer = JSONWriter(reservingCapacity: 512)
        status(of: instance).encode(into: &writer)
        return writer.bytes
    }

    /// What the status of an instance is made of. Nil of one that is not at rest: it says what others do, what runs that is not its own, or
    /// how long something has taken.
    private func basisAtRest(of instance: InstanceID) -> KeptStatuses.Basis? {
        guard let machine = fleet.changesAtRest(of: instance), processes.hasNothingLeft(by: instance)
        else { return nil }
        let row = roster[instance]
        return KeptStatuses.Basis(
            instance: instance, machine: machine, row: row.changes,
            probes: row.definition.probes == nil ? 0 : plugins.probes.changes, notices: notices.changes(of: instance),
            isOutdated: row.definition !== roster.definition(of: row.service) && runsOlderDefinition(instance),
            wallDifference: wallDifference)
    }
}
