import SupdConfiguration
import SupdPlugin
import Testing

@Suite struct ExpansionTests {
    private let web: InstanceName
    private let web3: InstanceName
    private let environment = ProcessEnvironment([
        "HOME": "/srv", "ARGS": "  -a  -b\tc ", "EMPTY": "", "MONEY": "$HOME %i", "_x1": "ok",
    ])

    init() throws {
        let name = try #require(ServiceName("web"))
        web = InstanceName(service: name, index: nil)
        web3 = InstanceName(service: name, index: 3)
    }

    @Test(arguments: [
        ("a", ["a"]), ("$HOME", ["/srv"]), ("${HOME}", ["/srv"]), ("x$HOME/y", ["x/srv/y"]), ("$HOME/y", ["/srv/y"]),
        ("${HOME}${HOME}", ["/srv/srv"]), ("$ARGS", ["-a", "-b", "c"]), ("${ARGS}", ["  -a  -b\tc "]),
        ("$EMPTY", []), ("${EMPTY}", [""]), ("$UNSET", []), ("${UNSET}", [""]), ("x${UNSET}y", ["xy"]),
        ("$$HOME", ["$HOME"]), ("$$", ["$"]), ("$", ["$"]), ("a$", ["a$"]), ("$1", ["$1"]), ("$ HOME", ["$ HOME"]),
        ("$_x1", ["ok"]), ("100%%", ["100%"]), ("%n-%i", ["web-3"]), ("%%i", ["%i"]),
        // What a variable brings in is not expanded again, but a lone one is split.
        ("${MONEY}", ["$HOME %i"]), ("$MONEY", ["$HOME", "%i"]), ("ü$HOME", ["ü/srv"]), ("$HOMEü", ["/srvü"]),
    ])
    func aWordBecomesItsWords(word: String, expected: [String]) throws {
        #expect(try expandCommand(["run", word], instance: web3, environment: environment) == ["run"] + expected)
    }

    @Test func theIndexIsEmptyWhereThereIsOneInstance() throws {
        #expect(try expandSpecifiers("/var/%n%i.log", instance: web) == "/var/web.log")
        #expect(try expandSpecifiers("/var/%n%i.log", instance: web3) == "/var/web3.log")
        #expect(try expandSpecifiers("$HOME", instance: web) == "$HOME")
    }

    @Test(arguments: [
        ("%x", ExpansionFault.unknownSpecifier("%x")), ("a%", .unknownSpecifier("%")), ("%%%", .unknownSpecifier("%")),
        ("%ü", .unknownSpecifier("%ü")), ("${", .brokenVariable("${")), ("${HOME", .brokenVariable("${HOME")),
        ("${}", .brokenVariable("${}")), ("a${1}", .brokenVariable("${1}")), ("${A B}", .brokenVariable("${A B}")),
    ])
    func whatCannotBeExpandedSaysWhat(word: String, expected: ExpansionFault) {
        #expect(throws: expected) { try expandCommand(["run", word], instance: web, environment: environment) }
    }

    @Test(arguments: [[String](), [""], ["$UNSET"], ["${EMPTY}"], ["$EMPTY", ""]])
    func aCommandWithoutAProgramIsAFault(words: [String]) {
        #expect(throws: ExpansionFault.noProgram) {
            try expandCommand(words, instance: web, environment: environment)
        }
    }

    @Test func aVariableMayHoldTheProgramAndItsArguments() throws {
        #expect(try expandCommand(["$ARGS", "z"], instance: web, environment: environment) == ["-a", "-b", "c", "z"])
        #expect(try expandCommand(["$UNSET", "z"], instance: web, environment: environment) == ["z"])
    }

    @Test func programsAreSearchedInPath() {
        #expect(candidates(program: "web", path: "/a:/b/:c") == ["/a/web", "/b/web", "c/web"])
        #expect(candidates(program: "/bin/web", path: "/a:/b") == ["/bin/web"])
        #expect(candidates(program: "./web", path: "/a:/b") == ["./web"])
        // An empty folder would be the current one.
        #expect(candidates(program: "web", path: ":/a::") == ["/a/web"])
        #expect(candidates(program: "web", path: "").isEmpty)
    }
}
