import Glibc
import Testing

@testable import SupdHost

/// What the first bytes of a file say of why it could not be run.
@Suite struct ExecDiagnosisTests {
    private func hint(_ error: Int32, _ head: String, isThere: Bool = false, mayRun: Bool = false) -> String {
        ExecDiagnosis.hint(error: error, head: Array(head.utf8), interpreter: (isThere, mayRun))
    }

    @Test func anInterpreterThatIsNotThereIsNamed() {
        #expect(hint(ENOENT, "#!/bin/nosuch -x\necho") == "its interpreter '/bin/nosuch' (line 1) is not there")
        #expect(hint(ENOENT, "#!  \t/bin/nosuch") == "its interpreter '/bin/nosuch' (line 1) is not there")
        #expect(
            hint(EACCES, "#!/etc/passwd\n", isThere: true) == "its interpreter '/etc/passwd' (line 1) may not be run")
        #expect(
            hint(ENOENT, "#!/opt/x\n", isThere: true, mayRun: true).contains("'/opt/x' (line 1) needs is not there"))
        #expect(hint(EACCES, "#!/bin/sh\n", isThere: true, mayRun: true).isEmpty)
    }

    @Test func aCarriageReturnIsSaidToBeOne() {
        let text = hint(ENOENT, "#!/bin/sh\r\necho\r\n", isThere: true)
        #expect(text.hasPrefix("line 1 ends in a carriage return") && text.contains("'/bin/sh\\r'"))
        // Behind an argument it is that one's.
        #expect(hint(ENOENT, "#!/bin/sh -e\r\n") == "its interpreter '/bin/sh' (line 1) is not there")
    }

    @Test func whatIsNoProgramIsSaidToBeNone() {
        #expect(hint(ENOEXEC, "").contains("empty"))
        #expect(hint(ENOEXEC, "echo hello\n").contains("does not begin with #!"))
        #expect(hint(ENOEXEC, "#!\n").contains("names no interpreter"))
        #expect(hint(ENOEXEC, "#!/bin/x\n", isThere: true, mayRun: true).contains("'/bin/x' (line 1) is no program"))
        let program = "\u{7F}ELF" + String(repeating: "\u{1}", count: 60)
        #expect(hint(ENOEXEC, program).contains("another kind of machine"))
        #expect(hint(ENOEXEC, "\u{7F}ELF…").contains("only the beginning of a program"))
        #expect(hint(ENOEXEC, "\u{FEFF}#!/bin/sh\n", isThere: true).hasPrefix("a byte order mark stands before its #!"))
        let long = "#!/" + String(repeating: "x", count: 300)
        #expect(hint(ENOEXEC, String(long.prefix(256))).hasPrefix("its line 1 names an interpreter of more bytes"))
        #expect(hint(ENOENT, "\u{7F}ELF…").contains("loader"))
        #expect(hint(EACCES, "echo hello\n").isEmpty)
    }
}
