/// The files to try for `program`, in their order, as execvp(3) does: the program itself where it has a slash, else one
/// in each folder of `path`.
///
/// An empty folder in `path`, which execvp takes for the current one, is left out: a daemon runs no program because of
/// where it happens to be. A relative program or folder is relative to the service's working directory.
package func candidates(program: String, path: String) -> [String] {
    if program.utf8.contains(UInt8(ascii: "/")) { return [program] }
    return path.split(separator: ":").map { $0.hasSuffix("/") ? "\($0)\(program)" : "\($0)/\(program)" }
}
