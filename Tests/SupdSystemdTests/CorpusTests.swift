import Foundation
import Testing

@testable import SupdSystemd

/// What the fuzzers begin with, and what they have found (Tests/Fuzz).
@Suite struct CorpusTests {
    private func inputs(of fuzzer: String) throws -> [(name: String, bytes: [UInt8])] {
        let folder = URL(filePath: #filePath).appending(path: "../../Fuzz/Corpus/\(fuzzer)").standardized
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return try files.map { ($0.lastPathComponent, Array(try Data(contentsOf: $0))) }
    }

    @Test func everyNoticeIsRead() throws {
        let inputs = try inputs(of: "notice")
        #expect(inputs.count >= 5)
        for (name, bytes) in inputs {
            let message = NoticeMessage(bytes)
            #expect(message.mainProcess.map { $0 > 0 } ?? true, "\(name)")
            #expect([message.watchdog, message.needsTime].allSatisfy { $0.map { $0 >= .zero } ?? true }, "\(name)")
        }
    }

    @Test func everyEnvironmentIsRead() throws {
        let inputs = try inputs(of: "environment")
        #expect(inputs.count >= 4)
        for (name, bytes) in inputs {
            let values = bytes.split(separator: 0, omittingEmptySubsequences: false).map {
                String(decoding: $0, as: UTF8.self)
            }
            let names = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "WATCHDOG_PID", "WATCHDOG_USEC"]
            let variables = Dictionary(uniqueKeysWithValues: zip(names, values))
            let read = ManagerEnvironment(pid: 42) { variables[$0].flatMap { $0.isEmpty ? nil : $0 } }
            #expect(read.names.count <= ManagerEnvironment.maximum, "\(name)")
            #expect(read.names.allSatisfy { $0.allSatisfy(\.isASCII) && !$0.contains(":") }, "\(name)")
        }
    }
}
