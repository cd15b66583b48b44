public import SupdPlugin

/// One header of a request.
public struct HTTPHeader: Hashable, Sendable {
    /// The name, as it was written.
    public let name: String
    /// The value, without blanks around it.
    public let value: String

    /// The header `name`.
    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    /// What `headers` of a plugin's options declares.
    public static func option(_ summary: String) -> OptionDeclaration {
        OptionDeclaration("headers", .texts, standard: .texts([]), summary)
    }

    /// The headers in `headers`, each written `Name: value`. Throws where one is not.
    public static func list(_ options: PluginOptions) throws(OptionError) -> [HTTPHeader] {
        var headers: [HTTPHeader] = []
        for line in options.texts("headers") {
            guard let header = HTTPHeader(line) else {
                // The value may be a secret.
                throw OptionError(
                    option: "headers",
                    message: "must be texts like 'Name: value' (RFC 9110, 5); found '\(line.prefix { $0 != ":" })…'")
            }
            headers.append(header)
        }
        return headers
    }

    private init?(_ line: String) {
        guard let colon = line.firstIndex(of: ":") else { return nil }
        let name = line[..<colon]
        let value = line[line.index(after: colon)...]
        guard !name.isEmpty, name.utf8.allSatisfy(HTTPMethod.isTokenByte),
            value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == UInt8(ascii: "\t") })
        else { return nil }
        self.name = String(name)
        var trimmed = value.drop { $0 == " " || $0 == "\t" }
        while trimmed.last == " " || trimmed.last == "\t" { trimmed.removeLast() }
        self.value = String(trimmed)
    }
}
