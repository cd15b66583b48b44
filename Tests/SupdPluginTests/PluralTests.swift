import SupdPlugin
import Testing

@Suite struct PluralTests {
    @Test(arguments: [(0, "0 lines", "0 processes"), (1, "1 line", "1 process"), (2, "2 lines", "2 processes")])
    func oneIsNoPlural(_ count: Int, lines: String, processes: String) {
        #expect(plural(count, "line") == lines && plural(count, "process", "processes") == processes)
    }
}
