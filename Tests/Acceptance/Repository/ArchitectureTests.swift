import Foundation
import Testing

/// What docs/architecture.md lists is what the code has.
struct ArchitectureTests {
    private static func read(_ path: String) throws -> String {
        try String(contentsOfFile: "\(Programs.root)/\(path)", encoding: .utf8)
    }

    /// The cells of the table that begins with `head`, row by row.
    private static func table(_ head: String) throws -> [[String]] {
        let lines = try read("docs/architecture.md").components(separatedBy: "\n")
        let start = try #require(lines.firstIndex { $0.hasPrefix("| \(head) |") }, "there is no table '\(head)'")
        return lines[(start + 2)...].prefix { $0.hasPrefix("| ") }.map { line in
            line.components(separatedBy: "|").dropFirst().dropLast().map { $0.trimmingCharacters(in: .whitespaces) }
        }
    }

    /// The words between backquotes.
    private static func names(_ cell: String) -> [String] {
        cell.matches(of: /`([^`]+)`/).map { String($0.1) }
    }

    /// The cases of an enumeration, and their raw values where these are texts.
    private static func cases(of name: String, in path: String) throws -> [(name: String, text: String?)] {
        let parts = try read(path).components(separatedBy: "enum \(name):")
        try #require(parts.count == 2, "there is one enumeration \(name) in \(path)")
        let body = parts[1].components(separatedBy: "\n").dropFirst()
            .prefix { !$0.hasPrefix("}") && $0 != "    }" }
        return body.compactMap { line in
            line.firstMatch(of: /^ +(?:indirect )?case ([a-z]+)(?:\(.*\))?(?: = "(.*)")?$/).map {
                (String($0.1), $0.2.map(String.init))
            }
        }
    }

    // MARK: Modules

    /// What each target below Sources depends on, by Package.swift.
    private static func modules() throws -> [String: Set<String>] {
        var modules: [String: Set<String>] = [:]
        let declarations = try read("Package.swift").components(separatedBy: "\n    targets: [")[1]
        for part in declarations.split(separator: /\n {8}\.(?=[a-z])/).dropFirst() {
            guard let name = part.firstMatch(of: /^(?:target|executableTarget|systemLibrary)\(\s*name: "([^"]+)"/)?.1
            else { continue }
            let isBelowSources = FileManager.default.fileExists(atPath: "\(Programs.root)/Sources/\(name)")
            guard isBelowSources, !part.contains("path: ") else { continue }
            let list = (part.components(separatedBy: "dependencies: [").dropFirst().first ?? "")
                .components(separatedBy: "linkerSettings:")[0]
            let others = list.replacing(/\.product\(name: ("[^"]+"), package: "[^"]+"\)/) { "\($0.1)" }
            modules[String(name)] = Set(others.matches(of: /"([^"]+)"/).map { String($0.1) })
        }
        return modules
    }

    @Test func theModulesAreThoseOfThePackage() throws {
        let modules = try Self.modules()
        #expect(modules.count >= 16)
        let rows = try Self.table("module")
        #expect(Set(rows.flatMap { Self.names($0[0]) }) == Set(modules.keys))
        for row in rows {
            let name = try #require(Self.names(row[0]).first)
            #expect(Set(Self.names(row[2])) == modules[name], "what \(name) imports")
            #expect((row[2] == "nothing") == (modules[name]?.isEmpty == true), "\(name)")
        }
        let folders = try FileManager.default.contentsOfDirectory(atPath: "\(Programs.root)/Sources")
        #expect(Set(folders) == Set(modules.keys))
    }

    // MARK: States and phases

    @Test func thePhasesOfAServiceAndItsStatesAreThoseOfTheCode() throws {
        let rows = try Self.table("phase | state")
        let phases = try Self.cases(of: "Phase", in: "Sources/SupdEngine/Service/ServiceMachine.swift")
        #expect(phases.count >= 8)
        #expect(rows.map { Self.names($0[0]).first } == phases.map(\.name))
        let states = try Self.cases(of: "ServiceState", in: "Sources/SupdPlugin/ServiceWords.swift")
        #expect(states.count >= 7)
        #expect(Set(rows.map { $0[1] }) == Set(states.compactMap(\.text)))
    }

    @Test func thePhasesOfADrainAreThoseOfTheCodeInTheirOrder() throws {
        let phases = try Self.cases(of: "DrainPhase", in: "Sources/SupdEngine/Registry/TaskRecord.swift")
        #expect(phases.count >= 5)
        #expect(try Self.table("phase | what is done").map { Self.names($0[0]).first } == phases.map(\.name))
    }

    // MARK: Where state lives

    @Test func everyFolderOfTheDaemonHasAnOwner() throws {
        let rows = try Self.table("folder of `Sources/SupdDaemon`")
        let folders = try FileManager.default.contentsOfDirectory(atPath: "\(Programs.root)/Sources/SupdDaemon")
            .filter { !$0.hasSuffix(".docc") }
        #expect(rows.flatMap { Self.names($0[0]) }.sorted() == folders.sorted())
        let sources = try Self.files().filter { $0.hasPrefix("Sources/SupdDaemon/") && $0.hasSuffix(".swift") }
        let code = try sources.map(Self.read).joined(separator: "\n")
        for owner in rows.flatMap({ Self.names($0[1]) }) {
            let isThere = ["class", "struct", "enum"].contains { code.contains("\($0) \(owner) {") }
            #expect(isThere, "there is no type \(owner)")
        }
    }

    // MARK: Files

    /// Every file of the repository's own, and every folder, by its path.
    private static func files() throws -> [String] {
        try ["Sources", "Plugins", "Tests", "docs"].flatMap { folder in
            try FileManager.default.subpathsOfDirectory(atPath: "\(Programs.root)/\(folder)").map { "\(folder)/\($0)" }
        }
    }

    @Test func everyFileThatIsNamedIsThere() throws {
        let paths = try Self.files()
        let lastParts = Set(paths.map { ($0 as NSString).lastPathComponent })
        let all = Self.names(try Self.read("docs/architecture.md").replacing("```", with: ""))
        let named = all.filter { $0.contains("/") || $0.contains(/\.(swift|c|md)$/) }
        #expect(named.count > 60)
        for name in Set(named) {
            let isThere =
                name.contains("/") || name == "Package.swift"
                ? FileManager.default.fileExists(atPath: "\(Programs.root)/\(name)") : lastParts.contains(name)
            #expect(isThere, "there is no \(name)")
        }
    }
}
