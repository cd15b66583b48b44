import SupdPlugin
import SupdProtocol

/// Why an order has failed for some of those that it is for.
enum RefusalText {
    /// So many are told one by one, or named in one line.
    private static let namesShown = 5

    /// A line each, which names what it is about; one for all that are denied for the same reason.
    static func text(_ results: [ServiceResult]) -> String {
        var lines: [(text: String, names: [String])] = []
        var places: [String: Int] = [:]
        for result in results {
            guard let error = result.error else { continue }
            let (name, words) = (result.status.name, error.words)
            let parts = error.kind == .notPermitted ? words.split(separator: " of \(name) ", maxSplits: 1) : []
            guard parts.count == 2 else {
                lines.append((words, []))
                continue
            }
            let reason = "\(parts[0]) of  \(parts[1])"
            if let place = places[reason] {
                lines[place].names.append(name)
            } else {
                places[reason] = lines.count
                lines.append((reason, [name]))
            }
        }
        return lines.map { "supctl: \(DisplayText.safe(filled($0.text, $0.names)))\n" }.joined()
    }

    private static func filled(_ text: String, _ names: [String]) -> String {
        guard !names.isEmpty else { return text }
        let more = names.count > namesShown ? " and \(names.count - namesShown) more" : ""
        let list = names.prefix(namesShown).joined(separator: ", ") + more
        let parts = text.split(separator: " of  ", maxSplits: 1)
        return "\(parts[0]) of \(list) \(parts[1])"
    }
}
