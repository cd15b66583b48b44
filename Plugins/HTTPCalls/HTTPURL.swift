public import SupdPlugin

/// An address that HTTP requests can be sent to, checked.
public struct HTTPURL: Hashable, Sendable, CustomStringConvertible {
    /// As the configuration has it.
    public let text: String

    /// For messages: without the query, which may hold a secret.
    public var description: String { String(text.prefix { $0 != "?" }) }

    /// The URL in the text of `option`. Throws where it is none, or none that a request can be sent to.
    public init(_ options: PluginOptions, _ option: String) throws(OptionError) {
        let text = options.word(option)
        if let problem = Self.problem(of: text) {
            throw OptionError(option: option, message: "\(problem); found '\(text)'")
        }
        self.text = text
    }

    private static func problem(of text: String) -> String? {
        guard let scheme = ["http://", "https://"].first(where: text.lowercased().hasPrefix) else {
            return "must start with 'http://' or 'https://'"
        }
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !"\"<>\\^`{|}#".utf8.contains($0) }) else {
            return "must consist of what RFC 3986 allows before a '#'; other characters are written as %XX"
        }
        let authority = text.dropFirst(scheme.count).prefix { !"/?".contains($0) }
        guard !authority.contains("@") else {
            return "must have no user and password in it: set 'Authorization: …' in 'headers'"
        }
        let isBracketed = authority.hasPrefix("[")
        guard
            let end = isBracketed ? authority.firstIndex(of: "]") : authority.firstIndex(of: ":") ?? authority.endIndex,
            authority[..<end].count > (isBracketed ? 1 : 0)
        else { return "must name a host after '\(scheme)'" }
        let rest = isBracketed ? authority[authority.index(after: end)...] : authority[end...]
        guard rest.isEmpty || rest.first == ":" && UInt16(rest.dropFirst()).map({ $0 > 0 }) == true else {
            return "must have a port of 1…65535 after ':'"
        }
        return nil
    }
}
