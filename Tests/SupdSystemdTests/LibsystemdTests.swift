import Testing

@testable import SupdSystemd

@Suite struct LibsystemdTests {
    @Test func theLibraryIsFound() throws {
        _ = try Libsystemd()
    }

    @Test func aLibraryThatIsMissingIsAReasonToSay() {
        let failure = #expect(throws: Libsystemd.LoadFailure.self) { try Libsystemd(fileName: "libnothing.so.0") }
        #expect(failure?.reason.contains("libnothing.so.0") == true)
    }

    @Test func aLibraryWithoutTheFunctionsIsAReasonToSay() {
        let failure = #expect(throws: Libsystemd.LoadFailure.self) { try Libsystemd(fileName: "libm.so.6") }
        #expect(failure?.reason.contains("sd_notify") == true)
    }
}
