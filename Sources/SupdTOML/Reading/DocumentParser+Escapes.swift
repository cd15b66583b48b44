extension DocumentParser {
    /// An escape of a basic string; the cursor is at its backslash. One that is not known is left in the text.
    mutating func escape(into content: inout [UInt8], _ mistake: inout TOMLError?) {
        let backslash = cursor
        cursor.advance()
        let next = cursor.peek()
        switch next {
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "n"): content.append(0x0A)
        case UInt8(ascii: "f"): content.append(0x0C)
        case UInt8(ascii: "r"): content.append(0x0D)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): content.append(next ?? 0)
        case UInt8(ascii: "u"), UInt8(ascii: "U"):
            cursor.advance()
            scalar(digits: next == UInt8(ascii: "u") ? 4 : 8, from: backslash, into: &content, &mistake)
            return
        default:
            if mistake == nil {
                var place = backslash
                mistake = TOMLError(
                    position: place.position(),
                    message:
                        "found \(cursor.found()) after a backslash, expected one of b t n f r \" \\ uXXXX UXXXXXXXX "
                        + "(in single quotation marks a backslash stands for itself)")
            }
            content.append(UInt8(ascii: "\\"))
            return
        }
        cursor.advance()
    }

    private mutating func scalar(
        digits: Int, from backslash: Cursor, into content: inout [UInt8], _ mistake: inout TOMLError?
    ) {
        var value: UInt32 = 0
        for _ in 0..<digits {
            guard let byte = cursor.peek(), let digit = Character(UnicodeScalar(byte)).hexDigitValue else {
                mistake = mistake ?? unexpected("\(digits) hexadecimal digits in the escape")
                return
            }
            value = value << 4 | UInt32(digit)
            cursor.advance()
        }
        guard let scalar = Unicode.Scalar(value), let encoded = UTF8.encode(scalar) else {
            var place = backslash
            let written = String(decoding: cursor.bytes[backslash.offset..<cursor.offset], as: UTF8.self)
            mistake =
                mistake ?? TOMLError(position: place.position(), message: "\(shown(written)) is no Unicode character")
            return
        }
        content.append(contentsOf: encoded)
    }
}

/// How many bytes are UTF-8 before the first sequence that is not.
func validPrefix(of bytes: some Sequence<UInt8>) -> Int {
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    var valid = 0
    while case .scalarValue(let scalar) = decoder.decode(&iterator) { valid += UTF8.width(scalar) }
    return valid
}
