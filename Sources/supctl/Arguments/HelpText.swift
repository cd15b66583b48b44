/// What `--help` prints.
enum HelpText {
    /// The help of `verb`, or of all.
    static func text(verb: String?) -> String {
        guard let verb = VerbSpecification.all.first(where: { $0.name == verb }) else { return overview }
        let words = verb.words.isEmpty ? "" : " " + verb.words
        var text = "Usage: supctl \(verb.name)\(words) [OPTIONS]\n\n\(verb.help)\n"
        if verb.count.upperBound > 0 { text += "\n" + names }
        return text + "\nOptions:\n" + list(verb.options + OptionSpecification.common)
    }

    private static let names = "NAME is a service (web), an instance (web@2), a glob ('web@*') or a tag (tag:front).\n"

    private static var overview: String {
        """
        Usage: supctl [OPTIONS] [VERB] [NAME…]

        Command a running supd; without a verb, status.

        Verbs:
        \(columns(VerbSpecification.all.map { ($0.name, $0.help) }))
        \(names)
        Options, before or after the verb; 'supctl VERB --help' shows the verb's own:
        \(list(OptionSpecification.common))
        The daemon is looked for at --socket, else SUPD_SOCKET, else /run/supd/control.sock for root and
        $XDG_RUNTIME_DIR/supd/control.sock for others.

        Exit status: 0 done, 1 failed, 2 wrong use, 3 (status) a service that was named does not run or, where none
        was, one that is wanted up neither runs nor starts; 4 no such service, 5 not permitted, 69 no daemon at the
        socket, 75 timed out, 78 (plan, apply) the configuration has faults.

        """
    }

    private static func list(_ options: [OptionSpecification]) -> String {
        columns(options.map { ($0.names.joined(separator: ", ") + ($0.value.map { " \($0)" } ?? ""), $0.help) })
    }

    private static func columns(_ rows: [(String, String)]) -> String {
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { "  \($0.0)\(String(repeating: " ", count: width - $0.0.count + 2))\($0.1)\n" }.joined()
    }
}
