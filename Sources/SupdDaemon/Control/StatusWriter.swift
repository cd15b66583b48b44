import SupdEngine
import SupdJSON
import SupdProtocol

/// Writes the statuses of instances into answers.
final class StatusWriter {
    private unowned let seam: any ControlSeam
    private let fleet: Fleet
    private let roster: Roster
    private let processes: ProcessKeeper
    private let notices: NoticeReader
    private let clock: WallClock
    private let kept = KeptStatuses()

    /// One that has kept none.
    init(_ seam: any ControlSeam) {
        self.seam = seam
        fleet = seam.fleet
        roster = seam.roster
        processes = seam.processes
        notices = seam.notices
        clock = seam.wallClock
    }

    /// Writes the status of an instance for `viewer`, as it was written last where it is still the same, and the same to everybody.
    func write(_ instance: InstanceID, for viewer: Viewer?, into writer: inout JSONWriter) {
        guard viewer == nil || !fleet.isByAnother(instance), let basis = basisAtRest(of: instance) else {
            return seam.status(of: instance, for: viewer).encode(into: &writer)
        }
        if kept.write(basis, into: &writer) {
            assert(writer.ends(with: render(instance)), "a status was kept that is not true any more")
            return
        }
        let rendered = render(instance)
        kept.keep(rendered, for: basis)
        writer.value(written: rendered)
    }

    private func render(_ instance: InstanceID) -> [UInt8] {
        var writer = JSONWriter(reservingCapacity: 512)
        seam.status(of: instance, for: nil).encode(into: &writer)
        return writer.bytes
    }

    /// What the status of an instance is made of. Nil of one that is not at rest: it says what others do, what runs that is not its own, or
    /// how long something has taken.
    private func basisAtRest(of instance: InstanceID) -> KeptStatuses.Basis? {
        guard let machine = fleet.changesAtRest(of: instance), processes.hasNothingLeft(by: instance)
        else { return nil }
        let row = roster.standing(of: instance)
        return KeptStatuses.Basis(
            instance: instance, machine: machine, row: row.changes,
            probes: row.hasProbes ? seam.plugins.probes.changes : 0, notices: notices.changes(of: instance),
            redefinitions: roster.redefinitions, wallDifference: clock.difference)
    }
}

extension JSONWriter {
    /// For a check.
    fileprivate func ends(with bytes: [UInt8]) -> Bool { self.bytes.suffix(bytes.count) == bytes[...] }
}
