/// Why a file could not be read.
public struct FileProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// The error of the call that failed, or the one that comes closest.
    public var error: ErrorNumber
    /// What is wrong with the file itself, as a sentence about it, where no call failed; else empty.
    public var sentence: String

    /// A problem of these.
    public init(_ error: ErrorNumber, _ sentence: String = "") {
        self.error = error
        self.sentence = sentence
    }

    /// The sentence, or `ENOENT (No such file or directory)`.
    public var description: String { sentence.isEmpty ? "\(error)" : sentence }
}
