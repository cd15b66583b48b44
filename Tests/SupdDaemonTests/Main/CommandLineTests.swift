import SupdPlugin
import Testing

@testable import SupdDaemon

/// The words after `supd`, but for those of `supd run`.
@Suite struct CommandLineTests {
    private func fault(_ words: String...) -> String? {
        do throws(CommandLineOptions.Fault) {
            _ = try CommandLineOptions(words)
            return nil
        } catch {
            return error.message
        }
    }

    @Test(arguments: [
        ["help"], ["help", "check"], ["--help"], ["check", "--help"], ["check", "-h"], ["plugins", "--help"],
    ])
    func helpIsHadByEveryUsualName(words: [String]) throws {
        #expect(try CommandLineOptions(words).command == .help)
    }

    @Test func aFileIsCheckedByItsNameAlone() throws {
        for words in [["check", "a.toml"], ["check", "--config", "a.toml"], ["check", "--config=a.toml"]] {
            let options = try CommandLineOptions(words)
            #expect(options.command == .check && options.config == "a.toml")
        }
        #expect(fault("check", "a.toml", "b.toml") == "'supd check' takes one file, found 'b.toml' as well")
        #expect(fault("check", "--nonsense") == "unknown option '--nonsense' of 'supd check'")
        #expect(fault("a.toml") == "unknown argument 'a.toml'; a configuration is named by --config a.toml")
        #expect(fault("chekc") == "unknown argument 'chekc' (did you mean 'check'?)")
        #expect(fault("--confg=x") == "unknown option '--confg=x' (did you mean '--config'?)")
        #expect(fault("--log-level", "inof")?.hasSuffix(", found 'inof' (did you mean 'info'?)") == true)
        #expect(fault("check", "--confg=x") == "unknown option '--confg=x' of 'supd check' (did you mean '--config'?)")
        #expect(fault("nonsense") == "unknown argument 'nonsense'")
        #expect(fault("--config=") == "--config needs a value")
        #expect(fault("--socket", "") == "--socket needs a value")
        #expect(fault("--help=x") == "--help takes no value")
    }
}
