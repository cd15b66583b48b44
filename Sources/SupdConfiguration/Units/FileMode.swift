/// A file mode creation mask as umask(2) has it, written in octal.
enum FileMode {
    /// The mask that one to four octal digits write, up to 0777; nil for any other text.
    static func mask(_ text: String) -> UInt16? {
        guard (1...4).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x37).contains($0) }) else {
            return nil
        }
        guard let mask = UInt16(text, radix: 8), mask <= 0o777 else { return nil }
        return mask
    }
}
