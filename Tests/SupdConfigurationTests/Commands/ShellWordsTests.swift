import Testing

@testable import SupdConfiguration

@Suite struct ShellWordsTests {
    @Test(arguments: [
        ("", [String]()), ("   \t\n ", []), ("a", ["a"]), ("a b  c", ["a", "b", "c"]), (" a\tb\nc ", ["a", "b", "c"]),
        ("'a b' c", ["a b", "c"]), ("\"a b\" c", ["a b", "c"]), ("a'b'\"c\"d", ["abcd"]), ("''", [""]),
        ("a '' \"\"", ["a", "", ""]), ("a\\ b", ["a b"]), ("\\'", ["'"]), ("'\\'", ["\\"]), ("\"\\\"\"", ["\""]),
        ("\"a\\nb\"", ["a\\nb"]), ("a\\\nb", ["ab"]), ("a \\\n b", ["a", "b"]), ("\"a\\\nb\"", ["ab"]),
        ("'a\nb'", ["a\nb"]), ("'|;&<>`'", ["|;&<>`"]), ("a\\;b", ["a;b"]),
        ("nginx -g 'daemon off;'", ["nginx", "-g", "daemon off;"]),
        ("a#b #c", ["a#b", "#c"]), ("*.c ~ {a,b} !x", ["*.c", "~", "{a,b}", "!x"]), ("größe 'ü ü'", ["größe", "ü ü"]),
        ("%i 100%%", ["%i", "100%%"]),
    ])
    func wordsAreSplitAsAShellSplitsThem(text: String, expected: [String]) throws {
        #expect(try ShellWords.split(text) == expected)
    }

    @Test(arguments: [
        ("$A", ["$A"]), ("x $A y", ["x", "$A", "y"]), ("$A/bin", ["${A}/bin"]), ("x$A", ["x${A}"]),
        ("\"$A\"", ["${A}"]), ("\"$A b\"", ["${A} b"]), ("'$A'", ["$$A"]), ("\\$A", ["$$A"]), ("\"\\$A\"", ["$$A"]),
        ("$A\"b\"", ["${A}b"]), ("\"\"$A", ["${A}"]), ("$A$B", ["${A}${B}"]), ("${A}", ["${A}"]), ("$$A", ["$$A"]),
        ("$", ["$$"]), ("$1 $?", ["$$1", "$$?"]), ("$\"A\"", ["$$A"]), ("'$'A", ["$$A"]), ("\"${A}b\"", ["${A}b"]),
    ])
    func variablesKeepTheMeaningTheirQuotesGiveThem(text: String, expected: [String]) throws {
        #expect(try ShellWords.split(text) == expected)
    }

    @Test(arguments: [
        ("a 'b", ShellWords.Fault.unterminatedQuote("'")), ("a \"b", .unterminatedQuote("\"")),
        ("\"a\\\"", .unterminatedQuote("\"")), ("\"a\\", .unterminatedQuote("\"")), ("a \\", .trailingBackslash),
        ("a | b", .shellSyntax("|")), ("a > b", .shellSyntax(">")), ("a <b", .shellSyntax("<")),
        ("a; b", .shellSyntax(";")),
        ("a && b", .shellSyntax("&")), ("a 2>&1", .shellSyntax(">")), ("a &", .shellSyntax("&")),
        ("a `b`", .shellSyntax("`")), ("a \"`b`\"", .shellSyntax("`")), ("a $(b)", .shellSyntax("$(")),
        ("a \"$(b)\"", .shellSyntax("$(")),
    ])
    func whatNeedsAShellIsRefused(text: String, expected: ShellWords.Fault) {
        #expect(throws: expected) { try ShellWords.split(text) }
    }

    @Test func theErrorSaysWhatToWriteInstead() {
        let message = ShellWords.Fault.shellSyntax("|").description
        #expect(message.contains("no shell runs") && message.contains(#"["/bin/sh", "-c", "…"]"#))
    }
}
