import SupdPlugin

/// How what is left of a drain after a second signal is shared out.
///
/// The signal says that it takes too long, and what hangs then is most often not a service: with whole graces a hook and
/// a job that do not end would use up everything, and the services, which may have nothing to do with it, would be
/// killed without having been asked to go. So each phase ends by a tenth of the time of its own.
struct DrainEscalation: Hashable, Sendable {
    /// When the signal came.
    let begin: MonotonicInstant
    /// When the drain is over.
    let end: MonotonicInstant

    /// When the services are killed at the latest. At worst they have been asked to go four tenths before.
    var killing: MonotonicInstant { after(tenths: 8) }

    /// When `phase` is over at the latest.
    func end(of phase: DrainPhase) -> MonotonicInstant {
        switch phase {
        case .announce: after(tenths: 1)
        case .quiesce: after(tenths: 2)
        case .jobs: after(tenths: 4)
        case .services: after(tenths: 9)
        case .flush: end
        }
    }

    private func after(tenths: Int) -> MonotonicInstant {
        begin.advanced(by: end.duration(since: begin) * tenths / 10)
    }
}
