import Testing

@testable import SupdDaemon

/// The names under which the service manager keeps descriptors for the next daemon.
@Suite struct StoredNameTests {
    @Test(arguments: [
        StoredName(.socket(name: "http"), of: "web", number: 1),
        StoredName(.socket(name: "a/b c"), of: "front:web@2", number: .max),
        StoredName(.descriptor(user: nil, label: "one", polls: true), of: "web@12", number: 7),
        StoredName(.descriptor(user: 1000, label: "one/two of /it", polls: false), of: "web", number: 7),
        StoredName(.descriptor(user: 0, label: "", polls: false), of: "web", number: 7),
    ])
    func aNameIsReadAsItWasWritten(name: StoredName) throws {
        let text = try #require(name.text)
        #expect(!text.contains(":"))
        #expect(StoredName(text) == name)
    }

    @Test func oneThatIsTooLongForTheManagerIsNone() {
        let label = String(repeating: "x", count: 250)
        #expect(StoredName(.descriptor(user: nil, label: label, polls: true), of: "web", number: 1).text == nil)
    }

    @Test(arguments: [
        "", "control", "unknown", "supd", "supd/socket", "supd/socket/1/web", "supd/socket/x/web/http",
        "supd/other/1/web/http", "supd/stored/1/web/label", "supd/stored/1/web/x/label", "supd/stored/-1/web/-/label",
        "supd/stored/99999999999999999999/web/-/label", "http/socket/1/web/http",
    ])
    func whatSupdHasNotNamedIsLeft(text: String) { #expect(StoredName(text) == nil) }
}
