package import SupdPlugin

/// A file that a service's lines are appended to.
package protocol LogFile: AnyObject {
    /// Appends the bytes of `batch` that are not written yet, beside the loop; opens, makes and rotates the file where that is due. What
    /// became of it, where that is known at once; else nil, and `then` is called on the loop's thread, inside `wait`, once it is;
    /// that may be never, where the file system hangs. The batch belongs to the call until then, and there is one call at a time.
    func append(_ batch: LogBatch, then: @escaping (LogFileReport) -> Void) -> LogFileReport?
    /// Closes the file, after what is being appended; nothing waits for that. The next `append` opens it again.
    func close()
}

/// Where a log file is, and what it is to be like.
package struct LogFileSettings: Hashable, Sendable {
    /// Its absolute path.
    package var path: String
    /// It is rotated before it would grow over this many bytes; 0 for never.
    package var rotateSize = 0
    /// How many rotated ones are kept: `path.1` is the latest.
    package var rotateKeep = 0
    /// Whose a file is that is made; nil for the daemon's.
    package var owner: FileOwner?
    /// The mode of a file that is made.
    package var mode: UInt32 = 0o640

    /// The file at `path`, never rotated.
    package init(path: String) {
        self.path = path
    }
}

/// Lines on their way to a log file. Belongs to one thread at a time, by turns.
package final class LogBatch: @unchecked Sendable {
    /// The lines.
    package var bytes: [UInt8] = []
    /// How many of the bytes, from their beginning, are written.
    package var written = 0

    /// An empty batch.
    package init() {}
}

/// What became of a batch. How much of it was written the batch itself says.
package struct LogFileReport: Hashable, Sendable {
    /// What keeps the rest from being written; nil where all is, or where the file is full.
    package var trouble: LogFileTrouble?
    /// The file is a pipe or a terminal, and its reader is behind: the same call again goes on.
    package var isFull = false
    /// What keeps the file from being rotated; nil where that works, or was not due. Lines are appended all the same.
    package var rotationTrouble: LogFileTrouble?
    /// Whether the file was rotated.
    package var hasRotated = false
    /// What kept a file that was made from getting its owner or mode.
    package var ownerTrouble: LogFileTrouble?

    /// All was written.
    package init() {}
}

/// Why something cannot be done with a log file.
package struct LogFileTrouble: Error, Hashable, Sendable, CustomStringConvertible {
    /// The system's error, or the nearest.
    package var error: ErrorNumber
    /// A half sentence: `ENOSPC (No space left on device)`, `its folder /var/log/app is not there`.
    package var description: String

    /// The trouble that a system call told.
    package init(_ error: ErrorNumber) {
        self.error = error
        description = error.description
    }

    /// One that is better said in words.
    package init(_ error: ErrorNumber, _ description: String) {
        self.error = error
        self.description = description
    }
}
