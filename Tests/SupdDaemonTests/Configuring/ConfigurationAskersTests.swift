import Testing

@testable import SupdDaemon

@Suite struct ConfigurationAskersTests {
    /// What is on its way out may never be gone, and the next file may not name it any more.
    @Test func whatWaitsForADepartureIsReadAgainForTheNextWhoAsks() {
        var askers = ConfigurationAskers()
        askers.add(.signal)
        #expect(askers.takeNext()?.count == 1)
        for asker in askers.finish() { askers.putBack(asker) }
        #expect(askers.takeNext() == nil)
        askers.add(.signal)
        #expect(askers.takeNext()?.count == 1)
        _ = askers.finish()
        #expect(askers.isEmpty)
    }
}
