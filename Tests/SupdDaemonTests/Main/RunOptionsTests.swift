import RestartPolicies
import SupdConfiguration
import SupdPlugin
import Testing

@testable import SupdDaemon

/// The words after `supd run`.
@Suite struct RunOptionsTests {
    private func options(_ words: String...) throws -> RunOptions {
        let options = try CommandLineOptions(["run"] + words)
        guard case .run(let run) = options.command else {
            Issue.record("not a run: \(options.command)")
            throw CommandLineOptions.Fault(message: "not a run")
        }
        return run
    }

    private func fault(_ words: [String]) -> String? {
        do throws(CommandLineOptions.Fault) {
            _ = try CommandLineOptions(["run"] + words)
            return nil
        } catch {
            return error.message
        }
    }

    @Test func aCommandAloneHasTheStandardValues() throws {
        let run = try options("--", "/usr/sbin/nginx", "-g", "daemon off;")
        #expect(run.name.description == "nginx")
        #expect(run.command == ["/usr/sbin/nginx", "-g", "daemon off;"])
        #expect(run.restart == "no")
        #expect(run.timeoutStop == .seconds(10))
        #expect(run.stopSignal == .term)
        let all = try CommandLineOptions(["run", "--", "true"])
        #expect(all.socket == "none")
        #expect(all.logLevel == .warning)
    }

    @Test func eachOptionIsReadWithItsValueBesideOrAttached() throws {
        for form in [
            ["--restart", "always", "--stop-signal", "SIGINT"], ["--restart=always", "--stop-signal=SIGINT"],
        ] {
            let all = try CommandLineOptions(
                ["run", "--name", "web", "--timeout-stop=3s", "--socket", "/s", "--log-level", "debug"] + form
                    + ["--", "nginx"])
            guard case .run(let run) = all.command else { continue }
            #expect(run.name.description == "web")
            #expect(run.restart == "always")
            #expect(run.timeoutStop == .seconds(3))
            #expect(run.stopSignal == .int)
            #expect(all.socket == "/s")
            #expect(all.logLevel == .debug)
        }
    }

    @Test func whatFollowsTheDashesIsTheCommands() throws {
        #expect(try options("--", "env", "--", "--name", "x").command == ["env", "--", "--name", "x"])
        #expect(try options("--", "--help").command == ["--help"])
    }

    @Test(arguments: [("/bin/a b", "a_b"), ("-x", "_x"), (".hidden", "_hidden"), ("/", "_"), ("/opt/ünter", "__nter")])
    func aProgramsNameBecomesAServices(program: String, name: String) throws {
        #expect(try options("--", program).name.description == name)
    }

    @Test func eachFaultIsNamed() {
        #expect(fault([])?.contains("needs a command after --") == true)
        #expect(fault(["--"])?.contains("needs a command after --") == true)
        #expect(fault(["--", ""])?.contains("needs a command after --") == true)
        #expect(fault(["nginx"])?.contains("found 'nginx' before it") == true)
        #expect(fault(["--nonsense", "--", "x"]) == "unknown option '--nonsense' of 'supd run'")
        for (word, meant) in [
            ("--nam", "--name"), ("--nme=web", "--name"), ("--stop-sgnal", "--stop-signal"),
            ("--timout-stop", "--timeout-stop"), ("--sockt", "--socket"),
        ] {
            #expect(
                fault([word, "x", "--", "true"])
                    == "unknown option '\(word)' of 'supd run' (did you mean '\(meant)'?)")
        }
        #expect(fault(["--name", "--", "x"]) == "--name needs a value")
        #expect(fault(["--socket=", "--", "x"]) == "--socket needs a value")
        #expect(fault(["--name", "a/b", "--", "x"])?.contains("found 'a/b'") == true)
        #expect(fault(["--timeout-stop", "0s", "--", "x"])?.contains("found '0s'") == true)
        #expect(fault(["--stop-signal", "SIGTREM", "--", "x"])?.contains("did you mean 'SIGTERM'?") == true)
    }

    @Test func aPolicyThatIsMisspeltIsNamed() throws {
        let run = try options("--restart", "alwys", "--", "x")
        let plugins = PluginRegistrar([RestartPolicies()])
        let fault = #expect(throws: CommandLineOptions.Fault.self) {
            try Configuration(running: run, plugins: plugins, fileModeMask: 0o022)
        }
        #expect(fault?.message.contains("found 'alwys' (did you mean 'always'?)") == true, "\(fault?.message ?? "")")
    }
}
