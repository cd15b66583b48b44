import SupdPlugin
import SupdProtocol

/// Why an order has failed for some of those that it is for.
enum RefusalText {
    /// A line each, which names what it is about; one for all that are denied for the same reason.
    static func text(_ results: [ServiceResult]) -> String {
        var lines: [(error: ProtocolError, names: [String])] = []
        var places = [Denial: Int]()
        for result in results {
            guard let error = result.error else { continue }
            guard var denial = error.denial else {
                lines.append((error, []))
                continue
            }
            denial.instance = nil
            let place = places[denial] ?? lines.count
            places[denial] = place
            if place == lines.count { lines.append((error, [])) }
            lines[place].names.append(result.status.name)
        }
        return lines.map { error, names in
            let words = error.denial?.words(of: names) ?? error.words
            return "supctl: \(DisplayText.safe(words))\n"
        }.joined()
    }
}
