import Foundation
import SupdJSON
import SupdTOML
import Testing

/// Every file of the public toml-test suite for TOML 1.0.0.
@Suite struct ConformanceTests {
    private let folder = URL(filePath: #filePath).appending(path: "../../../../shared/data/toml-test").standardized

    private func files(in name: String) -> [URL] {
        let files = FileManager.default.enumerator(at: folder.appending(path: name), includingPropertiesForKeys: nil)
        let found = (files?.allObjects ?? []).compactMap { $0 as? URL }.filter { $0.pathExtension == "toml" }
        if found.isEmpty { print("skipped: no \(folder.path())/\(name)") }
        return found.sorted { $0.path() < $1.path() }
    }

    @Test func everyValidFileHasTheValueThatIsWrittenBesideIt() throws {
        let files = files(in: "valid")
        for file in files {
            let json = [UInt8](try Data(contentsOf: file.deletingPathExtension().appendingPathExtension("json")))
            let expected = try JSONValue(parsing: json, limits: .document)
            let (table, errors) = TOML.parseAll([UInt8](try Data(contentsOf: file)))
            #expect(errors.isEmpty, "\(file.path())")
            #expect(table.isComplete)
            let found = sorted(tagged(.table(table)))
            #expect(found == sorted(expected), "\(file.path())")
        }
        #expect(files.isEmpty || files.count > 100)
    }

    @Test func everyInvalidFileIsRefusedAtAPlaceInIt() throws {
        let files = files(in: "invalid")
        for file in files {
            let bytes = [UInt8](try Data(contentsOf: file))
            let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
            #expect(throws: TOMLError.self, "\(file.path())") { try TOML.parse(bytes) }
            for error in TOML.parseAll(bytes).errors {
                #expect((1...lines.count).contains(error.position.line), "\(file.path()): \(error)")
                #expect((1...bytes.count + 1).contains(error.position.column), "\(file.path()): \(error)")
                #expect(error.message.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }, "\(file.path()): \(error)")
            }
        }
        #expect(files.isEmpty || files.count > 150)
    }
}

/// A value as toml-test writes it: `{"type": …, "value": …}` for all but arrays and tables.
private func tagged(_ value: TOMLValue) -> JSONValue {
    switch value {
    case .string(let text): leaf("string", text)
    case .integer(let value): leaf("integer", String(value))
    case .float(let value): leaf("float", value.description)
    case .boolean(let value): leaf("bool", String(value))
    case .offsetDateTime(let text): leaf("datetime", text)
    case .localDateTime(let text): leaf("datetime-local", text)
    case .localDate(let text): leaf("date-local", text)
    case .localTime(let text): leaf("time-local", text)
    case .array(let nodes): .array(nodes.map { tagged($0.value) })
    case .table(let table):
        .object(
            table.entries.reduce(into: JSONObject()) { object, entry in
                object[entry.key.name] = tagged(entry.value.value)
            })
    }
}

private func leaf(_ type: String, _ value: String) -> JSONValue {
    ["type": .string(type), "value": .string(value)]
}

/// A tagged value with its keys in order, numbers in one notation and fractions of a second without zeros at the end.
private func sorted(_ value: JSONValue) -> JSONValue {
    switch value {
    case .array(let elements): return .array(elements.map(sorted))
    case .object(let object):
        if object.count == 2, let type = object["type"]?.stringValue, let text = object["value"]?.stringValue {
            switch type {
            case "float": return leaf(type, Double(text).map { $0.isNaN ? "nan" : $0.description } ?? text)
            case "datetime", "datetime-local", "time-local":
                return leaf(type, text.replacing(/\.([0-9]*?)0+(?=[^0-9]|$)/) { $0.1.isEmpty ? "" : ".\($0.1)" })
            default: return leaf(type, text)
            }
        }
        return .object(
            object.members.sorted { Array($0.key.utf8).lexicographicallyPrecedes(Array($1.key.utf8)) }
                .reduce(into: JSONObject()) { $0[$1.key] = sorted($1.value) })
    default: return value
    }
}
