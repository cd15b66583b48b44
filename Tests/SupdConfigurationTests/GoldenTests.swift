import GoldenFiles
import SupdConfiguration
import Testing

/// Every `Golden/NAME.toml` is wrong, or worth a warning, in ways whose whole report stands in `Golden/NAME.faults`.
@Suite struct GoldenTests {
    private let files = GoldenFiles()

    private func report(_ name: String) throws -> String {
        var texts: [String: String] = [:]
        for name in try files.names(".toml") { texts["\(name).toml"] = try files.text("\(name).toml") }
        let loader = ConfigurationLoader(plugins: Load.plugins, sources: Load.sources(texts))
        switch loader.load(path: "\(name).toml") {
        case .success(let configuration): return configuration.warnings.map { "\($0)\n" }.joined()
        case .failure(let faults): return faults.description + "\n"
        }
    }

    @Test func theReportOfEveryWrongFileIsAsExpected() throws {
        let names = try files.names(".toml").filter { !$0.hasPrefix("part-") }
        #expect(names.count >= 8)
        for name in names {
            let difference = try files.difference("\(name).faults", report(name))
            #expect(difference == nil, "\(difference ?? "")")
        }
    }

    @Test func everyReportHasItsFile() throws {
        let reports = try files.names(".faults")
        #expect(try reports == files.names(".toml").filter { !$0.hasPrefix("part-") })
    }

    @Test func tenMistakesAreTenFaults() throws {
        let mistakes = try files.text("ten-mistakes.toml").split(separator: "\n").filter { $0.contains("# mistake") }
        #expect(mistakes.count == 10)
        #expect(try report("ten-mistakes").split(separator: "\n").count == 10)
    }
}
