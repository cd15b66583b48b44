public import SupdPlugin

/// Why a service's environment could not be made at a start.
public enum EnvironmentFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// A file of `environment_files` that is not optional could not be read.
    case unreadable(path: String, ErrorNumber)
    /// A file of `environment_files` has something in it that cannot be a variable.
    case malformed(path: String, line: Int, message: String)
    /// A value in `environment` holds something that cannot be expanded.
    case unexpandable(name: String, ExpansionFault)

    /// The thing, what is wrong and where.
    public var description: String {
        if case .unreadable(_, let error) = self { return "environment \(subject) cannot be read: \(error)" }
        return "environment \(subject)"
    }

    /// The same for where it is said to be of the environment and with which error of the system.
    public var subject: String {
        switch self {
        case .unreadable(let path, _): "file \(path)"
        case .malformed(let path, let line, let message): "file \(path):\(line): \(message)"
        case .unexpandable(let name, let fault): "variable \(name): \(fault)"
        }
    }
}
