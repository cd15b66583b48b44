import Glibc
import SupdPlugin
import SupdTOML

/// Reads the main file and what it includes, depth first, each file once.
struct FileReader {
    private let context: LoadContext
    private var roots: [KnownSettings<RootKey>] = []
    /// Whether everything that the files should hold is in `roots`.
    private var isComplete = true
    private var totalSize = 0
    /// Where each file that was read was named; nil for the main one.
    private var seen = [String: Place?]()
    private var hasToldTooMuch = false

    /// The top levels of all files in the order they were read, and whether all of them could be read whole.
    static func read(_ path: String, context: LoadContext) -> (roots: [KnownSettings<RootKey>], isComplete: Bool) {
        var reader = FileReader(context: context)
        reader.read(path, includedAt: nil, by: [])
        return (reader.roots, reader.isComplete)
    }

    private init(context: LoadContext) {
        self.context = context
    }

    /// Reads `path` and what it includes; `chain` are the files that lead to it, the main one first.
    private mutating func read(_ path: String, includedAt place: Place?, by chain: [String]) {
        let normal = FilePath.normalized(path)
        guard mayRead(path, normal: normal, includedAt: place, by: chain) else { return }
        seen[normal] = .some(place)
        let index = context.faults.add(file: path)
        let bytes: [UInt8]
        switch context.sources.read(path, limit: TOML.maximumBytes) {
        case .success(let contents):
            bytes = contents.bytes
            if let version = contents.version { context.files.append(.file(path, version)) }
        case .failure(let error):
            isComplete = false
            tellUnreadable(path, error, file: index, includedAt: place)
            return
        }
        totalSize += bytes.count
        let file = SourceFile(index: index, path: path, bytes: bytes)
        let (table, errors) = TOML.parseAll(bytes)
        // With the last error that is told reading stops.
        isComplete = isComplete && errors.count < TOML.maximumErrors && errors.allSatisfy(\.isRepetition)
        for error in errors { context.faults.add(error.message, at: file.place(error.position)) }
        let settings = KnownSettings<RootKey>(
            Settings(table, in: file), whereabouts: " at the top level", faults: context.faults)
        roots.append(settings)
        for pattern in patterns(settings) { include(pattern, of: path, chain: chain + [normal]) }
    }

    private func tellUnreadable(_ path: String, _ error: ErrorNumber, file: Int, includedAt place: Place?) {
        var message = "cannot be read: \(error)"
        if error == ErrorNumber(EFBIG) { message += "; a file may have up to \(TOML.maximumBytes >> 20) MiB" }
        if error == ErrorNumber(ETIMEDOUT) {
            message += "; a pipe must be written, and closed by its writer, within a few seconds"
        }
        if let place { return context.faults.add("the included file '\(path)' \(message)", at: place) }
        if error.isAbsence {
            message += "; make the file" + (context.fileOption.map { ", or name another with \($0)" } ?? "")
        }
        context.faults.error = error
        context.faults.add(message, at: Place(file: file, line: 0, column: 0))
    }

    /// What to include, also where that is said a second time: all files are looked at in one pass.
    private mutating func patterns(_ settings: KnownSettings<RootKey>) -> [Located<String>] {
        let form = Form.list(of: .located(.nonEmpty("a path or a pattern")))
        return settings.list.filter { $0.key == .include }.flatMap { _, setting in
            let subject = Subject(setting, faults: context.faults)
            let patterns = form.read(subject) ?? []
            // What a bad item was meant to include is not known.
            if patterns.count != subject.items?.count ?? 1 { isComplete = false }
            return patterns
        }
    }

    private mutating func include(_ pattern: Located<String>, of path: String, chain: [String]) {
        let folder = FilePath.folder(of: path)
        guard FilePath.isPattern(pattern.value) else {
            read(FilePath.joined(folder, pattern.value), includedAt: pattern.place, by: chain)
            return
        }
        switch context.sources.glob(pattern.value, in: folder) {
        case .success(let paths):
            context.files.append(.pattern(pattern.value, folder: folder, matches: paths))
            for path in paths { read(path, includedAt: pattern.place, by: chain) }
        case .failure(let error):
            isComplete = false
            context.faults.add("the pattern '\(pattern.value)' cannot be followed: \(error)", at: pattern.place)
        }
    }

    /// Whether a file is to be read, after every reason against it was told.
    private mutating func mayRead(_ path: String, normal: String, includedAt place: Place?, by chain: [String]) -> Bool
    {
        guard let place else { return true }
        if let start = chain.firstIndex(of: normal) {
            let cycle = (chain[start...] + [normal]).joined(separator: " → ")
            context.faults.add("files include each other: \(cycle)", at: place)
            return false
        }
        if let first = seen[normal] {
            let where_ = first.map { ", at \(context.faults.description(of: $0))" } ?? ""
            context.faults.add("the file '\(path)' is included a second time\(where_)", at: place)
            return false
        }
        if chain.count > ConfigurationLimits.includeDepth {
            context.faults.add(
                "files are included more than \(ConfigurationLimits.includeDepth) deep here", at: place)
            return false
        }
        let tooMuch: String? =
            if roots.count >= ConfigurationLimits.files {
                "more than \(ConfigurationLimits.files) files are included"
            } else if totalSize > ConfigurationLimits.totalSize {
                "the files have more than \(ConfigurationLimits.totalSize >> 20) MiB in all"
            } else {
                nil
            }
        guard let tooMuch else { return true }
        isComplete = false
        // Once: the next thousand files are over the limit for the same reason.
        if !hasToldTooMuch { context.faults.add(tooMuch, at: place) }
        hasToldTooMuch = true
        return false
    }
}
