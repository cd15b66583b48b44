import Foundation
import SupdConfiguration
import Testing

/// Every `Golden/NAME.toml` is wrong, or worth a warning, in ways whose whole report stands in `Golden/NAME.faults`.
///
/// With SUPD_UPDATE_GOLDEN=1 in the environment the reports are written anew, to be read before they are committed.
@Suite struct GoldenTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Golden")

    private static func names(_ ending: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(ending) }.map { String($0.dropLast(ending.count)) }.sorted()
    }

    private func text(_ name: String) throws -> String {
        try String(contentsOf: Self.folder.appendingPathComponent(name), encoding: .utf8)
    }

    private func report(_ name: String) throws -> String {
        var files: [String: String] = [:]
        for name in try Self.names(".toml") { files["\(name).toml"] = try text("\(name).toml") }
        let loader = ConfigurationLoader(plugins: Load.plugins, sources: Load.sources(files))
        switch loader.load(path: "\(name).toml") {
        case .success(let configuration): return configuration.warnings.map { "\($0)\n" }.joined()
        case .failure(let faults): return faults.description + "\n"
        }
    }

    @Test func theReportOfEveryWrongFileIsAsExpected() throws {
        let names = try Self.names(".toml").filter { !$0.hasPrefix("part-") }
        #expect(names.count >= 8)
        for name in names {
            let report = try report(name)
            if ProcessInfo.processInfo.environment["SUPD_UPDATE_GOLDEN"] == "1" {
                try report.write(
                    to: Self.folder.appendingPathComponent("\(name).faults"), atomically: true, encoding: .utf8)
            }
            #expect(try report == text("\(name).faults"), "\(name).toml")
        }
    }

    @Test func everyReportHasItsFile() throws {
        #expect(try Self.names(".faults") == Self.names(".toml").filter { !$0.hasPrefix("part-") })
    }

    @Test func tenMistakesAreTenFaults() throws {
        let mistakes = try text("ten-mistakes.toml").split(separator: "\n").filter { $0.contains("# mistake") }
        #expect(mistakes.count == 10)
        #expect(try report("ten-mistakes").split(separator: "\n").count == 10)
    }
}
