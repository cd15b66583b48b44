import Foundation
import SupdPlugin
import SupdTesting
import Testing

@testable import Schedule

@Suite struct RecordTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("records-\(UUID().uuidString)")

    private func withFolder(_ body: (String) async throws -> Void) async throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder.path + "/schedule")
    }

    private func records() throws -> RunRecords {
        var records = RunRecords()
        records.times = [
            "backup": try moment("2026-11-22T03:30:00Z").wall, "a": try moment("1970-01-01T00:00:00Z").wall,
        ]
        return records
    }

    @Test func whatIsWrittenIsReadAgainAndNothingElseLies() async throws {
        try await withFolder { path in
            let file = RecordFile(path: path)
            #expect(try file.read() == nil)
            // What a daemon that was killed has left.
            try Data("half".utf8).write(to: URL(fileURLWithPath: path + ".new"))
            for _ in 0..<2 { try file.write(records()) }
            #expect(try file.read() == records())
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["schedule"])
            let text = try String(contentsOfFile: path, encoding: .utf8)
            let schedules = #"{"a":"1970-01-01T00:00:00.000Z","backup":"2026-11-22T03:30:00.000Z"}"#
            #expect(text == #"{"version":1,"schedules":\#(schedules)}"# + "\n")
        }
    }

    @Test(arguments: [
        ("", "ends"), ("[]", "it is an array and no object"), ("{}", "its version is not 1"),
        (#"{"version":2,"schedules":{}}"#, "its version is not 1"), (#"{"version":1}"#, "it has no object 'schedules'"),
        (#"{"version":1,"schedules":{"a":"yesterday"}}"#, "'a' has no time"),
        (#"{"version":1,"schedules":{"a":[[[[1]]]]}}"#, "deep"),
    ])
    func aTextThatHoldsNoneIsRefused(text: String, why: String) {
        let error = #expect(throws: RecordError.self) { try RunRecords(Array(text.utf8)) }
        #expect(error?.description.contains(why) == true, "\(String(describing: error))")
    }

    @Test func aFileThatIsBrokenOrTooLongIsAWarningAndBegunAnew() async throws {
        try await withFolder { path in
            for text in ["nonsense", String(repeating: " ", count: RunRecords.maximumBytes + 1)] {
                try Data(text.utf8).write(to: URL(fileURLWithPath: path))
                let recorder = PluginRecorder()
                let keeper = RecordKeeper(file: RecordFile(path: path))
                #expect(keeper.read(recorder.context.logger) == RunRecords())
                #expect(warnings(recorder).count == 1, "\(recorder.facts)")
                try keeper.keep(records(), recorder.context.logger)
                #expect(try RecordFile(path: path).read() == records())
            }
        }
    }

    @Test func aFileThatCannotBeWrittenIsSaidOnceAChange() async throws {
        try await withFolder { path in
            let recorder = PluginRecorder()
            let missing = folder.path + "/missing"
            let keeper = RecordKeeper(file: RecordFile(path: missing + "/schedule"))
            for _ in 0..<3 { try keeper.keep(records(), recorder.context.logger) }
            #expect(warnings(recorder).count == 1, "\(recorder.facts)")
            try FileManager.default.createDirectory(atPath: missing, withIntermediateDirectories: true)
            try keeper.keep(records(), recorder.context.logger)
            let last = recorder.facts.last
            #expect(last == .logged(.notice, "the times of the last runs are kept again in \(missing)/schedule"))
        }
    }

    private func warnings(_ recorder: PluginRecorder) -> [PluginRecorder.Fact] {
        recorder.facts.filter { if case .logged(.warning, _) = $0 { true } else { false } }
    }
}
