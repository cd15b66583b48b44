import GoldenFiles
import Testing

@testable import SupdDaemon

/// What `supd --help` prints, and what shells complete of its command line.
@Suite struct UsageGoldenTests {
    private let files = GoldenFiles()

    @Test func theHelpIsAsItWasRead() throws {
        let difference = try files.difference("supd-help.txt", CommandLineOptions.usage)
        #expect(difference == nil, "\(difference ?? "")")
    }

    @Test func whatFitsIsOffered() throws {
        let lines = [
            "", "c", "-", "--lo", "--log-level ", "--log-level=w", "--log-format j", "--config ", "--config=/e",
            "check ",
            "check --", "check a.toml ", "plugins ", "plugins -", "run ", "run --re", "run --restart on",
            "run --stop-signal SIGUS",
            "run --socket /s ", "run -- ", "run -- web --he", "--nonsense ", "--socket /s --log-level debug --c",
        ]
        let text = lines.map { line in
            let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            let shown = line.isEmpty ? "" : " " + line
            return "$ supd\(shown)⇥\n" + DaemonCompletion(policies: ["no", "on-failure"]).text(words)
        }
        let difference = try files.difference("supd-completions.txt", text.joined(separator: "\n"))
        #expect(difference == nil, "\(difference ?? "")")
    }
}
