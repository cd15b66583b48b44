import CAcceptance
import Glibc
import ProtocolSchema
import Testing

/// A connection to the control socket that speaks in lines, and can misbehave. What the daemon says on it is held to the protocol's schema.
actor Connection {
    nonisolated let descriptor: Descriptor
    private var buffer: [UInt8] = []
    private var nextIdentifier = 0
    /// Nil where it is a service's socket.
    private var conversation: Conversation?

    init(to path: String) throws {
        conversation = path.hasSuffix("control.sock") ? Conversation() : nil
        descriptor = try Descriptor(answer: acceptance_connect(path), of: "connecting to \(path)")
    }

    /// As another user.
    init(to path: String, uid: UInt32, gid: UInt32) throws {
        conversation = Conversation()
        descriptor = try Descriptor(
            answer: acceptance_connect_as(path, uid, gid), of: "connecting to \(path) as \(uid)")
    }

    /// To a TCP port of this machine.
    init(toPort port: Int) throws {
        descriptor = try Descriptor(
            answer: acceptance_connect_port(UInt16(port)), of: "connecting to port \(port)")
    }

    /// Writes these bytes, waiting for room; throws where there is none in time.
    func send(_ bytes: [UInt8], within seconds: Double = Deadline.patience) async throws {
        let deadline = Deadline.seconds(seconds)
        var rest = bytes[...]
        while !rest.isEmpty {
            if let count = try descriptor.writeSome(rest) {
                conversation?.send(rest.prefix(count))
                rest = rest.dropFirst(count)
            } else if try await !descriptor.becomesWritable(by: deadline) {
                throw Failure("no room to write for \(seconds) s")
            }
        }
    }

    func send(_ text: String) async throws {
        try await send(Array(text.utf8))
    }

    /// The next line, or nil where the daemon has closed.
    func line(within seconds: Double = Deadline.patience) async throws -> String? {
        let deadline = Deadline.seconds(seconds)
        while true {
            if let newline = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                defer { buffer.removeSubrange(...newline) }
                hold(buffer[..<newline])
                return String(decoding: buffer[..<newline], as: UTF8.self)
            }
            guard try await descriptor.becomesReadable(by: deadline) else {
                throw Failure("no answer for \(seconds) s")
            }
            switch try descriptor.readChunk() {
            case .bytes(let bytes): buffer += bytes
            case .nothingNow: continue
            case .end: return nil
            }
        }
    }

    /// One byte, which stays part of what `rest` gives.
    func byte(within seconds: Double = Deadline.patience) async throws -> UInt8? {
        let deadline = Deadline.seconds(seconds)
        while buffer.isEmpty {
            guard try await descriptor.becomesReadable(by: deadline) else {
                throw Failure("no answer for \(seconds) s")
            }
            switch try descriptor.readChunk() {
            case .bytes(let bytes): buffer += bytes
            case .nothingNow: continue
            case .end: return nil
            }
        }
        return buffer.first
    }

    /// Everything up to the other end's closing.
    func rest(within seconds: Double = Deadline.patience) async throws -> [UInt8] {
        let deadline = Deadline.seconds(seconds)
        while true {
            guard try await descriptor.becomesReadable(by: deadline) else {
                throw Failure("not closed after \(seconds) s, having sent \(buffer.count) bytes")
            }
            switch try descriptor.readChunk() {
            case .bytes(let bytes): buffer += bytes
            case .nothingNow: continue
            case .end:
                defer { buffer = [] }
                // What follows the last newline was cut.
                for line in buffer.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast() { hold(line) }
                return buffer
            }
        }
    }

    private func hold(_ line: ArraySlice<UInt8>) {
        for problem in conversation?.problems(ofLine: line) ?? [] {
            Issue.record(
                "against contrib/protocol/supd.schema.json: \(problem)\n\(String(decoding: line, as: UTF8.self))")
        }
    }

    func reply(within seconds: Double = Deadline.patience) async throws -> JSONValue {
        guard let line = try await line(within: seconds) else { throw Failure("the daemon closed the connection") }
        return try JSONValue(parsing: line)
    }

    /// One request and its whole reply, result or error.
    func exchange(_ method: String, _ parameters: JSONValue = [:], within seconds: Double = Deadline.patience)
        async throws
        -> JSONValue
    {
        nextIdentifier += 1
        let identifier = JSONValue.number(Double(nextIdentifier))
        let request: JSONValue = ["jsonrpc": "2.0", "id": identifier, "method": .string(method), "params": parameters]
        try await send(request.text + "\n")
        while true {
            let reply = try await reply(within: seconds)
            // An answer to an earlier request that its test gave up on is not this one's.
            if reply.id == identifier { return reply }
        }
    }

    /// One request and its result; an error is thrown.
    func call(_ method: String, _ parameters: JSONValue = [:], within seconds: Double = Deadline.patience) async throws
        -> JSONValue
    {
        let reply = try await exchange(method, parameters, within: seconds)
        guard reply.error.isNull else { throw Failure("\(method): \(reply.error.text)") }
        return reply.result
    }

    /// Closes this side's writing half: that ends the last line.
    func finishWriting() {
        conversation?.send(CollectionOfOne(0x0A))
        shutdown(descriptor.number, Int32(SHUT_WR))
    }
}
