import Testing

@testable import SupdConfiguration

/// The word that stands for everything a configuration says.
@Suite struct TokenTests {
    private func token(_ text: String, _ files: [String: String] = [:]) throws -> String {
        try Load.good(text, files).token
    }

    @Test func twoLoadsHaveOne() throws {
        let one = try token(Example.text, Example.files)
        #expect(one.utf8.count == 32 && one.allSatisfy(\.isHexDigit))
        #expect(try one == token("# the same\n" + Example.text, Example.files))
        #expect(try one == Load.good(Example.text, Example.files).compacted().token)
        #expect(try ConfigurationPlan(from: Configuration(), to: Load.good(Example.text, Example.files)).token == one)
    }

    @Test func everyChangeMakesAnother() throws {
        var seen: Set<String> = [try token(Plan.web())]
        for (key, sample) in Plan.samples {
            #expect(try seen.insert(token(Plan.web([key.rawValue: sample]))).inserted, "\(key)")
        }
        for text in [
            Plan.web(["environment": "{ MODE = \"slow\" }"]), Plan.web() + "[service.c]\nexec_start = \"x\"\n",
            Plan.web() + "[supervisor]\nsocket = \"none\"\n", Plan.web() + "[plugins.load-balancer]\npool = \"x\"\n",
            "[service.web]\nexec_start = \"/bin/web\"\n", "",
        ] {
            #expect(try seen.insert(token(text)).inserted, "\(text)")
        }
    }

    @Test func oneTextInTwoPlacesIsTwoTokens() throws {
        func service(_ name: String, _ line: String) -> String { "[service.\(name)]\nexec_start = \"x\"\n\(line)\n" }
        #expect(
            try token(service("a", "nice = 1") + service("b", "")) != token(service("a", "") + service("b", "nice = 1"))
        )
    }
}
