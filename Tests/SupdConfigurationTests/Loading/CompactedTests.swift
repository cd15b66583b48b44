import SupdConfiguration
import Testing

@Suite struct CompactedTests {
    @Test func whatIsMadeAnewSaysTheSame() throws {
        let loaded = try Load.good(Example.text, Example.files)
        #expect(loaded.services.count > 1)
        let before = dumped(loaded)
        let after = dumped(loaded.compacted())
        #expect(before.contains { $0.contains("the databäse") })
        #expect(Array(after.difference(from: before)).isEmpty)
    }

    /// Every value of it, to the last.
    private func dumped(_ configuration: Configuration) -> [String] {
        var text = ""
        dump(configuration, to: &text)
        // A set has no order.
        return text.split(separator: "\n").map(String.init).sorted()
    }
}
