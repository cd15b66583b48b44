import SupdPlugin
import SupdProtocol

extension StateCounts {
    /// `2 RUNNING, 2 EXITED (1 failed)`, where so many of those that are EXITED have `failed`.
    func text(failed: Int = 0) -> String {
        let words = counts.map { count in
            let remark = count.state.known == .exited && failed > 0 ? " (\(failed) failed)" : ""
            return "\(count.count) \(count.state.rawValue)\(remark)"
        }
        return DisplayText.safe(words.joined(separator: ", "))
    }
}
