import SupdPlugin
import SupdProtocol

/// Why an order has failed for some of those that it is for.
enum RefusalText {
    /// So many are told one by one, or named in one line.
    private static let namesShown = 5

    /// A line each, which names what it is about; one for all that are denied for the same reason.
    static func text(_ results: [ServiceResult]) -> String {
        var lines: [(head: String, names: [String], tail: String)] = []
        var places: [String: Int] = [:]
        for result in results {
            guard let error = result.error else { continue }
            let (name, words) = (result.status.name, error.words)
            let parts = error.kind == .notPermitted ? words.split(separator: " of \(name) ", maxSplits: 1) : []
            guard parts.count == 2 else {
                lines.append((words, [], ""))
                continue
            }
            let (head, tail) = (String(parts[0]), String(parts[1]))
            if let place = places[head + "\n" + tail] {
                lines[place].names.append(name)
            } else {
                places[head + "\n" + tail] = lines.count
                lines.append((head, [name], tail))
            }
        }
        return lines.map { head, names, tail in
            let text = names.isEmpty ? head : "\(head) of \(names.named(atMost: namesShown)) \(tail)"
            return "supctl: \(DisplayText.safe(text))\n"
        }.joined()
    }
}
