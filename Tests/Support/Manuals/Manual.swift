import Foundation

/// A document of the package, in the chapters that its headings make, to hold what it says against what the sources have.
package struct Manual: Sendable {
    /// A table of a chapter. Its cells are as they are written, without the blanks around them.
    package struct Table: Sendable {
        /// The titles of the columns, without backquotes.
        package let head: [String]
        package var rows: [[String]] = []

        /// The cells of the column `title` by what stands in the first one, without backquotes; nil where there is no such column.
        package func column(_ title: String) -> [String: String]? {
            guard let column = head.firstIndex(of: title) else { return nil }
            return Dictionary(rows.map { (Manual.plain($0[0]), $0[column]) }) { "\($0) and \($1)" }
        }
    }

    /// A heading with what stands below it up to the next one, of whatever level.
    package struct Chapter: Sendable {
        /// The headings above it and its own, without backquotes; that of the document is none of them.
        package let path: [String]
        package var text = ""
        package var tables: [Table] = []

        /// Its own heading.
        package var heading: String { path.last ?? "" }
        /// What it is about: a heading may name several things.
        package var names: [String] { heading.components(separatedBy: ", ") }

        /// The paragraph, the item of a list or the row that begins so; nil where there is none.
        package func passage(_ beginning: String) -> String? {
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            guard let first = lines.firstIndex(where: { $0.hasPrefix(beginning) }) else { return nil }
            let rest = lines[(first + 1)...].prefix { !$0.isEmpty && !$0.hasPrefix("- ") && !$0.hasPrefix("|") }
            return ([lines[first]] + rest.map { $0.drop { $0 == " " } }).joined(separator: " ")
        }
    }

    /// In their order; the first is what stands above the first heading.
    package private(set) var chapters = [Chapter(path: [])]
    /// What is typed or read on a screen: the spans between backquotes, and the lines of blocks of code.
    package private(set) var code: [String] = []

    /// The document at `path` in the package.
    package init(_ path: String) throws {
        self.init(text: try String(contentsOf: Self.root.appendingPathComponent(path), encoding: .utf8))
    }

    /// The document that `text` is.
    package init(text: String) {
        var (isCode, isTable, prose) = (false, false, "")
        for line in text.components(separatedBy: "\n") {
            if line.hasPrefix("```") { isCode.toggle() }
            if isCode {
                code.append(line)
            } else if line.isEmpty || line.hasPrefix("|") {
                code += Self.spans(prose) + Self.spans(line)
                prose = ""
            } else {
                prose += line + "\n"
            }
            let level = line.prefix { $0 == "#" }.count
            if !isCode, level > 0, line.dropFirst(level).hasPrefix(" ") {
                let above = chapters[chapters.count - 1].path.prefix(max(0, level - 2))
                let heading = Self.plain(String(line.dropFirst(level + 1)))
                chapters.append(Chapter(path: level == 1 ? [] : above + [heading]))
            }
            let cells = isCode ? [] : Self.cells(line)
            let chapter = chapters.count - 1
            chapters[chapter].text += line + "\n"
            if cells.isEmpty {
                isTable = false
            } else if !isTable {
                isTable = true
                chapters[chapter].tables.append(Table(head: cells.map(Self.plain)))
            } else if cells[0].contains(/[^-]/) {
                chapters[chapter].tables[chapters[chapter].tables.count - 1].rows.append(cells)
            }
        }
        code += Self.spans(prose)
    }

    /// The documents that people read, by their paths in the package.
    package static func all() throws -> [String: Manual] {
        let pages = try FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent("docs").path)
        let paths = pages.filter { $0.hasSuffix(".md") }.map { "docs/\($0)" } + ["README.md", "SECURITY.md"]
        return Dictionary(uniqueKeysWithValues: try paths.map { ($0, try Manual($0)) })
    }

    /// The words that stand behind `program` where that is typed, as its verbs do: `supctl WORD`.
    package func words(after program: String) -> Set<String> {
        let typed = code.compactMap {
            $0.firstMatch(of: /^ *(?:\$ )?(?:[^ ]*\/)?([a-z]+) (?:-[A-Z] [^ ]+ )?([a-z][a-z-]*)/)
        }
        return Set(typed.filter { $0.1 == program }.map { String($0.2) })
    }

    /// What stands between backquotes.
    package static func spans(_ text: String) -> [String] {
        text.matches(of: /`([^`]+)`/).map { String($0.1) }
    }

    /// The text without backquotes.
    package static func plain(_ text: String) -> String { text.filter { $0 != "`" } }

    private static func cells(_ line: String) -> [String] {
        guard line.hasPrefix("|"), line.hasSuffix("|"), line.count > 1 else { return [] }
        return line.dropFirst().dropLast().components(separatedBy: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }

    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../..")
}
