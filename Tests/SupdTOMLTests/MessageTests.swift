import SupdTOML
import Testing

/// The exact words of every message, each from the shortest text that causes it.
@Suite struct MessageTests {
    private func errors(_ text: String) -> [String] {
        TOML.parseAll(text).errors.map(\.description)
    }

    @Test(arguments: [
        ("a", "1:2: found the end of the file, expected '=' after the key 'a'"),
        ("a b = 1", "1:3: found 'b', expected '=' after the key 'a'"),
        ("a = ", "1:5: found the end of the file, expected a value for 'a'"),
        ("a = # x\n", "1:5: found '#', expected a value for 'a'"),
        ("a = \nb = 1", "1:5: found the end of the line, expected a value for 'a'"),
        ("a = 1 2", "1:7: found '2', expected the end of the line after the value"),
        ("= 1", "1:1: found '=', expected a key (A-Z, a-z, 0-9, '_' and '-', or any text in quotation marks)"),
        ("a. = 1", "1:4: found '=', expected a key (A-Z, a-z, 0-9, '_' and '-', or any text in quotation marks)"),
        ("é = 1", "1:1: found 'é', expected a key (A-Z, a-z, 0-9, '_' and '-', or any text in quotation marks)"),
        ("'''a''' = 1", "1:1: found ''', expected a key with one quotation mark at each end"),
        ("[]", "1:2: found ']', expected a key (A-Z, a-z, 0-9, '_' and '-', or any text in quotation marks)"),
        ("[a", "1:3: found the end of the file, expected ']' at the end of the header"),
        ("[[a]", "1:4: found ']', expected ']]' at the end of the header"),
        ("[a] b = 1", "1:5: found 'b', expected the end of the line after the header"),
        ("a\u{A0}= 1", "1:2: found the character U+00A0, expected '=' after the key 'a'"),
        ("a\u{7}= 1", "1:2: found the control character U+0007, expected '=' after the key 'a'"),
        ("a = 1\rb = 2", "1:6: found the control character U+000D, expected the end of the line after the value"),
        ("# a\u{0}b", "1:4: found the control character U+0000, expected no control character but a tab in a comment"),
    ])
    func aStatementThatIsNone(text: String, message: String) {
        #expect(errors(text) == [message])
    }

    @Test(arguments: [
        ("yes", "'yes' is not a value: expected a number, true, false, or a string in quotation marks"),
        ("/bin/sh", "'/bin/sh' is not a value: expected a number, true, false, or a string in quotation marks"),
        ("True", "'True' is not a value: expected true in lower case"),
        ("10s", "'10s' is not a number: expected nothing but digits, or a string in quotation marks"),
        ("64KiB", "'64KiB' is not a number: expected nothing but digits, or a string in quotation marks"),
        ("1.2.3", "'1.2.3' is not a number: expected nothing but digits, or a string in quotation marks"),
        ("022", "'022' is not a number: expected no zero at the beginning of a decimal number"),
        ("1.", "'1.' is not a number: expected a digit at its end"),
        ("1.e5", "'1.e5' is not a number: expected a digit before 'e'"),
        ("1__0", "'1__0' is not a number: expected a digit on both sides of '_'"),
        ("1_", "'1_' is not a number: expected a digit on both sides of '_'"),
        ("0x", "'0x' is not a number: expected a digit at its end"),
        ("0o8", "'0o8' is not a number: expected a digit before '8'"),
        ("0b12", "'0b12' is not a number: expected nothing but digits"),
        ("+0x1", "'+0x1' is not a number: expected no sign before a number that is not decimal"),
        ("9223372036854775808", "'9223372036854775808' is out of range: expected a number of 64 bits"),
        ("0xFFFFFFFFFFFFFFFF", "'0xFFFFFFFFFFFFFFFF' is out of range: expected a number of 64 bits"),
        ("1e999", "'1e999' is out of range: expected a number of 64 bits"),
        ("2023-02-29", "'2023-02-29' is not in the calendar"),
        ("24:00:00", "'24:00:00' is not a time that a clock shows"),
        ("2023-02-28T00:00:00+24:00", "'2023-02-28T00:00:00+24:00' has an offset of a day or more"),
        (
            "07:32",
            "'07:32' is neither date nor time: expected YYYY-MM-DD, HH:MM:SS, or both as "
                + "YYYY-MM-DDTHH:MM:SS with Z or an offset as +HH:MM behind"
        ),
        ("\"abc", "the string is not closed: found the end of the line, expected \""),
        ("'abc", "the string is not closed: found the end of the line, expected '"),
        ("\"\"\"abc", "the string is not closed: found the end of the file, expected \"\"\""),
        ("'''abc", "the string is not closed: found the end of the file, expected '''"),
    ])
    func aValueThatIsNone(text: String, message: String) {
        #expect(errors("ab = \(text)\n") == ["1:6: \(message)"])
    }

    @Test(arguments: [
        (
            #"a = "x\dy""#,
            "1:7: found 'd' after a backslash, expected one of b t n f r \" \\ uXXXX UXXXXXXXX "
                + "(in single quotation marks a backslash stands for itself)"
        ),
        (#"a = "x\u12G4""#, "1:11: found 'G', expected 4 hexadecimal digits in the escape"),
        (#"a = "x\uD800""#, "1:7: '\\uD800' is no Unicode character"),
        (#"a = "x\UFFFFFFFF""#, "1:7: '\\UFFFFFFFF' is no Unicode character"),
        (
            "a = 'x\u{1}'",
            "1:7: found the control character U+0001, expected no control character but a tab in a string, "
                + "unless written as an escape"
        ),
    ])
    func aMistakeInAString(text: String, message: String) {
        #expect(
            errors(text + "\nb = 1 1") == [message, "2:7: found '1', expected the end of the line after the value"])
    }

    @Test(arguments: [
        ("a = [1 2]", "1:8: found '2', expected ',' or ']' in the array of 'a'"),
        ("a = [,]", "1:6: found ',', expected a value or ']' in the array of 'a'"),
        ("a = [1,,]", "1:8: found ',', expected a value or ']' in the array of 'a'"),
        ("a = [1,", "1:5: the array is not closed: found the end of the file, expected ']'"),
        ("a = [1\nb = 2", "1:5: the array is not closed: expected ']' before line 2"),
        ("a = [1,\nb = 2", "1:5: the array is not closed: expected ']' before line 2"),
        ("a = [1,\n[b]\n", "1:5: the array is not closed: expected ']' before line 2"),
        ("a = {b = 1 c = 2}", "1:12: found 'c', expected ',' or '}' in the inline table of 'a'"),
        (
            "a = {b = 1,}",
            "1:12: found '}', expected a key, as an inline table is on one line and has no comma behind its last value"
        ),
        (
            "a = {\nb = 1\n}",
            "1:6: found the end of the line, expected a key, as an inline table is on one line and has no comma behind "
                + "its last value"
        ),
        ("a = {b = 1\n", "1:11: found the end of the line, expected ',' or '}' in the inline table of 'a'"),
        ("a = {b = 1", "1:5: the inline table is not closed: found the end of the file, expected '}'"),
    ])
    func aBracketThatIsMissingOrMore(text: String, message: String) {
        #expect(errors(text) == [message])
    }

    @Test(arguments: [
        ("a = 1\na = 2", "2:1: the key 'a' is already set at line 1"),
        ("a.b = 1\na.b = 2", "2:3: the key 'a.b' is already set at line 1"),
        ("a = {b = 1, b = 2}", "1:13: the key 'b' is already set at line 1"),
        ("[a]\n\n[a]", "3:2: the table 'a' is already defined at line 1"),
        ("[a]\nb.c = 1\n[a.b]", "3:4: the table 'a.b' is already defined by a dotted key at line 2"),
        ("[a.b]\n[a]\nb.c = 1", "3:1: the table 'b' has its own header at line 1, expected its keys below that"),
        ("[a]\n[[a]]", "2:3: 'a' is already a table at line 1, and cannot become an array of tables"),
        ("[[a]]\n[a]", "2:2: 'a' is an array of tables since line 1, expected a header in double brackets"),
        ("[[a.b]]\n[a]\nb.c = 1", "3:1: 'b' is an array of tables since line 1, which a dotted key cannot add to"),
        ("a = []\n[[a]]", "2:3: 'a' is already set to an array at line 1, and cannot be a table"),
        ("a = {}\n[a.b]", "2:2: 'a' is an inline table at line 1, which nothing can be added to"),
        ("a = {}\na.b = 1", "2:1: 'a' is an inline table at line 1, which nothing can be added to"),
        ("a = 'x'\na.b.c = 1", "2:1: 'a' is already set to a string at line 1, and cannot be a table"),
        ("[a]\nb = 1\n[a.b.c]", "3:4: 'a.b' is already set to an integer at line 2, and cannot be a table"),
        ("'a b' = 1\n'a b' = 2", "2:1: the key '\"a b\"' is already set at line 1"),
    ])
    func aNameThatIsTaken(text: String, message: String) {
        #expect(errors(text) == [message])
    }

    @Test func whatIsNotUTF8IsFoundInStringsCommentsAndKeys() {
        let cases: [([UInt8], String)] = [
            (Array("a = 'é".utf8) + [0xFF, 0x27], "1:7: found byte 0xFF, which is not UTF-8, expected UTF-8"),
            (Array("a = \"\\té".utf8) + [0xC3, 0x22], "1:9: found byte 0xC3, which is not UTF-8, expected UTF-8"),
            (
                Array("a = \"\"\"\nx\\\n y".utf8) + [0x80] + Array("\"\"\"".utf8),
                "3:3: found byte 0x80, which is not UTF-8, expected UTF-8"
            ),
            (Array("#é".utf8) + [0xED, 0xA0, 0x80], "1:3: found byte 0xED, which is not UTF-8, expected UTF-8"),
            (
                [0xFE],
                "1:1: found byte 0xFE, which is not UTF-8, expected a key (A-Z, a-z, 0-9, '_' and '-', "
                    + "or any text in quotation marks)"
            ),
            ([0xFE, 0xFF, 0x00, 0x61], "1:1: the file is UTF-16, expected UTF-8"),
            ([0xFF, 0xFE, 0x61, 0x00], "1:1: the file is UTF-16, expected UTF-8"),
        ]
        for (bytes, message) in cases { #expect(TOML.parseAll(bytes).errors.map(\.description) == [message]) }
    }

    @Test func aTextFromTheFileForgesNoLineAndFillsNoScreen() {
        let key = "x\\n\\u2028\\u001b" + String(repeating: "y", count: 500)
        let errors = errors("\"\(key)\" = 1\n\"\(key)\" = 2")
        let shown = "xU+000AU+2028U+001B" + String(repeating: "y", count: 44) + "…"
        #expect(errors == ["2:1: the key '\"\(shown)\"' is already set at line 1"])
    }
}
