import Foundation
import Testing

/// The documentation says something of everything, and its tutorial leads where it says.
@Suite(.daemons)
struct DocumentationTests {
    // MARK: The tutorial

    private static let resources = Programs.root + "/Sources/SupdPlugin/SupdPlugin.docc/Resources"
    private static let example = Programs.root + "/contrib/examples/custom-supd"

    /// What the last step of each file shows, and the example's file that it is.
    private static let lastSteps = [
        "package-3.swift": "Package.swift", "main.swift": "Sources/mysupd/Main.swift",
        "policies.swift": "Sources/Greeter/Policies.swift", "greeter-3.swift": "Sources/Greeter/Greeter.swift",
        "tests.swift": "Tests/GreeterTests/GreeterTests.swift",
        "daemon-tests.swift": "Tests/GreeterTests/DaemonTests.swift", "mysupd.toml": "mysupd.toml",
    ]

    @Test(arguments: lastSteps.sorted { $0.key < $1.key })
    func theTutorialEndsAtTheExample(shown: String, file: String) throws {
        #expect(
            try String(contentsOfFile: "\(Self.resources)/\(shown)", encoding: .utf8)
                == String(contentsOfFile: "\(Self.example)/\(file)", encoding: .utf8),
            "copy \(file) to \(shown)")
    }

    /// An earlier step has no line that the last one has not, but for a comma at its end, so that what it shows is not out
    /// of date either.
    @Test(arguments: [
        ("package-1.swift", "package-3.swift"), ("package-2.swift", "package-3.swift"),
        ("greeter-1.swift", "greeter-3.swift"), ("greeter-2.swift", "greeter-3.swift"),
    ])
    func anEarlierStepOnlyLeavesSomethingOut(earlier: String, last: String) throws {
        func lines(_ name: String) throws -> [Substring] {
            try String(contentsOfFile: "\(Self.resources)/\(name)", encoding: .utf8).split(separator: "\n")
                .map { $0.last == "," ? $0.dropLast() : $0 }
        }
        var rest = try lines(last)[...]
        for line in try lines(earlier) {
            let place = try #require(rest.firstIndex(of: line), "\(earlier): \(line)")
            rest = rest[(place + 1)...]
        }
    }

    @Test func everyFileOfTheTutorialIsShown() throws {
        let folder = "\(Programs.root)/Sources/SupdPlugin/SupdPlugin.docc/Tutorials"
        let tutorials = try FileManager.default.contentsOfDirectory(atPath: folder)
            .map { try String(contentsOfFile: "\(folder)/\($0)", encoding: .utf8) }.joined()
        for name in try FileManager.default.contentsOfDirectory(atPath: Self.resources) {
            #expect(tutorials.contains("\"\(name)\""), "\(name)")
        }
    }

    // MARK: The reference

    private struct SymbolGraph: Decodable {
        struct Symbol: Decodable {
            struct Identifier: Decodable { let precise: String }
            struct Comment: Decodable {}
            let identifier: Identifier
            let pathComponents: [String]
            let docComment: Comment?
        }
        let symbols: [Symbol]
    }

    private static let modules: [String] = {
        let folders = ["Sources", "Plugins"].map { "\(Programs.root)/\($0)" }
        let names = folders.flatMap { (try? FileManager.default.contentsOfDirectory(atPath: $0)) ?? [] }
        // Programs have no public symbols, C modules are not Swift's, and a target that a trait brings may not be built.
        return names.filter {
            $0.first?.isUppercase == true && !$0.hasPrefix("CS")
                && FileManager.default.fileExists(atPath: "\(Programs.folder)/Modules/\($0).swiftmodule")
        }.sorted()
    }()

    @Test func everyModuleIsLookedAt() {
        #expect(Set(Self.modules).isSuperset(of: ["SupdPlugin", "SupdTesting", "SupdDaemon", "SupdClient", "Notify"]))
    }

    @Test(arguments: modules)
    func everyPublicSymbolIsDescribed(module: String) async throws {
        let folder = try TemporaryFolder()
        let target = try await run("/usr/bin/env", ["swift", "-print-target-info"], environment: Self.environment)
        let triple = try #require(
            try JSONDecoder().decode(TargetInfo.self, from: Data(target.output.utf8)).target.unversionedTriple)
        let extraction = try await run(
            "/usr/bin/env",
            [
                "swift", "symbolgraph-extract", "-module-name", module, "-target", triple,
                "-I", "\(Programs.folder)/Modules", "-I", "\(Programs.root)/Sources/CSystemd",
                "-Xcc", "-fmodule-map-file=\(Programs.folder)/CSupd.build/module.modulemap",
                "-minimum-access-level", "public", "-skip-synthesized-members", "-output-dir", folder.path,
            ], environment: Self.environment)
        try #require(extraction.code == 0, "\(extraction.error)")
        let graph = try JSONDecoder().decode(
            SymbolGraph.self, from: Data(contentsOf: URL(fileURLWithPath: folder.path("\(module).symbols.json"))))
        // Members of the standard library's protocols that a type gets for nothing have nothing of ours to say.
        let silent = graph.symbols.filter {
            $0.docComment == nil && !$0.identifier.precise.contains("::SYNTHESIZED::")
        }
        #expect(silent.map { $0.pathComponents.joined(separator: ".") } == [])
    }

    private static let environment = ProcessInfo.processInfo.environment.filter { ["PATH", "HOME"].contains($0.key) }

    private struct TargetInfo: Decodable {
        struct Target: Decodable { let unversionedTriple: String? }
        let target: Target
    }
}
