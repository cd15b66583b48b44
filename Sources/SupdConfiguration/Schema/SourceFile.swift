import SupdTOML

/// A file that was read, for as long as the load goes on.
final class SourceFile {
    /// Its number in the fault collector.
    let index: Int
    /// The path as messages show it.
    let path: String
    private let bytes: [UInt8]

    init(index: Int, path: String, bytes: [UInt8]) {
        self.index = index
        self.path = path
        self.bytes = bytes
    }

    func place(_ position: TOMLPosition) -> Place {
        Place(file: index, line: position.line, column: position.column)
    }

    /// Whether the text at `position` begins with `prefix`. For the little that a parsed value does not tell.
    func begins(with prefix: String, at position: TOMLPosition) -> Bool {
        var rest = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        for _ in 1..<max(position.line, 1) {
            guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return false }
            rest = rest[(end + 1)...]
        }
        // Columns count Unicode scalars: every byte that does not continue one.
        var column = 0
        let start = rest.firstIndex { byte in
            if byte & 0xC0 != 0x80 { column += 1 }
            return column == position.column
        }
        guard let start else { return false }
        return rest[start...].starts(with: prefix.utf8)
    }
}
