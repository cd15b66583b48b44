internal import Glibc

/// How much of some lines still goes into a file that is rotated by size.
enum RotationRule {
    /// Whole lines up to `limit` bytes in all; or one line that is longer than the limit where the file is empty. 0: rotate first.
    static func fittingPart(of lines: UnsafeRawBufferPointer, size: Int, limit: Int) -> Int {
        if size + lines.count <= limit { return lines.count }
        if size < limit, let last = lastNewline(in: lines, before: limit - size) { return last + 1 }
        guard size == 0 else { return 0 }
        guard let base = lines.baseAddress, let end = memchr(base, newline, lines.count) else { return lines.count }
        return UnsafeRawPointer(end) - base + 1
    }

    private static let newline = Int32(UInt8(ascii: "\n"))

    private static func lastNewline(in lines: UnsafeRawBufferPointer, before end: Int) -> Int? {
        // A line is far shorter than what fits, as a rule.
        var position = min(end, lines.count)
        while position > 0 {
            if lines[position - 1] == UInt8(newline) { return position - 1 }
            position -= 1
        }
        return nil
    }
}
