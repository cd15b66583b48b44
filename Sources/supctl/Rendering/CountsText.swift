import SupdProtocol

extension StateCounts {
    /// `2 RUNNING, 1 FATAL`.
    var text: String {
        DisplayText.safe(counts.map { "\($0.count) \($0.state.rawValue)" }.joined(separator: ", "))
    }
}
