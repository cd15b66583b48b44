/// A plugin has asked for an option that it has not declared, or as what it has not declared it.
///
/// No input leads there: options are checked against their declarations before a plugin sees them.
package struct OptionMisuse: Hashable, Sendable, CustomStringConvertible {
    /// Who is told in place of the debugger, in the task or the call that a check makes.
    @TaskLocal package static var listener: (@Sendable (OptionMisuse) -> Void)?

    /// What was asked for.
    package var option: String
    /// What it was taken for; nil where it was not declared at all.
    package var expected: String?

    /// `asks for the option 'whmo', which it does not declare`.
    package var description: String {
        let asked = "asks for the option '\(option)'"
        return expected.map { "\(asked) as \($0), which it is not declared to be" }
            ?? "\(asked), which it does not declare"
    }

    func tell() {
        if let listener = Self.listener { return listener(self) }
        assertionFailure("a plugin \(self)")
    }
}
