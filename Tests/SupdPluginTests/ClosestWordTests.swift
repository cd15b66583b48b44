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

    @Test(arguments: [
        ("wbe", "web"), ("Web", "web"), ("webb", "web"), ("eb", "web"), ("postgers", "postgres"), ("redsi", "redis"),
    ])
    func aSlipOfThePenInAShortNameIsFound(wrong: String, right: String) {
        #expect(closestWord(to: wrong, among: ["web", "postgres", "redis", "nginx"]) == right)
    }

    @Test(arguments: [
        "", "x", "colour", "exec", "zzzz", "completely-different", String(repeating: "e", count: 100),
        String(repeating: "e", count: 1000),
    ])
    func aStrangeWordFindsNothing(word: String) {
        #expect(closestWord(to: word, among: keys) == nil)
    }

    @Test func theOnlyWordThatBeginsSoIsMeant() {
        let verbs = ["start", "status", "stop", "reset-failed"]
        #expect(closestWord(to: "stat", among: verbs) == "status")
        #expect(closestWord(to: "reset", among: verbs) == "reset-failed")
        // Two begin so; and of two letters nobody knows.
        #expect(closestWord(to: "environ", among: keys) == nil)
        #expect(closestWord(to: "re", among: verbs) == nil)
        #expect(closestWord(to: "stat", among: ["status", "start", "status"]) == "status")
    }

    @Test func theClosestOfSeveralIsTaken() {
        #expect(closestWord(to: "timeoutt", among: ["time_outs", "timeout"]) == "timeout")
        #expect(closestWord(to: "timeoutt", among: ["timeout", "time_outs"]) == "timeout")
    }

    @Test func moreThanThreeMistakesAreNoSlipOfThePen() {
        #expect(closestWord(to: "environment_abc", among: ["environment_xyz"]) == "environment_xyz")
        #expect(closestWord(to: "environment_abcd", among: ["environment_wxyz"]) == nil)
    }

    @Test func aWordIsReadUpToTwiceTheLongestName() {
        let name = String(repeating: "n", count: 127)
        #expect(closestWord(to: name + "m", among: [name]) == name)
        #expect(closestWord(to: name + "nm", among: [name + "n"]) == nil)
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
