package import SupdPlugin

/// Why a service's environment could not be made at a start.
package enum EnvironmentFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// A file of `environment_files` that is not optional could not be read.
    case unreadable(path: String, FileProblem)
    /// A file of `environment_files` has something in it that cannot be a variable.
    case malformed(path: String, line: Int, message: String)
    /// A value in `environment` holds something that cannot be expanded.
    case unexpandable(name: String, ExpansionFault)

    /// The thing, what is wrong and where.
    package var description: String {
        if case .unreadable(_, let problem) = self { return "environment \(subject) cannot be read: \(problem)" }
        return "environment \(subject): \(problem)"
    }

    /// What of the environment it is.
    package var subject: String {
        switch self {
        case .unreadable(let path, _): "file \(path)"
        case .malformed(let path, let line, _): "file \(path):\(line)"
        case .unexpandable(let name, _): "variable \(name)"
        }
    }

    /// What is wrong with it; empty where only the system's error says so.
    package var problem: String {
        switch self {
        case .unreadable(_, let problem): problem.sentence
        case .malformed(_, _, let message): message
        case .unexpandable(_, let fault): "\(fault)"
        }
    }
}
