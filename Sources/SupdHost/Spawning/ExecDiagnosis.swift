internal import Glibc
internal import SupdPlugin

/// Why a file that is there could not be run, as far as its first bytes say it: execve(2) gives ENOENT for a script whose interpreter
/// is absent, and names neither.
enum ExecDiagnosis {
    /// How much of a file is looked at, which is what the kernel does (BINPRM_BUF_SIZE).
    static let headBytes = 256

    /// What can be said; empty for nothing. `interpreter` is what became of a look at it.
    static func hint(
        error: Int32, head: [UInt8], interpreter: (isThere: Bool, mayRun: Bool)
    ) -> String {
        if head.starts(with: "\u{7F}ELF".utf8) {
            switch error {
            case ENOENT:
                return
                    "it is there, but the loader that it names is not: it was built for another system, or for another libc"
            case ENOEXEC:
                return isOfAnotherMachine(head)
                    ? "it was built for another kind of machine" : "it is damaged, or only the beginning of a program"
            default: return ""
            }
        }
        guard head.starts(with: "#!".utf8) else {
            guard error == ENOEXEC else { return "" }
            if head.starts(with: "\u{FEFF}#!".utf8) {
                return "a byte order mark stands before its #!, as in files of Windows: save it without one"
            }
            return head.isEmpty
                ? "the file is empty" : "it is no program, and its first line does not begin with #! and an interpreter"
        }
        guard var name = Self.interpreter(in: head) else { return "its line 1 names no interpreter after #!" }
        if name.utf8.last == UInt8(ascii: "\r") {
            name.unicodeScalars.removeLast()
            return
                "line 1 ends in a carriage return, as files of Windows do, and no interpreter is called '\(name)\\r': "
                + "save it with the line ends of Unix"
        }
        if error == ENOEXEC, head.count >= headBytes, !head.contains(where: { isBlank($0) || $0 == UInt8(ascii: "\n") })
        {
            return "its line 1 names an interpreter of more bytes than the kernel reads, \(headBytes)"
        }
        if !interpreter.isThere { return "its interpreter '\(name)' (line 1) is not there" }
        if error == EACCES { return interpreter.mayRun ? "" : "its interpreter '\(name)' (line 1) may not be run" }
        if error == ENOEXEC { return "its interpreter '\(name)' (line 1) is no program for this machine" }
        if error == ENOENT { return "what its interpreter '\(name)' (line 1) needs is not there" }
        return ""
    }

    /// Whether a program that begins so is one of another machine, and not one of this that is broken.
    private static func isOfAnotherMachine(_ head: [UInt8]) -> Bool {
        guard head.count >= 20 else { return false }
        #if arch(x86_64)
            let machine: [UInt8] = [62, 0]
        #else
            let machine: [UInt8] = [183, 0]
        #endif
        // e_machine of elf(5).
        return Array(head[18..<20]) != machine
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    /// The interpreter that the first line of a script names; nil where it names none, or is of no script.
    static func interpreter(in head: [UInt8]) -> String? {
        guard head.starts(with: "#!".utf8) else { return nil }
        let line = head.dropFirst(2).prefix { $0 != UInt8(ascii: "\n") }
        let word = line.drop(while: isBlank).prefix { !isBlank($0) }
        return word.isEmpty ? nil : String(decoding: word, as: UTF8.self)
    }
}

/// The looks at files that an `ExecDiagnosis` takes, one after the other.
final class ExecExamination {
    /// The failure, with what is known so far.
    private(set) var failure: SpawnFailure
    private let request: SpawnRequest
    private let error: Int32
    private(set) var look: FileLook?
    /// What became of the look at the file itself, once that is back.
    private var file: FileLook.Outcome?
    /// After this nobody waits for what the files say.
    let deadline: MonotonicInstant

    /// How long that is.
    private static let limit = Duration.seconds(3)

    /// Of a failure of execve(2) at the candidate of that place.
    init(_ failure: SpawnFailure, _ request: SpawnRequest, failed: Int, now: MonotonicInstant) {
        self.failure = failure
        self.request = request
        error = failure.error.rawValue
        deadline = now.advanced(by: Self.limit)
        let folder = request.workingDirectory
        let paths = request.candidates.map { folder.isEmpty || $0.hasPrefix("/") ? $0 : "\(folder)/\($0)" }
        if error == ENOENT, let name = request.nameWhereAbsent { self.failure.subject = name }
        if error == ENOENT {
            look = try? FileLook(paths, capacity: ExecDiagnosis.headBytes)
        } else if [ENOEXEC, EACCES].contains(error), paths.indices.contains(failed) {
            look = try? FileLook([paths[failed]], capacity: ExecDiagnosis.headBytes)
        }
    }

    /// Goes on. False where a file does not answer within `bound`.
    func isDone(within bound: Duration) -> Bool {
        while let look {
            guard look.isBack(within: bound) else { return false }
            self.look = nil
            guard let file else {
                take(look.outcome)
                continue
            }
            tell(of: file, interpreter: look.outcome)
        }
        return true
    }

    private func take(_ file: FileLook.Outcome) {
        // A script that is there gives the same error as one that is not, where its interpreter is not.
        if error == ENOENT, let there = file.index { failure.subject = request.candidates[there] }
        // Of a file that nobody may run EACCES says enough.
        guard file.index != nil, file.mode & S_IFMT == S_IFREG, error != EACCES || file.mode & 0o111 != 0 else {
            return
        }
        self.file = file
        if let interpreter = ExecDiagnosis.interpreter(in: file.bytes) {
            look = try? FileLook([interpreter], capacity: 0)
        } else {
            tell(of: file, interpreter: nil)
        }
    }

    private static func mayBeRun(_ mode: mode_t) -> Bool { mode & S_IFMT == S_IFREG && mode & 0o111 != 0 }

    private func tell(of file: FileLook.Outcome, interpreter: FileLook.Outcome?) {
        failure.hint = ExecDiagnosis.hint(
            error: error, head: file.bytes,
            interpreter: (
                isThere: interpreter?.index != nil, mayRun: interpreter.map { Self.mayBeRun($0.mode) } ?? false
            ))
    }
}
