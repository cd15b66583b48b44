import SupdConfiguration
import SupdHost
import SupdPlugin
import SupdTesting
import Testing

@testable import SupdDaemon

@Suite struct SpawnRequestTests {
    private func request(_ change: (inout ServiceConfiguration) -> Void) throws -> SpawnRequest {
        let service = try makeService("web", change)
        return try SpawnRequest(
            service: service, instance: InstanceName(service: service.name, index: nil),
            command: service.execStart, "exec_start", invocation: "1", host: SimulatedHost(seed: 1))
    }

    @Test func aProgramWithoutAFolderIsSaidToBeInNone() throws {
        #expect(
            try request { $0.execStart = ["nosuchprogram"] }.nameWhereAbsent
                == "nosuchprogram, which is in no folder of PATH")
        #expect(try request { $0.execStart = ["/bin/web"] }.nameWhereAbsent == nil)
        #expect(try request { $0.execStart = ["./web"] }.nameWhereAbsent == nil)
    }

    @Test func aCommandFindsTheNamesOfItsInstance() throws {
        let words = try request { $0.execStart = ["/bin/web", "$SUPD_SERVICE", "${SUPD_INSTANCE}.sock"] }.arguments
        #expect(words == ["/bin/web", "web", "web.sock"])
    }

    @Test func aMissingEnvironmentFileIsToldWithItsErrorOnce() throws {
        let failure = try #require(throws: SpawnFailure.self) {
            try request { $0.conduct.environmentFiles = [EnvironmentFile(path: "/no/env", optional: false)] }
        }
        #expect(failure.description == "environment of file /no/env: ENOENT (No such file or directory)")
    }
}
