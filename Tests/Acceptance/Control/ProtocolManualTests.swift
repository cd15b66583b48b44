import Foundation
import Testing

/// What docs/protocol.md shows is what is said.
@Suite(.daemons)
struct ProtocolManualTests {
    /// The messages of the manual's session, each with whether the client says it.
    private static func session() throws -> [(isSent: Bool, text: String)] {
        let manual = try String(contentsOfFile: Programs.root + "/docs/protocol.md", encoding: .utf8)
        let chapter = try #require(manual.components(separatedBy: "\n## ").first { $0.hasPrefix("A session\n") })
        return chapter.split(separator: "\n").compactMap { line in
            guard let arrow = line.first, "→←".contains(arrow) else { return nil }
            return (arrow == "→", String(line.dropFirst(2)))
        }
    }

    /// The message without what differs from run to run: times, durations, and numbers of processes and users.
    private static func shape(_ value: JSONValue, of key: String = "") -> JSONValue {
        switch value {
        case .object(let members):
            return .object(Dictionary(uniqueKeysWithValues: members.map { ($0, shape($1, of: $0)) }))
        case .array(let elements): return .array(elements.map { shape($0) })
        case .number: return ["pid", "uid", "ran_for"].contains(key) ? .string("#") : value
        case .string(let text):
            if text.firstMatch(of: /^\d{4}-\d\d-\d\dT/) != nil { return "TIME" }
            let said = text.replacing(/\b(pid|uid) \d+/) { "\($0.1) #" }
            // In the manual it is another program that asks.
            return .string(said.replacing(Programs.ownName, with: "socat"))
        case .bool, .null: return value
        }
    }

    @Test func theSessionIsWhatIsSaid() async throws {
        let session = try Self.session()
        #expect(session.filter(\.isSent).count >= 5)
        let configuration = """
            [service.web]
            description = "public site"
            exec_start = "/bin/sleep infinity"

            """
        try await withDaemon(configuration) { daemon in
            let connection = try daemon.connect()
            for message in session {
                if message.isSent {
                    try await connection.send(message.text + "\n")
                } else {
                    let said = Self.shape(try await connection.reply())
                    #expect(said == Self.shape(try JSONValue(parsing: message.text)), "\(said.text)")
                }
            }
            #expect(try await daemon.ended() == .exited(0))
        }
    }
}
