/// One thing that is wrong with a configuration, and where.
public struct ConfigurationFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file, as it was named or as its including file's folder makes it.
    public let file: String
    /// The line, from 1; 0 where the fault is of the whole file.
    public let line: Int
    /// The column in characters, from 1; 0 where the fault is of the whole file.
    public let column: Int
    /// The thing, the value found, what was expected and what to do. One line, without control characters.
    public let message: String

    /// A fault at a place in a file. Control characters in what was found cannot break the line they are reported in.
    public init(file: String, line: Int, column: Int, message: String) {
        self.file = printable(file)
        self.line = line
        self.column = column
        self.message = printable(message)
    }

    /// `FILE:LINE:COLUMN: message`, or `FILE: message` for a fault of the whole file.
    public var description: String {
        line > 0 ? "\(file):\(line):\(column): \(message)" : "\(file): \(message)"
    }
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
