package import SupdPlugin

/// One thing that is wrong with a configuration, or that will hardly be what was meant, and where.
package struct ConfigurationFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// How much it matters.
    package enum Severity: Hashable, Sendable {
        /// The configuration is refused.
        case error
        /// The configuration is accepted, and somebody should look at it.
        case warning
    }

    /// The file, as it was named or as its including file's folder makes it.
    package let file: String
    /// The line, from 1; 0 where the fault is of the whole file.
    package let line: Int
    /// The column in characters, from 1; 0 where the fault is of the whole file.
    package let column: Int
    /// The thing, the value found, what was expected and what to do. One line, without control characters.
    package let message: String
    /// How much it matters.
    package let severity: Severity

    /// A fault at a place in a file. Control characters in what was found cannot break the line they are reported in.
    package init(file: String, line: Int, column: Int, message: String, severity: Severity = .error) {
        self.file = printable(file)
        self.line = line
        self.column = column
        self.message = printable(message)
        self.severity = severity
    }

    /// `FILE:LINE:COLUMN: message`, or `FILE: message` for a fault of the whole file; of a warning that word stands before its
    /// message, as compilers write it.
    package var description: String {
        let kind = severity == .warning ? "warning: " : ""
        return "\(place): \(kind)\(message)"
    }

    /// `FILE:LINE:COLUMN`, or `FILE` for a fault of the whole file.
    package var place: String { line > 0 ? "\(file):\(line):\(column)" : file }
}

/// Everything that is wrong with a configuration: file by file in the order they were read, then by line and column.
package struct ConfigurationFaults: Error, Hashable, Sendable, CustomStringConvertible {
    /// The faults; never empty.
    package let faults: [ConfigurationFault]
    /// The system's, where it is the file itself that could not be read.
    package let error: ErrorNumber?

    /// One line for each fault.
    package var description: String {
        faults.map(\.description).joined(separator: "\n")
    }
}
