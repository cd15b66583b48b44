import SupdPlugin
import SupdProtocol
import Testing

@testable import supctl

/// `logs --journal`, but for journalctl itself.
@Suite struct JournalTests {
    private static let known = [
        status(instance("web", 1), .running), status(instance("web", 2), .running), status(instance("db"), .stopped),
    ]

    private func matches(_ selectors: String..., known: [ServiceStatus]?) -> [String] {
        Array(JournalQuery(lines: 5).arguments(selectors, known: known, json: false).dropFirst(3))
    }

    @Test func whatIsNamedIsAServiceOrAnInstance() {
        let (web, db) = (Array(Self.known.prefix(2)), [Self.known[2]])
        #expect(matches("web", known: web) == ["SUPD_SERVICE=web"])
        #expect(matches("web@2", known: [web[1]]) == ["SUPD_INSTANCE=web@2"])
        #expect(matches("db", "web@2", known: db + [web[1]]) == ["SUPD_SERVICE=db", "+", "SUPD_INSTANCE=web@2"])
        #expect(matches("web@*", known: web) == ["SUPD_INSTANCE=web@1", "SUPD_INSTANCE=web@2"])
        #expect(matches("tag:x", "web", known: web + db) == ["SUPD_SERVICE=web", "+", "SUPD_INSTANCE=db"])
        #expect(matches(known: Self.known) == ["SUPD_SERVICE=web", "SUPD_SERVICE=db"])
    }

    @Test func withoutADaemonNamesAreTakenAsTheyAre() {
        #expect(matches("web", "db@2", known: nil) == ["SUPD_SERVICE=web", "+", "SUPD_INSTANCE=db@2"])
    }

    @Test func theOptionsAreThoseOfJournalctl() throws {
        let verb = try #require(
            parse("logs --journal -f -n 7 --since 2024-02-29T00:00:00Z --grep no[a-z] --stderr web db@1")?.verb)
        guard case .journal(let services, let query) = verb else { throw Missing() }
        #expect(
            query.arguments(services, known: nil, json: true) == [
                "--namespace=*", "--no-pager", "--lines=7", "--follow", "--output=json", "--since=@1709164800",
                "--grep=no[a-z]",
                "SUPD_SERVICE=web", "SUPD_STREAM=stderr", "+", "SUPD_INSTANCE=db@1", "SUPD_STREAM=stderr",
            ])
    }

    private struct Missing: Error {}
}
