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
        lines += options.flatMap { $0.lines(indent: "    ") }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension PluginOption {
    /// The options of its tables stand below it, further in.
    fileprivate func lines(indent: String) -> [String] {
        let own = ["\(indent)\(name) = \(standard ?? "(needed)")", "\(indent)    \(type); \(summary)"]
        return own + options.flatMap { $0.lines(indent: indent + "    ") }
    }
}
