/// Pieces of configuration files.
enum TOML {
    /// A string or a list of strings as TOML has them.
    static func quoted(_ text: String) -> String { JSONValue.string(text).text }

    static func list(_ words: [String]) -> String { "[" + words.map(quoted).joined(separator: ", ") + "]" }

    /// The table of a service that runs `command`, with more lines of `settings`.
    static func service(_ name: String, _ command: [String], _ settings: String...) -> String {
        (["[service.\(name)]", "exec_start = \(list(command))"] + settings).joined(separator: "\n") + "\n"
    }

    /// The table of a service that runs a verb of the test child.
    static func child(_ name: String, _ verb: [String], _ settings: String...) -> String {
        (["[service.\(name)]", "exec_start = \(list([Programs.testchild] + verb))"] + settings)
            .joined(separator: "\n") + "\n"
    }
}
