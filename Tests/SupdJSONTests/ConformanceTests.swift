import Foundation
import SupdJSON
import Testing

/// Every file of the public JSONTestSuite.
@Suite struct ConformanceTests {
    @Test func everyFileIsTakenOrRefusedAsItsNameSays() throws {
        let folder = URL(filePath: #filePath).appending(path: "../../../../shared/data/json-test-suite").standardized
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path()) else {
            print("skipped: no \(folder.path())")
            return
        }
        var counts: [Character: Int] = [:]
        for name in names.sorted() where name.hasSuffix(".json") {
            let bytes = [UInt8](try Data(contentsOf: folder.appending(path: name)))
            let result = Result { try JSONValue(parsing: bytes, limits: .document) }
            switch name.first {
            case "y": #expect(throws: Never.self, "\(name)") { try result.get() }
            case "n": #expect(throws: JSONParseError.self, "\(name)") { try result.get() }
            default: break
            }
            if case .success(let value) = result {
                let again = try JSONValue(parsing: value.description, limits: .document)
                #expect(again == value, "\(name)")
            }
            counts[name.first ?? "?", default: 0] += 1
        }
        #expect(counts["y", default: 0] > 50)
        #expect(counts["n", default: 0] > 100)
        #expect(counts["i", default: 0] > 20)
    }
}
