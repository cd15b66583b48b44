/// Paths as text: nothing here asks the file system.
enum FilePath {
    /// The folder that a file is in; `.` for a bare name.
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// `path` seen from `folder`, as messages show it.
    static func joined(_ folder: String, _ path: String) -> String {
        if path.hasPrefix("/") || folder == "." { return path }
        return folder.hasSuffix("/") ? folder + path : "\(folder)/\(path)"
    }

    /// `path` without `.`, `..` and doubled slashes, so that two spellings of one file are the same.
    static func normalized(_ path: String) -> String {
        let isAbsolute = path.hasPrefix("/")
        var parts: [String] = []
        for part in path.split(separator: "/").map(String.init) where part != "." {
            if part == "..", let last = parts.last, last != ".." {
                parts.removeLast()
            } else if part != ".." || !isAbsolute {
                parts.append(part)
            }
        }
        // Not joined: each start goes through here, and what that has to know of its types takes a look at all conformances there are.
        var whole = isAbsolute ? "/" : ""
        for (place, part) in parts.enumerated() { whole += place == 0 ? part : "/" + part }
        return whole
    }

    /// Whether glob(7) sees more than one file in `path`.
    static func isPattern(_ path: String) -> Bool {
        path.utf8.contains { [UInt8(ascii: "*"), UInt8(ascii: "?"), UInt8(ascii: "[")].contains($0) }
    }
}
