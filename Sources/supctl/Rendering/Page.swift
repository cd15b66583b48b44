/// Text that is read line by line: wrapped where the terminal ends, and whole where there is none.
struct Page {
    private let terminal: Terminal

    init(_ terminal: Terminal) { self.terminal = terminal }

    /// How far what belongs to a heading is set in.
    static let indent = 2

    /// Sentences from edge to edge.
    func paragraph(_ text: String) -> String {
        folded(text, to: terminal.width).map { $0 + "\n" }.joined()
    }

    /// A line that may be set in itself, and is set in further where it goes on below.
    func entry(_ text: String) -> String {
        guard let width = terminal.width else { return text + "\n" }
        let hanging = min(Self.indent, (width - 1) / 2)
        return DisplayText.folded(text, to: width, hanging: hanging).map { $0 + "\n" }.joined()
    }

    /// A line that is set in, and goes on below its own beginning; `beside` stands before it.
    func line(_ text: String, beside head: String, _ colour: Colour?, gap: Int = 2, indent: Int = indent) -> String {
        let start = blanks(indent) + head + blanks(gap)
        let width = DisplayText.width(of: start)
        // Where there is no room beside it, it is set below.
        guard let whole = terminal.width, whole - width < Self.leastRoom else {
            // Piece by piece: what `joined` needs to know of its types takes longer to be found than the rest of a card.
            var shown = start
            for (number, line) in folded(DisplayText.safe(text), to: terminal.width.map({ $0 - width })).enumerated() {
                if number > 0 { shown += "\n" + blanks(width) }
                shown += painted(line, colour)
            }
            return shown + "\n"
        }
        let below = min(indent + Self.indent, max(0, whole - 1))
        let lines = folded(DisplayText.safe(text), to: whole - below).map { blanks(below) + painted($0, colour) + "\n" }
        return DisplayText.cut(start.trimmed, to: whole) + "\n" + lines.joined()
    }

    /// Puts such a line behind `output`, with what `write` writes, which is safe to show. Nothing of it is a text of its own where no terminal
    /// ends: the first of 64 bytes or more that is given back takes a tenth of a run.
    func add(
        beside head: String, _ colour: Colour?, gap: Int = 2, indent: Int = indent, to output: inout String,
        _ write: (inout String) -> Void
    ) {
        guard terminal.width == nil, colour == nil || !terminal.hasColour else {
            var text = ""
            write(&text)
            output += line(text, beside: head, colour, gap: gap, indent: indent)
            return
        }
        output += blanks(indent)
        output += head
        output += blanks(gap)
        write(&output)
        output += "\n"
    }

    /// The same of a line that is cut where the terminal ends.
    func addCut(to output: inout String, _ write: (inout String) -> Void) {
        guard terminal.width == nil else {
            var text = ""
            write(&text)
            output += cut(text)
            return
        }
        write(&output)
        output += "\n"
    }

    /// A line as it is, cut where the terminal ends.
    func cut(_ text: String) -> String { (terminal.width.map { DisplayText.cut(text, to: $0) } ?? text) + "\n" }

    /// A line that begins with something painted, which takes no more room for that, and goes on below its own beginning.
    func line(_ text: String, behind beginning: String, _ colour: Colour?) -> String {
        guard terminal.width != nil else { return painted(beginning, colour) + " " + DisplayText.safe(text) + "\n" }
        let line = line(text, beside: beginning, nil, gap: 1, indent: 0)
        guard line.hasPrefix(beginning) else { return line }
        // As a string: to put a part of one behind another the runtime looks through all conformances there are.
        return painted(beginning, colour) + String(line.dropFirst(beginning.count))
    }

    func painted(_ text: String, _ colour: Colour?) -> String {
        guard terminal.hasColour, let colour, !text.isEmpty else { return text }
        return colour.paint(text)
    }

    func padded(_ text: String, to width: Int) -> String { text + blanks(width - DisplayText.width(of: text)) }

    /// The least room that is of use to a sentence.
    private static let leastRoom = 24

    private func folded(_ text: String, to width: Int?) -> [String] {
        let lines = width.map { DisplayText.wrapped(text, to: $0) } ?? [text]
        return lines.isEmpty ? [""] : lines
    }

    private func blanks(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }
}

extension String {
    /// Without the blanks at its end.
    fileprivate var trimmed: String {
        var text = self
        while text.hasSuffix(" ") { text.removeLast() }
        return text
    }
}
