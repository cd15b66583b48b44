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
    /// The first lines, where they were read to: of a large read nothing is copied.
    package var asRead: BytesRead?
    /// The lines after those.
    package var bytes: [UInt8] = []
    /// How many of the bytes of both, from their beginning, are written.
    package var written = 0

    /// An empty batch.
    package init() {}

    /// How many bytes it has.
    package var count: Int { firstCount + bytes.count }

    /// Whether there are none.
    package var isEmpty: Bool { count == 0 }

    private var firstCount: Int { asRead?.range.count ?? 0 }

    /// Calls `body` with what comes next of what is not written, in one piece, and perhaps not all; with nothing where all is written.
    package func withNext<Answer>(_ body: (UnsafeRawBufferPointer) -> Answer) -> Answer {
        if let asRead, written < firstCount {
            return body(UnsafeRawBufferPointer(rebasing: asRead.bytes[written...]))
        }
        return bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[(written - firstCount)...])) }
    }

    /// The last byte that is written; nil where none is.
    package var lastWritten: UInt8? {
        guard written > 0 else { return nil }
        if let asRead, written <= firstCount { return asRead.bytes[written - 1] }
        return bytes[written - firstCount - 1]
    }
}

/// A part of what was read in one go, in the memory that it was read into.
package struct BytesRead {
    /// Whose the bytes are.
    package let memory: ReadMemory
    /// Which of them.
    package let range: Range<Int>

    /// The part of `memory` at `range`.
    package init(memory: ReadMemory, range: Range<Int>) {
        self.memory = memory
        self.range = range
    }

    /// The bytes.
    package var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(memory.bytes)[range])
    }
}

/// Memory to read into. Not touched before it is written to, so that what is not used costs nothing.
package final class ReadMemory {
    /// All of it, of no particular content.
    package let bytes: UnsafeMutableRawBufferPointer

    /// So many bytes.
    package init(count: Int) { bytes = .allocate(byteCount: count, alignment: 16) }

    deinit { bytes.deallocate() }
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
