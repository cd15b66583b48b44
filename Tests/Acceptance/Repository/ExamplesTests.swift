import Foundation
import Glibc
import Testing

/// What contrib/ hands to people works.
@Suite(.daemons)
struct ExamplesTests {
    private static let folder = Programs.root + "/contrib/examples"

    private static var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(".toml") }.sorted()
    }

    @Test func thereAreExamples() {
        #expect(Self.names.contains("demo.toml"))
        #expect(Self.names.count >= 4)
    }

    @Test(arguments: names)
    func everyExampleIsValid(name: String) async throws {
        let output = try await run(
            Programs.supd, ["check", "--config", "\(Self.folder)/\(name)"], environment: ["PATH": "/usr/bin:/bin"])
        // A package that is not installed has no user of its own here.
        let isForeign = output.error.split(separator: "\n").allSatisfy {
            $0.contains("there is no user") || $0.contains("there is no group")
        }
        if output.code == 78, isForeign { try Test.cancel("\(output.error)") }
        #expect(output.code == 0, "\(output.error)")
        // Nor its program; and in a container root may do less than root.
        let others = output.error.split(separator: "\n").filter {
            !$0.contains(": warning: there is no ") && !$0.contains(", who checks this,")
        }
        #expect(others.isEmpty, "\(others)")
    }

    @Test func theExamplesOfThePluginManualAreValid() async throws {
        let manual = try String(contentsOfFile: "\(Programs.root)/docs/plugins.md", encoding: .utf8)
        var fences = ["```toml\n"]
        #if HTTP
            // Without the trait they are refused.
            fences.append("```toml http\n")
        #endif
        let examples = fences.flatMap { fence in
            manual.components(separatedBy: fence).dropFirst().map { $0.components(separatedBy: "```")[0] }
        }
        #expect(examples.count >= 2 * fences.count)
        let folder = try TemporaryFolder()
        for example in examples {
            let path = try folder.write("example.toml", example)
            let output = try await run(Programs.supd, ["check", "--config", path])
            #expect(output.code == 0, "\(output.error)")
        }
    }

    @Test func theDemonstrationShowsWhatItSays() async throws {
        let text = try String(contentsOfFile: "\(Self.folder)/demo.toml", encoding: .utf8)
        try await withDaemon(text) { daemon in
            try await daemon.service("crashy", within: 60, becomes: "BACKOFF")
            let services = try await daemon.services()
            #expect(services.filter { $0.state == "RUNNING" }.count >= 3)
            #expect(services.contains { $0.state == "EXITED" })
            #expect(try await daemon.terminate() == .exited(0))
        }
    }

    @Test(arguments: [
        "contrib/run", "contrib/test", "contrib/build", "contrib/docs", "contrib/install", ".ci/run",
        ".ci/clean-machine", ".ci/static", ".ci/without-proc", "Tests/Fixtures/systemd-sandbox",
        "contrib/examples/client.sh",
    ])
    func scriptsAreExecutableAndParse(path: String) async throws {
        let script = "\(Programs.root)/\(path)"
        #expect(access(script, X_OK) == 0)
        let output = try await run("/bin/bash", ["-n", script])
        #expect(output.code == 0, "\(output.error)")
    }
}
