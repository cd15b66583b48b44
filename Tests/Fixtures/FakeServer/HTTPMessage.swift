/// A request as the fake server read it.
public struct FakeRequest: Hashable, Sendable {
    /// `GET`, `POST`.
    public var method: String
    /// The path and the query.
    public var target: String
    /// By name in small letters.
    public var headers: [String: String]
    /// The body.
    public var body: String

    /// The request that `bytes` begin with, and where it ends; nil while it is not all there.
    init?(_ bytes: [UInt8], end: inout Int) {
        let blank = Array("\r\n\r\n".utf8)
        guard let head = bytes.indices.first(where: { bytes[$0...].starts(with: blank) }) else { return nil }
        let lines = String(decoding: bytes[..<head], as: UTF8.self).split(separator: "\r\n").map(String.init)
        let words = (lines.first ?? "").split(separator: " ").map(String.init)
        method = words.first ?? ""
        target = words.dropFirst().first ?? ""
        headers = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            headers[line[..<colon].lowercased()] = String(value)
        }
        end = head + blank.count + (headers["content-length"].flatMap { Int($0) } ?? 0)
        guard bytes.count >= end else { return nil }
        body = String(decoding: bytes[(head + blank.count)..<end], as: UTF8.self)
    }
}

/// What the fake server does with a request.
public enum FakeAnswer: Sendable {
    /// Answers with a status and a body.
    case status(Int, body: String = "")
    /// Answers with other headers beside.
    case header(Int, String)
    /// Says nothing, and keeps the connection.
    case silence
    /// Answers with a head, and a body that never ends.
    case endless
    /// Ends the connection.
    case hangUp
}
