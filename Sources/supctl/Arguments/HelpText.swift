/// What `--help` prints.
struct HelpText {
    /// What `supctl help` takes instead of a verb, for the reference.
    static let all = "all"

    /// As wide as what it is printed on.
    private let page: Page
    /// For sentences, which are hard to read where they are wider.
    private let prose: Page

    private init(_ terminal: Terminal) {
        page = Page(terminal)
        prose = Page(Terminal(width: min(100, terminal.width ?? .max)))
    }

    /// The help of `verb`, of all, or the reference.
    static func text(verb: String?, terminal: Terminal = .none) -> String {
        if verb == all { return reference }
        let help = HelpText(terminal)
        return verb.flatMap(VerbSpecification.named).map(help.text) ?? help.overview
    }

    private func text(_ verb: VerbSpecification) -> String {
        var text = page.entry("Usage: supctl \(verb.usage) [OPTIONS]") + "\n" + prose.paragraph(verb.help)
        let paragraphs = verb.details + (verb.waits ? [VerbSpecification.waiting] : [])
        for paragraph in paragraphs { text += "\n" + prose.paragraph(Self.plain(paragraph)) }
        if verb.takesSelectors { text += "\n" + page.paragraph(Self.names) }
        text += "\nOptions:\n" + list(verb.options + OptionSpecification.common)
        guard !verb.fields.isEmpty else { return text }
        return text + "\nFields of --output:\n" + columns(verb.fields.map { ($0.name, $0.help) })
    }

    private static let names =
        "NAME is a service (web), an instance (web@2), a glob ('web@*'), a tag (tag:front) or a state (state:fatal)."

    private static let summary = "Command a running supd; without a verb, status and how to go on from there."

    private static let place =
        "The daemon is looked for at --socket, else SUPD_SOCKET, else /run/supd/control.sock for root and "
        + "$XDG_RUNTIME_DIR/supd/control.sock for others."

    private static let hosts =
        "With `--host` the control socket of another machine is forwarded by ssh(1), as the user that ssh comes in as, with `USER@HOST:PORT` at another port; nothing has to be "
        + "installed there but supd. Its path there is that of `--socket`; without it, where `supctl` would look there. Of several "
        + "hosts there is one table, with a row for one that gives no answer. `logs -f`, "
        + "`events`, `wait`, `top`, `tasks --watch`, `analyze critical-chain` and drains that are waited for are for one host."

    private var overview: String {
        let statuses = ExitCode.allCases.map { "\($0.rawValue) \($0.meaning)" }.joined(separator: ", ")
        let parts = [
            page.entry("Usage: supctl [OPTIONS] [VERB] [NAME…]"), page.paragraph(Self.summary),
            "Verbs:\n" + columns(VerbSpecification.all.map { ($0.name, $0.help) }), page.paragraph(Self.names),
            page.paragraph("Options, before or after the verb; 'supctl help VERB' shows the verb's own:")
                + list(OptionSpecification.common), prose.paragraph(Self.place),
            prose.paragraph("Exit status: \(statuses)."),
        ]
        return parts.joined(separator: "\n")
    }

    private static let environment = [
        ("SUPD_SOCKET", "the daemon's socket, where `--socket` does not say which"),
        ("XDG_RUNTIME_DIR", "where a user's daemon has its socket else"),
        ("NO_COLOR", "no colours, where it is set and not empty"),
        ("TERM", "`dumb` has neither colours nor a screen, and nothing drawn again"),
        ("COLUMNS", "the width that is drawn for, also in a pipe, in place of the terminal's"),
        ("LC_ALL, LC_CTYPE, LANG", "the first that is set says whether trees and marks are drawn in UTF-8 or ASCII"),
        ("TMPDIR", "where the sockets of other machines are while they are forwarded, in place of `/tmp`"),
    ]

    /// All of it in Markdown, from which `contrib/lib/manuals.sh` makes supctl(1).
    private static var reference: String {
        var text = """
            # supctl

            ## Synopsis

            `supctl` [*OPTIONS*] [*VERB*] [*NAME…*]

            ## Description

            \(summary)

            \(names)

            \(place)

            ## Verbs

            """
        for verb in VerbSpecification.all {
            text += "\n### `\(verb.usage)`\n\n\(verb.help)\n"
            for paragraph in verb.details { text += "\n\(paragraph)\n" }
            text += items(verb.options)
        }
        text += "\n### `help [VERB]`\n\nShow all verbs, the part of one, or with `all` this reference.\n"
        text += "\n## Waiting\n\nOf verbs that have `--no-wait`, but for `signal` and `reset-failed`. "
        text += "\(VerbSpecification.waiting)\n"
        text += "\n## Options\n\nThey stand before or after the verb, and mean the same in each. "
        text += "Short ones may stand together: `-fn5`.\n"
        text += items(OptionSpecification.common)
        text += "\n## Fields\n\nWhat `--output` can name. What does not apply is `-`.\n"
        for (verbs, fields) in Field.all {
            text += "\n\(verbs)\n\n" + fields.map { "- `\($0.name)`: \($0.help)\n" }.joined()
        }
        text +=
            "\n## Other machines\n\n\(hosts)\n\n## Completion\n\nbash, zsh and fish ask `supctl \(Completion.option) WORD…` for what the last word can become. "
        text += "Names are those of the running daemon.\n"
        text += "\n## Environment\n\n"
        for (name, meaning) in environment { text += "- `\(name)`: \(meaning)\n" }
        text += "\n## Exit status\n\n"
        for status in ExitCode.allCases { text += "- `\(status.rawValue)`: \(status.meaning)\n" }
        return text
    }

    private static func items(_ options: [OptionSpecification]) -> String {
        guard !options.isEmpty else { return "" }
        return "\n"
            + options.map { "- \($0.spellings.map { "`\($0)`" }.joined(separator: ", ")): \($0.help)\n" }.joined()
    }

    private func list(_ options: [OptionSpecification]) -> String {
        columns(options.map { ($0.names.joined(separator: ", ") + ($0.value.map { " \($0)" } ?? ""), $0.help) })
    }

    private func columns(_ rows: [(String, String)]) -> String {
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { page.line($0.1, beside: page.padded($0.0, to: width), nil) }.joined()
    }

    /// A paragraph without its backquotes.
    private static func plain(_ paragraph: String) -> String { paragraph.filter { $0 != "`" } }
}

extension VerbSpecification {
    /// Whether a NAME may be a glob, a tag or a state.
    fileprivate var takesSelectors: Bool {
        words.split(separator: " ").contains { $0.filter { !"[]…".contains($0) } == "NAME" }
    }

    /// How it is written: `stop NAME…`.
    fileprivate var usage: String { words.isEmpty ? name : "\(name) \(words)" }
}

extension OptionSpecification {
    /// Every way to write it, with its value: `--lines N`.
    fileprivate var spellings: [String] { names.map { name in value.map { "\(name) \($0)" } ?? name } }
}
