import Foundation
import Testing

/// What the README shows is what is printed.
@Suite(.daemons)
struct ReadmeTests {
    /// A command of the README's session, and the lines after it.
    private struct Step {
        var words: [String]
        var printed: [String]
    }

    private static func session() throws -> [Step] {
        let readme = try String(contentsOfFile: Programs.root + "/README.md", encoding: .utf8)
        let chapter = try #require(readme.components(separatedBy: "\n## ").first { $0.hasPrefix("A session\n") })
        let block = chapter.components(separatedBy: "```")
        try #require(block.count == 3, "the session is one block of code")
        var steps: [Step] = []
        for line in block[1].split(separator: "\n") {
            if line.hasPrefix("$ ") {
                steps.append(Step(words: line.dropFirst(2).split(separator: " ").map(String.init), printed: []))
            } else {
                try #require(!steps.isEmpty, "the session begins with a command")
                steps[steps.count - 1].printed.append(String(line))
            }
        }
        return steps
    }

    /// The line without what differs from run to run: times, numbers of processes and users, counts, the width of columns.
    private static func shape(_ line: some StringProtocol) -> String {
        var text = String(line)
        text.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/, with: "TIME")
        text.replace(/\b(pid|uid) \d+/) { "\($0.1) #" }
        text.replace(/\b\d+(\.\d+)?(us|ms|s|min|h)\b/, with: "#")
        // One word, as it is neither a count nor a cell of a table.
        text.replace(/exit code (\d+)/) { "exit code=\($0.1)" }
        return text.split(separator: " ").map { $0.allSatisfy(\.isNumber) ? "#" : $0 }.joined(separator: " ")
    }

    @Test func theSessionIsWhatIsPrinted() async throws {
        let session = try Self.session()
        #expect(session.map { $0.words.joined(separator: " ") }.last == "supctl shutdown --wait")
        var differences: [String] = []
        // A service of the demonstration fails every few seconds: on a machine that is slow just then, another go.
        for _ in 1...3 {
            differences = try await differencesOfARun(of: session)
            if differences.isEmpty { return }
        }
        Issue.record("README.md, 'A session', is not what is printed:\n\(differences.joined(separator: "\n"))")
    }

    private func differencesOfARun(of session: [Step]) async throws -> [String] {
        let folder = try TemporaryFolder()
        let demonstration = try String(contentsOfFile: Programs.root + "/contrib/examples/demo.toml", encoding: .utf8)
            .replacing("/tmp/supd-demo", with: folder.path("demo"))
        var differences: [String] = []
        try await withDaemon(demonstration, folder: folder) { daemon in
            try await daemon.service("worker@2", becomes: "RUNNING")
            for step in session {
                let output = try await run(
                    Programs.supctl, Array(step.words.dropFirst()),
                    environment: ["SUPD_SOCKET": daemon.socket, "PATH": "/usr/bin:/bin"])
                // On a terminal how far something is stands on one line, which is gone at its end.
                let errors = output.error.split(separator: "\n")
                    .filter { !$0.hasPrefix("phase ") && !$0.contains(" is RUNNING, pid ") }
                let printed = (output.output.split(separator: "\n") + errors).map(Self.shape)
                let shown = step.printed.map(Self.shape)
                guard printed != shown else { continue }
                differences.append("$ \(step.words.joined(separator: " "))")
                differences += printed.difference(from: shown).map { change in
                    switch change {
                    case .insert(_, let line, _): "  printed: \(line)"
                    case .remove(_, let line, _): "  shown:   \(line)"
                    }
                }
            }
            _ = try await daemon.ended()
        }
        return differences
    }
}
