import SupdPlugin
import Testing

@Suite struct OptionErrorTests {
    private func read(_ option: String, isGood: Bool) throws(OptionError) -> String {
        guard isGood else { throw OptionError(option: option, message: "is wrong") }
        return option
    }

    private func both(_ first: Bool, _ second: Bool) throws(OptionError) -> (String, String) {
        try OptionError.together(
            { () throws(OptionError) in try read("a", isGood: first) },
            { () throws(OptionError) in try read("b", isGood: second) })
    }

    @Test func whatIsReadTogetherIsToldTogether() throws {
        #expect(try both(true, true) == ("a", "b"))
        for (first, second, options) in [(false, true, ["a"]), (true, false, ["b"]), (false, false, ["a", "b"])] {
            let error = #expect(throws: OptionError.self) { _ = try both(first, second) }
            #expect(error.map { ([$0] + $0.others).map(\.option) } == options)
        }
    }

    @Test func whatWasGatheredBeforeIsNotLost() {
        let error = #expect(throws: OptionError.self) {
            _ = try OptionError.together(
                { () throws(OptionError) in try both(false, false) },
                { () throws(OptionError) in try read("c", isGood: false) })
        }
        #expect(error.map { $0.others.map(\.option) } == ["b", "c"])
    }
}
