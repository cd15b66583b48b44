import SupdPlugin

/// Which of a child's two outputs a line came from.
enum LogStream: String, Hashable, Sendable {
    /// Standard output, or both where they share a pipe.
    case output = "stdout"
    /// Standard error with a pipe of its own.
    case error = "stderr"
}

/// A part of a child's output that may be passed on: whole lines, or one piece of a line.
///
/// The bytes belong to the reader and are good only for the duration of the call they are handed to.
struct LineRun {
    /// How the run ends.
    enum Ending: Hashable, Sendable {
        /// Every line in it ends with a newline.
        case newline
        /// One piece of a line that was too long: no newline, and the next run goes on with the same line.
        case cut
        /// The last line of the stream, which ended without a newline.
        case endOfStream
    }

    /// The bytes as the child wrote them.
    var bytes: UnsafeRawBufferPointer
    /// How the run ends.
    var ending: Ending
    /// Whether the first line is the rest of one whose beginning was in the run before.
    var continuesLine: Bool
    /// Whether a line may begin with its level (`LevelPrefix`).
    var hasLevels = false
    /// The level of the line that the run goes on with.
    var continuedLevel: SyslogLevel?

    /// Whether the bytes are what a plain text file is to have: whole lines, each without a level at its beginning and a carriage
    /// return at its end.
    var isPlainText: Bool {
        ending == .newline && !bytes.hasCarriageReturn && !(hasLevels && LevelPrefix.isIn(bytes))
    }

    /// Appends the lines as a plain text file has them, each after `prefix` and with a newline; a piece that goes on is marked.
    func appendText(prefix: String = "", to text: inout [UInt8]) {
        forEachLine { line in
            text.append(contentsOf: prefix.utf8)
            text.append(contentsOf: line.mark.utf8)
            text.append(contentsOf: line.bytes)
            if line.ending == .cut { text.append(contentsOf: Line.cutMark.utf8) }
            text.append(newline)
        }
    }

    /// The level of its first line.
    var firstLevel: SyslogLevel? {
        if continuesLine { return continuedLevel }
        return hasLevels ? LevelPrefix.level(of: bytes) : nil
    }

    /// Calls `body` for each line, without its level and its `\n` or `\r\n`.
    func forEachLine(_ body: (Line) -> Void) {
        var position = 0
        while position < bytes.count {
            let newlineAt = bytes.firstNewline(from: position)
            let end = newlineAt ?? bytes.count
            var contentEnd = end
            if newlineAt != nil, contentEnd > position, bytes[contentEnd - 1] == UInt8(ascii: "\r") { contentEnd -= 1 }
            let isContinuation = position == 0 && continuesLine
            var text = bytes.part(position..<contentEnd)
            var level = isContinuation ? continuedLevel : nil
            if hasLevels, !isContinuation, let own = LevelPrefix.level(of: text) {
                level = own
                text = text.part(LevelPrefix.length..<text.count)
            }
            body(
                Line(
                    bytes: text, ending: newlineAt == nil ? ending : .newline, isContinuation: isContinuation,
                    level: level))
            position = end + 1
        }
    }

    /// One line of a run, or one piece of a line.
    struct Line {
        /// What a piece of a line ends with in a text where the next line goes on with it.
        static let cutMark = " [...]"

        /// Its bytes, without the level that it begins with and the end of line.
        var bytes: UnsafeRawBufferPointer
        /// How it ends.
        var ending: Ending
        /// Whether it is the rest of a line that was too long.
        var isContinuation: Bool
        /// How grave it says that it is; nil where it says nothing.
        var level: SyslogLevel?

        /// What a text says of its level before it.
        var mark: String { isContinuation ? "" : level?.mark ?? "" }
    }
}
