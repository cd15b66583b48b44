/// A table for people: columns as wide as what is in them, and the last one cut where the terminal ends, or left out where that
/// leaves nothing of use.
struct Table {
    /// One cell.
    struct Cell {
        var text: String
        var colour: Colour?

        init(_ text: String, _ colour: Colour? = nil) {
            self.text = DisplayText.safe(text)
            self.colour = colour
        }
    }

    enum Alignment {
        case left, right
    }

    /// What a column has above it, and where its cells stand.
    struct Column {
        var title: String
        var alignment: Alignment
        /// Whether it is left out where there is not enough room for the last one; the first of several is left out first, but the last
        /// one itself before all others.
        var isExpendable: Bool

        init(_ title: String, _ alignment: Alignment = .left, isExpendable: Bool = false) {
            self.title = title
            self.alignment = alignment
            self.isExpendable = isExpendable
        }
    }

    private let columns: [Column]
    /// The least room that is of use to the last column, which has the sentences.
    private let leastRoom: Int
    private var rows: [[Cell]] = []

    init(_ columns: [Column], leastRoom: Int = 24) {
        self.columns = columns
        self.leastRoom = leastRoom
    }

    /// Adds a row with a cell for each column.
    mutating func add(_ row: [Cell]) {
        rows.append(row)
    }

    /// The table with its title line, each line ended by a newline.
    func text(for terminal: Terminal) -> String {
        let all = [columns.map { Cell($0.title) }] + rows
        let whole = columns.indices.map { column in all.map { DisplayText.width(of: $0[column].text) }.max() ?? 0 }
        let widths: [Int]
        if let width = terminal.width {
            widths = narrowed(whole, to: width)
            if let column = columnToLeaveOut(widths, whole, in: width) { return without(column).text(for: terminal) }
        } else {
            widths = whole
        }
        // Piece by piece, as what a page has is (`Page.line`).
        var text = ""
        for row in all { text += line(row, widths, terminal) + "\n" }
        return text
    }

    /// The same, but the last column is never cut: where it does not fit beside the others, it follows its row on lines of its own,
    /// wrapped at the terminal's width.
    func wrappedText(for terminal: Terminal) -> String {
        let whole = text(for: Terminal(width: nil))
        guard let width = terminal.width, columns.count > 1,
            whole.split(separator: "\n").contains(where: { DisplayText.width(of: String($0)) > width })
        else { return text(for: terminal) }
        var others = Table(columns.dropLast())
        for row in rows { others.add(row.dropLast()) }
        let lines = others.text(for: terminal).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        return lines[0] + "\n"
            + zip(lines.dropFirst(), rows).map { line, row in
                let words = row.last.map { DisplayText.wrapped($0.text, to: width - Self.indent) } ?? []
                return line + "\n" + words.map { blanks(min(Self.indent, width - 1)) + $0 + "\n" }.joined()
            }.joined()
    }

    private func without(_ column: Int) -> Table {
        func rest<Element>(_ all: [Element]) -> [Element] { Array(all[..<column] + all[(column + 1)...]) }
        var table = Table(rest(columns), leastRoom: leastRoom)
        for row in rows { table.add(rest(row)) }
        return table
    }

    /// A column of text is no narrower than that for the sake of others.
    private static let leastWidth = 8
    /// What is narrower than that says little.
    private static let usefulWidth = 16

    /// The column that has to go for the others to be of use with these `widths` in `width` cells.
    private func columnToLeaveOut(_ widths: [Int], _ whole: [Int], in width: Int) -> Int? {
        guard columns.count > 1, let last = columns.indices.last else { return nil }
        if isTight(widths, whole, in: width) {
            if columns[last].isExpendable { return last }
            if let column = columns.indices.first(where: { columns[$0].isExpendable }) { return column }
        }
        // A piece of a number is another number, and the first letters of a sentence say nothing.
        let least = columns[last].alignment == .right ? whole[last] : min(whole[last], Self.leastWidth)
        return room(beside: widths, in: width) < least ? last : nil
    }

    /// What the other columns leave to the last one.
    private func room(beside widths: [Int], in width: Int) -> Int {
        width - widths.dropLast().reduce(0, +) - 2 * (widths.count - 1)
    }

    /// Whether columns are too narrow to be of use with these `widths` in `width` cells.
    private func isTight(_ widths: [Int], _ whole: [Int], in width: Int) -> Bool {
        guard let last = widths.indices.last else { return false }
        return room(beside: widths, in: width) < min(whole[last], leastRoom)
            || widths.indices.dropLast().contains { widths[$0] < min(whole[$0], Self.usefulWidth) }
    }

    /// `widths` with the widest columns of text made narrower, until the others have room in `width` cells; no further than is useful
    /// where it is for the last one's sake. That one may be cut short anyway.
    private func narrowed(_ widths: [Int], to width: Int) -> [Int] {
        let useful = narrowed(widths, to: width, leaving: leastRoom, least: Self.usefulWidth)
        return narrowed(useful, to: width, leaving: Self.leastWidth, least: Self.leastWidth)
    }

    private func narrowed(_ widths: [Int], to width: Int, leaving room: Int, least: Int) -> [Int] {
        var widths = widths
        guard let last = widths.indices.last else { return widths }
        var over = widths.dropLast().reduce(0, +) + 2 * last + min(widths[last], room) - width
        while over > 0 {
            let texts = columns.indices.dropLast().filter { columns[$0].alignment == .left && widths[$0] > least }
            guard let widest = texts.max(by: { widths[$0] < widths[$1] }) else { break }
            // As narrow as the next one, or as is needed.
            let next = texts.filter { widths[$0] < widths[widest] }.map { widths[$0] }.max() ?? least
            let less = min(over, max(1, widths[widest] - next))
            widths[widest] -= less
            over -= less
        }
        return widths
    }

    /// How far what belongs to a row is set in below it.
    private static let indent = 2

    private func line(_ row: [Cell], _ widths: [Int], _ terminal: Terminal) -> String {
        var line = ""
        var used = 0
        for (index, cell) in row.enumerated() {
            let gap = index == 0 ? 0 : 2
            let isLast = index == row.count - 1
            var cell = cell
            if !isLast { cell.text = DisplayText.cut(cell.text, to: widths[index]) }
            let padding = max(0, widths[index] - DisplayText.width(of: cell.text))
            let before = gap + (columns[index].alignment == .right ? padding : 0)
            let after = columns[index].alignment == .left && !isLast ? padding : 0
            guard let width = terminal.width else {
                line += blanks(before) + coloured(cell.text, cell.colour, terminal) + blanks(after)
                continue
            }
            let room = width - used - before
            guard room > 0 else { break }
            let shown = DisplayText.cut(cell.text, to: room)
            line += blanks(before) + coloured(shown, cell.colour, terminal)
            used += before + DisplayText.width(of: shown)
            let padded = min(after, width - used)
            line += blanks(padded)
            used += padded
        }
        while line.hasSuffix(" ") { line.removeLast() }
        return line
    }

    private func coloured(_ text: String, _ colour: Colour?, _ terminal: Terminal) -> String {
        guard terminal.hasColour, let colour, !text.isEmpty else { return text }
        return colour.paint(text)
    }

    private func blanks(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }
}
