package import SupdPlugin

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

    func compacted(_ pool: inout CompactionPool) -> FileStamp {
        switch self {
        case .file(let path, let version): .file(pool.text(path), version)
        case .pattern(let pattern, let folder, let matches):
            .pattern(pool.text(pattern), folder: pool.text(folder), matches: matches.map { pool.text($0) })
        }
    }
}

extension FileVersion {
    /// Whether it is another one than was found at its path now. What cannot be looked at is taken for the same.
    package func isAnother(than now: Result<FileVersion?, ErrorNumber>) -> Bool {
        switch now {
        case .success(let now): now != self
        case .failure(let error): error.isAbsence
        }
    }
}
