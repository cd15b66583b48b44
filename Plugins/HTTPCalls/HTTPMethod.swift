public import SupdPlugin

/// What a request asks for: `GET`, `POST`.
public enum HTTPMethod {
    /// The method in the text of `method`. Throws where it is no token in capital letters: methods are case-sensitive
    /// (RFC 9110, 9.1), and one in small letters is a slip.
    public static func parse(_ options: PluginOptions) throws(OptionError) -> String {
        let text = options.word("method")
        guard !text.isEmpty, text.utf8.allSatisfy(isTokenByte), text == text.uppercased() else {
            throw OptionError(
                option: "method", message: "must be a method in capital letters, like 'POST'; found '\(text)'")
        }
        return text
    }

    /// Whether a token (RFC 9110, 5.6.2) may have the byte.
    static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
