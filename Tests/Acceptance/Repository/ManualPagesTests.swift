import Foundation
import Testing

/// The manual pages, as `contrib/install` and `contrib/docs` make them.
@Suite(.daemons)
struct ManualPagesTests {
    private static let pages = [
        "supctl.1": "docs/supctl.md", "supd.8": "docs/supd.md", "supd.toml.5": "docs/configuration.md",
        "supd-plugins.7": "docs/plugins.md", "supd-protocol.7": "docs/protocol.md",
    ].filter { $0.key == "supctl.1" || FileManager.default.fileExists(atPath: "\(Programs.root)/\($0.value)") }

    private func shell(_ line: String, _ arguments: String...) async throws -> Output {
        try await run(
            "/bin/bash", ["-c", "set -euo pipefail; . contrib/lib/manuals.sh; \(line)", "test"] + arguments,
            environment: ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"], folder: Programs.root, within: 60)
    }

    private func build(_ folder: TemporaryFolder) async throws {
        let built = try await shell(#"build_manuals "$@""#, folder.path, Programs.supctl)
        #expect(built.code == 0 && built.error.isEmpty, "\(built)")
    }

    /// What a reader sees, each run of blanks as one.
    private func shown(_ page: String, in folder: TemporaryFolder) async throws -> String {
        guard let mandoc = Programs.find("mandoc") else { try Test.cancel("mandoc is not installed") }
        let section = page.suffix(1)
        let output = try await run(
            mandoc, ["-T", "utf8", "-O", "width=1000", folder.path("man\(section)/\(page)")],
            environment: ["LC_ALL": "C.UTF-8"])
        #expect(output.code == 0, "\(output.error)")
        var text = ""
        // Bold is a character over itself.
        for character in output.output.unicodeScalars {
            if character == "\u{8}" { text.unicodeScalars.removeLast() } else { text.unicodeScalars.append(character) }
        }
        return Self.words(text)
    }

    private static func words(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    @Test func mandocAndManHaveNothingToSayOfThem() async throws {
        guard Programs.find("mandoc") != nil else { try Test.cancel("mandoc is not installed") }
        let folder = try TemporaryFolder()
        try await build(folder)
        let checked = try await shell(#"check_manuals "$1""#, folder.path)
        #expect(checked.code == 0, "\(checked.output)\(checked.error)")
        // What would be said is said.
        let page = folder.path("man8/supd.8")
        try (String(contentsOfFile: page, encoding: .utf8) + ".nonsense\n").write(
            toFile: page, atomically: true, encoding: .utf8)
        let wrong = try await shell(#"check_manuals "$1""#, folder.path)
        #expect(wrong.code == 1 && wrong.output.contains("nonsense"), "\(wrong)")
    }

    @Test func nothingOfTheDocumentsIsLostInThem() async throws {
        let folder = try TemporaryFolder()
        try await build(folder)
        for (page, document) in Self.pages where FileManager.default.fileExists(atPath: "\(Programs.root)/\(document)")
        {
            let text = try await shown(page, in: folder)
            let source = try String(contentsOfFile: "\(Programs.root)/\(document)", encoding: .utf8)
            var isCode = false
            var prose = ""
            for line in source.split(separator: "\n") {
                if line.hasPrefix("```") {
                    isCode.toggle()
                } else if isCode {
                    #expect(text.contains(Self.words(String(line))), "\(page): \(line)")
                } else {
                    prose += "\(line) "
                }
            }
            for (index, span) in prose.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            where index % 2 == 1 {
                #expect(text.contains(Self.words(String(span).replacing(#"\|"#, with: "|"))), "\(page): \(span)")
            }
        }
    }

    @Test func everyVerbOptionAndStatusOfSupctlIsThereAndNoOther() async throws {
        let folder = try TemporaryFolder()
        try await build(folder)
        let text = try await shown("supctl.1", in: folder)
        let overview = try await run(Programs.supctl, ["help"]).output
        let verbs = overview.split(separator: "\n").drop { $0 != "Verbs:" }.dropFirst().prefix { $0.hasPrefix("  ") }
            .compactMap { $0.split(separator: " ").first.map(String.init) }
        #expect(verbs.count > 20)
        var options: Set = ["--complete"]
        for verb in verbs {
            let help = try await run(Programs.supctl, ["help", verb]).output
            let lines = help.split(separator: "\n")
            let first = try #require(lines.first)
            let usage = String(first.dropFirst("Usage: supctl ".count).dropLast(" [OPTIONS]".count))
            #expect(text.contains(" \(usage) "), "\(usage)")
            let own = help.matches(of: /--[a-z][a-z-]+/).map { String($0.output) }
            for option in own { #expect(text.contains(option), "\(verb): \(option)") }
            options.formUnion(own)
        }
        let statuses =
            Self.words(overview).split(separator: "Exit status: ").last?.matches(of: /(\d+) ([a-z()]+)/) ?? []
        #expect(statuses.count >= 9)
        for status in statuses { #expect(text.contains("\(status.1) \(status.2)"), "\(status.output)") }
        let ofSupd = try await run(Programs.supd, ["--help"]).output.matches(of: /--[a-z][a-z-]+/).map {
            String($0.output)
        }
        let unknown = Set(text.matches(of: /--[a-z][a-z-]+/).map { String($0.output) }).subtracting(options)
            .subtracting(ofSupd)
        #expect(unknown == [])
    }

    @Test func everyMethodIsInThatOfTheProtocol() async throws {
        guard Self.pages["supd-protocol.7"] != nil else { try Test.cancel("docs/protocol.md is not written yet") }
        let folder = try TemporaryFolder()
        try await build(folder)
        let text = try await shown("supd-protocol.7", in: folder)
        try await withDaemon("") { daemon in
            let methods = try await daemon.connect().call("supervisor.version").methods.array.compactMap(\.string)
            #expect(methods.count > 20)
            for method in methods { #expect(text.contains(method), "\(method)") }
        }
    }
}
