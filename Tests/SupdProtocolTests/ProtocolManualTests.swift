import Foundation
import Manuals
import ProtocolSchema
import SupdJSON
import SupdPlugin
import SupdProtocol
import Testing

/// docs/protocol.md says what the schema and the code say: each definition of the schema has a chapter with its name and a table of its members or words.
@Suite struct ProtocolManualTests {
    /// A chapter: its text, and the rows of its tables by the word at the head of the first column.
    private struct Chapter {
        let text: String
        let tables: [String: [[String]]]

        init(_ chapter: Manual.Chapter) {
            text = chapter.text
            tables = Dictionary(chapter.tables.map { ($0.head[0], $0.rows) }, uniquingKeysWith: +)
        }
    }

    /// By their names; one that is of several methods stands under each.
    private let chapters: [String: Chapter]
    private let definitions: JSONObject

    init() throws {
        let all = try Manual("docs/protocol.md").chapters
        chapters = Dictionary(all.flatMap { chapter in chapter.names.map { ($0, Chapter(chapter)) } }) { $1 }
        definitions = try #require(try ProtocolSchema.current().json.objectValue?["$defs"]?.objectValue)
    }

    private func definition(_ name: String) -> JSONObject {
        let object = definitions[name]?.objectValue ?? JSONObject()
        guard let reference = object["$ref"]?.stringValue else { return object }
        return definition(reference.replacing("#/$defs/", with: ""))
    }

    /// What the manual calls the values of a schema.
    private func type(_ schema: JSONObject) -> String {
        if let name = schema["$ref"]?.stringValue?.replacing("#/$defs/", with: "") {
            let hasChapter = ["properties", "enum", "oneOf"].contains { definitions[name]?.objectValue?[$0] != nil }
            return hasChapter ? "[\(name)](#\(name.replacing(".", with: "")))" : name
        }
        if let choices = (schema["anyOf"] ?? schema["oneOf"])?.arrayValue {
            return choices.compactMap(\.objectValue).map(type).joined(separator: " or ")
        }
        if let word = schema["const"] { return "`\(word)`" }
        if let words = schema["enum"]?.arrayValue { return list(words.map { "`\($0.stringValue ?? $0.description)`" }) }
        if let types = schema["type"]?.arrayValue { return list(types.compactMap(\.stringValue)) }
        guard let type = schema["type"]?.stringValue else { return "any" }
        guard type == "array", let items = schema["items"]?.objectValue else { return type }
        return "list of \(self.type(items))"
    }

    private func list(_ words: [String]) -> String {
        guard let last = words.last, words.count > 1 else { return words.first ?? "" }
        return words.dropLast().joined(separator: ", ") + " or " + last
    }

    /// The rows that a definition's table has: names in the schema's order, and types.
    private func rows(_ name: String) -> [[String]] {
        let schema = definition(name)
        if let words = schema["enum"]?.arrayValue { return words.map { ["`\($0.stringValue ?? "")`"] } }
        let isEvent = name.hasPrefix("event.") && schema["properties"]?.objectValue?["kind"] != nil
        let choices = (schema["oneOf"]?.arrayValue ?? []).compactMap(\.objectValue)
        let branches = schema["properties"] == nil ? choices : [schema]
        var properties: [(name: String, schemas: [JSONObject])] = []
        for branch in branches {
            for member in branch["properties"]?.objectValue?.members ?? [] {
                let schema = member.value.objectValue ?? JSONObject()
                if let index = properties.firstIndex(where: { $0.name == member.key }) {
                    properties[index].schemas.append(schema)
                } else {
                    properties.append((member.key, [schema]))
                }
            }
        }
        // What every event has is said once.
        return properties.filter { !isEvent || !["sequence", "time", "kind"].contains($0.name) }.map { property in
            let isRequired = branches.allSatisfy {
                $0["required"]?.arrayValue?.contains(.string(property.name)) == true
            }
            let words = property.schemas.compactMap { $0["enum"]?.arrayValue }.flatMap(\.self)
            let type = words.isEmpty ? type(property.schemas[0]) : list(words.map { "`\($0.stringValue ?? "")`" })
            return ["`\(property.name)`", type + (isRequired ? "" : ", optional")]
        }
    }

    private func expect(_ chapter: String, _ table: String, has rows: [[String]]) {
        let shown = (chapters[chapter]?.tables[table] ?? []).map { Array($0.prefix(rows.first?.count ?? 2)) }
        #expect(shown == rows, "docs/protocol.md, the table '\(table)' of '\(chapter)', is not what the schema says")
    }

    @Test func everyDefinitionHasItsChapter() throws {
        for name in definitions.keys where !name.hasSuffix(".params") && !name.hasSuffix(".result") {
            let schema = definition(name)
            if schema["enum"] != nil {
                expect(name, "word", has: rows(name))
            } else if schema["properties"] != nil || schema["oneOf"] != nil {
                #expect(chapters[name] != nil, "docs/protocol.md has no chapter '### \(name)'")
                if !rows(name).isEmpty { expect(name, "member", has: rows(name)) }
            } else {
                #expect(try #require(chapters["Values"]).tables[""]?.contains { $0[0] == name } == true, "\(name)")
            }
        }
    }

    @Test(arguments: Method.allCases) func everyMethodHasItsChapter(_ method: Method) throws {
        let name = method.rawValue
        let chapter = try #require(chapters[name], "docs/protocol.md has no chapter '### `\(name)`'")
        #expect(chapter.text.contains("Class [\(method.accessClass.rawValue)](#access_class)."))
        let own = rows("\(name).params")
        #expect(
            own.map { $0[0] } == method.parameters.map { "`\($0.rawValue)`" },
            "the schema's \(name).params are not those of its descriptor")
        // Methods that are told of together have one table, which is that of the one that takes most.
        let fellows = chapters.filter { $0.value.text == chapter.text }.keys.map { rows("\($0).params") }
        let all = fellows.max { $0.count < $1.count } ?? []
        expect(name, "param", has: all)
        #expect(own.allSatisfy(all.contains))
        #expect(all.isEmpty == chapter.text.contains("No params."))
        let result = definitions["\(name).result"]?.objectValue ?? JSONObject()
        if result["properties"] != nil {
            expect(name, "result", has: rows("\(name).result"))
        } else {
            #expect(chapter.text.contains("Result: \(type(result))."), "docs/protocol.md, '\(name)'")
        }
    }

    @Test func theManualHasNoChapterOfWhatIsNotThere() {
        let methods = Set(Method.allCases.map(\.rawValue))
        for (name, chapter) in chapters {
            if chapter.tables["param"] != nil || chapter.tables["result"] != nil {
                #expect(methods.contains(name), "\(name)")
            }
            if chapter.tables["member"] != nil || chapter.tables["word"] != nil {
                #expect(definitions[name] != nil, "docs/protocol.md has '\(name)', which the schema has not")
            }
        }
    }

    @Test func everyKindOfErrorIsThere() {
        let rows = (chapters["error_data"]?.tables["kind"] ?? []).map { Array($0.prefix(2)) }
        #expect(rows == ProtocolErrorKind.allCases.map { ["`\($0.rawValue)`", "\($0.code)"] })
    }

    @Test func everyAccessClassAndEventKindIsThere() {
        #expect(rows("access_class") == AccessClass.allCases.map { ["`\($0.rawValue)`"] })
        #expect(rows("event_kind") == EventKind.allCases.map { ["`\($0.rawValue)`"] })
    }

    /// The rows of the table of limits, by the names that the code has for them.
    private static let limits: [String: (row: String, value: Int)] = {
        func seconds(_ duration: Duration) -> Int { Int(duration.components.seconds) }
        let rest = Int(ProtocolLimits.restAfterDenials.components.attoseconds / 1_000_000_000_000_000)
        return [
            "requestBytes": ("the longest request, in bytes without its newline", ProtocolLimits.requestBytes),
            "requestDepth": ("how deep a request may nest", ProtocolLimits.requestDepth),
            "requestIDBytes": ("the longest id, in bytes", ProtocolLimits.requestIDBytes),
            "selectors": ("entries of `services`", ProtocolLimits.selectors),
            "selectorBytes": ("the longest of them, in bytes", ProtocolLimits.selectorBytes),
            "longestTimeout": ("the longest `timeout`, in seconds", seconds(ProtocolLimits.longestTimeout)),
            "logLines": ("the most `lines` of `logs.read`", ProtocolLimits.logLines.upperBound),
            "followedLogLines": ("the most `lines` of `logs.follow`", ProtocolLimits.followedLogLines.upperBound),
            "logBytes": ("bytes of lines in one answer", ProtocolLimits.logBytes),
            "instances": ("the most `instances` of `service.scale`", ProtocolLimits.instances.upperBound),
            "planTokenBytes": ("the longest `expect`, in bytes", ProtocolLimits.planTokenBytes),
            "faultsNamed": ("faults in one error", ProtocolLimits.faultsNamed),
            "processesShown": (
                "processes of one instance in an answer to `service.tree`", ProtocolLimits.processesShown
            ),
            "processesTold": ("processes of all instances in it", ProtocolLimits.processesTold),
            "servicesNamed": ("services in one event of an order", ProtocolLimits.servicesNamed),
            "pluginMethod": ("seconds for a plugin's method", seconds(ProtocolLimits.pluginMethod)),
            "requestsInFlight": (
                "requests of one connection that are not answered yet", ProtocolLimits.requestsInFlight
            ),
            "instancesWaitedFor": (
                "instances that the orders of one connection may wait for", ProtocolLimits.instancesWaitedFor
            ),
            "connections": (
                "connections at once, unless `[supervisor] connections` says otherwise", ProtocolLimits.connections
            ),
            "connectionsPerUser": ("of one user other than root", ProtocolLimits.connectionsPerUser),
            "connectionsKeptForRoot": (
                "of all, those that only root can have", ProtocolLimits.connectionsKeptForRoot
            ),
            "connectionsKeptForOwnUser": (
                "of all, those that only root and supd's own user can have beside",
                ProtocolLimits.connectionsKeptForOwnUser
            ),
            "bytesWaitingToBeWritten": (
                "bytes that wait to be read by a client", ProtocolLimits.bytesWaitingToBeWritten
            ),
            "stalledClientDeadline": (
                "seconds in which a client must read something of what waits, and finish a request that it began",
                seconds(ProtocolLimits.stalledClientDeadline)
            ),
            "silenceBeforeGivingWay": (
                "seconds of silence after which one of root, or of supd's own user, gives way to a new one of the same user",
                seconds(ProtocolLimits.silenceBeforeGivingWay)
            ),
            "denialsBeforeRest": (
                "requests denied to one connection before it rests", ProtocolLimits.denialsBeforeRest
            ),
            "restAfterDenials": ("milliseconds that it waits then", rest),
            "rememberedChanges": ("changes of one instance that are remembered", ProtocolLimits.rememberedChanges),
            "changesTold": ("changes in one answer to `service.why`", ProtocolLimits.changesTold),
            "linesOfWhy": ("lines of each instance in it", ProtocolLimits.linesOfWhy),
            "rememberedEvents": ("events that are remembered", ProtocolLimits.rememberedEvents),
            "rememberedInstances": (
                "instances that the remembered orders are for, beside those that they name",
                ProtocolLimits.rememberedInstances
            ),
            "followedBytes": ("bytes of lines that are kept for all that follow", ProtocolLimits.followedBytes),
            "followerFarewell": (
                "seconds that a follower has to read the rest when the daemon ends",
                seconds(ProtocolLimits.followerFarewell)
            ),
            "replyBytes": ("the longest reply, in bytes", ProtocolLimits.replyBytes),
            "replyDepth": ("how deep a reply may nest", ProtocolLimits.replyDepth),
        ]
    }()

    @Test func everyLimitIsThere() throws {
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Sources/SupdProtocol/ProtocolLimits.swift")
        // The version is none, and for how long the daemon serves in one go is its own affair.
        let names = try String(contentsOf: source, encoding: .utf8).matches(of: /static let (\w+)/).map { String($0.1) }
        #expect(Set(names).subtracting(["version", "timePerTurn"]) == Set(Self.limits.keys))
        var shown: [String: String] = [:]
        for row in chapters["Limits"]?.tables["limit"] ?? [] { shown[row[0]] = row[1].replacing(",", with: "") }
        let expected = Dictionary(Self.limits.values.map { ($0.row, "\($0.value)") }) { $1 }
        #expect(shown == expected)
    }
}
