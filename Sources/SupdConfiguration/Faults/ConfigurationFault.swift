/// One thing that is wrong with a configuration, or that will hardly be what was meant, and where.
public struct ConfigurationFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// How much it matters.
    public enum Severity: Hashable, Sendable {
        /// The configuration is refused.
        case error
        /// The configuration is accepted, and somebody should look at it.
        case warning
    }

    /// The file, as it was named or as its including file's folder makes it.
    public let file: String
    /// The line, from 1; 0 where the fault is of the whole file.
    public let line: Int
    /// The column in characters, from 1; 0 where the fault is of the whole file.
    public let column: Int
    /// The thing, the value found, what was expected and what to do. One line, without control characters.
    public let message: String
    /// How much it matters.
    public let severity: Severity

    /// A fault at a place in a file. Control characters in what was found cannot break the line they are reported in.
    public init(file: String, line: Int, column: Int, message: String, severity: Severity = .error) {
        self.file = printable(file)
        self.line = line
        self.column = column
        self.message = printable(message)
        self.severity = severity
    }

    /// `FILE:LINE:COLUMN: message`, or `FILE: message` for a fault of the whole file; of a warning that word stands before its
    /// message, as compilers write it.
    public var description: String {
        let kind = severity == .warning ? "warning: " : ""
        return "\(place): \(kind)\(message)"
    }

    /// `FILE:LINE:COLUMN`, or `FILE` for a fault of the whole file.
    public var place: String { line > 0 ? "\(file):\(line):\(column)" : file }
}

/// Everything that is wrong with a configuration: file by file in the order they were read, then by line and column.
public struct ConfigurationFaults: Error, Hashable, Sendable, CustomStringConvertible {
    /// The faults; never empty.
    public let faults: [ConfigurationFault]

    /// One line for each fault.
    public var description: String {
        faults.map(\.description).joined(separator: "\n")
    }
}
