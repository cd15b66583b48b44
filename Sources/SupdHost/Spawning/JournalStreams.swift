internal import Glibc
internal import SupdPlugin

/// The streams of the journal that a child is to write to by itself (`SpawnRequest.Output.journal`), opened before it is made.
///
/// Where the journal cannot be reached at that moment the output is a pipe, so that what the child says is not lost.
struct JournalStreams {
    private(set) var output: Int32 = -1
    private(set) var error: Int32 = -1

    /// Opens those of `request`, and has it say what it gets.
    init(_ request: inout SpawnRequest, from link: (any ServiceManagerLink)?) {
        output = Self.open(&request.output, from: link)
        error = Self.open(&request.errorOutput, from: link)
        // As systemd.exec(5) has it: standard error where both are streams.
        let shown = error >= 0 ? error : output
        var status = stat()
        guard shown >= 0, fstat(shown, &status) == 0 else { return }
        request.environment.removeAll { $0.hasPrefix("JOURNAL_STREAM=") }
        request.environment.append("JOURNAL_STREAM=\(status.st_dev):\(status.st_ino)")
    }

    /// Closes what nobody has taken.
    mutating func close() {
        closeDescriptor(output)
        closeDescriptor(error)
        (output, error) = (-1, -1)
    }

    /// Gives them up.
    mutating func take() -> (output: Int32, error: Int32) {
        defer { (output, error) = (-1, -1) }
        return (output, error)
    }

    private static func open(_ target: inout SpawnRequest.Output, from link: (any ServiceManagerLink)?) -> Int32 {
        guard case .journal(let identifier, let hasLevels) = target else { return -1 }
        if let stream = link?.journalStream(identifier: identifier, hasLevels: hasLevels) { return stream }
        target = .pipe
        return -1
    }
}
