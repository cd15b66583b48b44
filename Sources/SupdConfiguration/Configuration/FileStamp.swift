/// Something that a configuration was read from, as it was then.
package enum FileStamp: Hashable, Sendable {
    /// A file, by the path it was read from.
    case file(String, FileVersion)
    /// A pattern of `include` that was followed from `folder`, and the files that it matched.
    case pattern(String, folder: String, matches: [String])

    /// The path, or the pattern seen from where the daemon is.
    package var path: String {
        switch self {
        case .file(let path, _): path
        case .pattern(let pattern, let folder, _): FilePath.joined(folder, pattern)
        }
    }

    func compacted() -> FileStamp {
        switch self {
        case .file(let path, let version): .file(path.compacted(), version)
        case .pattern(let pattern, let folder, let matches):
            .pattern(pattern.compacted(), folder: folder.compacted(), matches: matches.map { $0.compacted() })
        }
    }
}
