import Testing

@Suite(.daemons)
struct SmokeTests {
    @Test func aProgramsOutputIsCollected() async throws {
        let output = try await run("/bin/sh", ["-c", "echo a; echo b >&2; exit 3"])
        #expect(output.code == 3)
        #expect(output.output == "a\n")
        #expect(output.error == "b\n")
        #expect(try JSONValue(parsing: #"{"a":[1,2.5,"x\n",null,true]}"#).text == #"{"a":[1,2.5,"x\u000a",null,true]}"#)
        print(Programs.folder, Programs.root, Programs.postgres ?? "")
    }
}
