extension PluginList {
    /// The list for people: what each plugin is, brings and takes. Ends with a line feed.
    public var text: String {
        plugins.map(\.text).joined(separator: "\n")
    }
}

extension PluginStatus {
    fileprivate var text: String {
        var lines = ["\(name) \(version)\(summary.isEmpty ? "" : ": \(summary)")"]
        lines += brings.map { "  \($0)" }
        if !options.isEmpty { lines.append("  [plugins.\(name)]") }
        for option in options {
            lines.append("    \(option.name) = \(option.standard ?? "(needed)")")
            lines.append("        \(option.type); \(option.summary)")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
