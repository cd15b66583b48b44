import Foundation
import Testing

@testable import SupdDaemon

/// One table is what the command line takes, what the help lists, and what the manual page has.
@Suite struct DaemonOptionTests {
    private static let samples = [
        "FILE": "a.toml", "PATH": "/s", "LEVEL": "debug", "FORMAT": "json", "NAME": "web", "POLICY": "always",
        "TIME": "3s", "SIGNAL": "SIGINT",
    ]

    @Test(arguments: DaemonOption.Place.allCases) func whatIsInTheTableIsTakenAndNothingElse(place: DaemonOption.Place)
    {
        for option in DaemonOption.all {
            for name in option.names {
                var words = place == .serve ? [name] : [place.rawValue, name]
                if let value = option.value { words.append(Self.samples[value] ?? "no sample of \(value)") }
                if place == .run { words += ["--", "true"] }
                let isTaken = (try? CommandLineOptions(words)) != nil
                #expect(isTaken == option.places.contains(place), "\(words)")
            }
        }
    }

    @Test func theHelpListsEach() {
        for option in DaemonOption.all { #expect(CommandLineOptions.usage.contains("  \(option.spelling) ")) }
        #expect(CommandLineOptions.usage.split(separator: "\n").allSatisfy { $0.count <= 120 })
    }

    @Test func theManualSaysTheSame() throws {
        let manual = try String(
            contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("../../../docs/supd.md"), encoding: .utf8)
        let rows = DaemonOption.all.map { option in
            let names = option.names.map { name in "`\(name)\(option.value.map { " \($0)" } ?? "")`" }
            let places = DaemonOption.Place.allCases.filter(option.places.contains).map { place in
                place == .serve ? "`supd`" : "`supd \(place.rawValue)`"
            }
            return "| \(names.joined(separator: ", ")) | \(places.joined(separator: ", ")) | \(option.help) |\n"
        }
        let expected = "| option | of | |\n|---|---|---|\n" + rows.joined() + "\n"
        #expect(manual.contains(expected), "docs/supd.md should have:\n\(expected)")
    }
}
