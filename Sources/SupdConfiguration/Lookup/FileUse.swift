/// What somebody does with a file or a folder, as a word of a sentence.
package enum FileUse: String, Sendable {
    /// Reads it.
    case read
    /// Executes it.
    case execute
    /// Goes into it, a folder.
    case enter
    /// Writes to it, and makes it where it is not there.
    case write
    /// Makes it, whatever is there.
    case make
}
