public import SupdPlugin

/// Which statuses an answer may have: `204`, or a whole class as `2xx`.
public struct HTTPStatuses: Hashable, Sendable, CustomStringConvertible {
    /// Success.
    public static let success = HTTPStatuses(words: ["2xx"], ranges: [200...299])

    private let words: [String]
    private let ranges: [ClosedRange<Int>]

    private init(words: [String], ranges: [ClosedRange<Int>]) {
        self.words = words
        self.ranges = ranges
    }

    /// The statuses in the texts of `option`. Throws where one is none, and where there are none.
    public init(_ options: PluginOptions, _ option: String) throws(OptionError) {
        let words = options.texts(option)
        var ranges: [ClosedRange<Int>] = []
        for word in words {
            guard let range = Self.range(word) else {
                throw OptionError(
                    option: option, message: "must be of statuses like '204' and classes like '2xx'; found '\(word)'")
            }
            ranges.append(range)
        }
        guard !ranges.isEmpty else {
            throw OptionError(
                option: option, message: "must name a status like '204' or a class like '2xx'; found none")
        }
        self.init(words: words, ranges: ranges)
    }

    /// `2xx or 404`.
    public var description: String { words.joined(separator: " or ") }

    /// Whether `status` is one of them.
    public func contains(_ status: Int) -> Bool { ranges.contains { $0.contains(status) } }

    private static func range(_ word: String) -> ClosedRange<Int>? {
        guard word.utf8.count == 3 else { return nil }
        if word.hasSuffix("xx"), let number = Int(word.prefix(1)), (1...5).contains(number) {
            return number * 100...number * 100 + 99
        }
        guard let status = Int(word), (100...599).contains(status) else { return nil }
        return status...status
    }
}
