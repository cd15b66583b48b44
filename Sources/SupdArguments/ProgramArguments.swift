internal import CSupd

/// What the process was started with.
package enum ProgramArguments {
    /// The words of the command line behind the program's name; none where there is not even that one.
    package static var words: [String] {
        (1..<max(1, supd_argument_count())).map { String(cString: supd_argument($0)) }
    }
}
