import SupdPlugin

extension ServiceMachine {
    /// Whether it is wanted up and went down all the same: it ended by itself, was ended for a reason of supd's own, or
    /// was given up.
    package var hasFallen: Bool {
        guard desired == .up, !isUp else { return false }
        return switch phase {
        case .stopping(let stop): stop.why != .ordered
        case .backoff, .exited, .fatal: true
        case .stopped, .waiting, .starting, .running: false
        }
    }
}
