import SupdPlugin
import Testing

@Suite struct ClosestWordTests {
    private let keys = ["exec_start", "exec_stop", "enabled", "environment", "environment_files", "type", "tags"]

    @Test(arguments: [
        ("exec_strat", "exec_start"), ("execstart", "exec_start"), ("Enabled", "enabled"), ("ENABLE", "enabled"),
        ("enviroment", "environment"), ("environment_file", "environment_files"), ("tpye", "type"), ("tag", "tags"),
    ])
    func aMisspeltWordFindsItsOriginal(word: String, expected: String) {
        #expect(closestWord(to: word, among: keys) == expected)
    }

    @Test(arguments: ["", "x", "colour", "exec", "zzzz", String(repeating: "e", count: 100)])
    func aStrangeWordFindsNothing(word: String) {
        #expect(closestWord(to: word, among: keys) == nil)
    }

    @Test func aTieIsAlwaysDecidedTheSameWay() {
        #expect(closestWord(to: "wab", among: ["web", "wad", "wax"]) == "wad")
        #expect(closestWord(to: "wab", among: ["wax", "web", "wad"]) == "wad")
    }

    @Test func swappedNeighboursAreOneMistake() {
        #expect(closestWord(to: "wbe", among: ["web"]) == "web")
        #expect(closestWord(to: "abc", among: ["cba"]) == nil)
    }
}
