import Manuals
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
        let rows = DaemonOption.all.map { option in
            let names = option.names.map { name in "`\(name)\(option.value.map { " \($0)" } ?? "")`" }
            let places = DaemonOption.Place.allCases.filter(option.places.contains).map { place in
                place == .serve ? "`supd`" : "`supd \(place.rawValue)`"
            }
            return "| \(names.joined(separator: ", ")) | \(places.joined(separator: ", ")) | \(option.help) |\n"
        }
        let chapter = try #require(try Manual("docs/supd.md").chapters.first { $0.heading == "Options" })
        let expected = "| option | of | |\n|---|---|---|\n" + rows.joined() + "\n"
        #expect(chapter.text == "## Options\n\n" + expected)
    }

    @Test func noDocumentHasAVerbThatIsNotThere() throws {
        let verbs = Set(DaemonOption.Place.allCases.filter { $0 != .serve }.map(\.rawValue) + ["help"])
        for (path, document) in try Manual.all() {
            #expect(document.words(after: "supd").subtracting(verbs) == [], "\(path)")
        }
        #expect(try Manual("docs/supd.md").words(after: "supd") == verbs)
    }
}
