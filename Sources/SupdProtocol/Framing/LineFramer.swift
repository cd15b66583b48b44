import Glibc

/// Cuts a stream of bytes into lines. Blank lines are passed over.
///
/// Each byte is looked at once for its newline however small the pieces it comes in, and what is kept is at most
/// the limit and the piece appended last.
public struct LineFramer: Sendable {
    /// A line has grown over the limit. The stream is of no use any more: where the next line begins is unknown.
    public struct LineTooLong: Error, Hashable, Sendable {
        /// The limit, in bytes.
        public var limit: Int
    }

    /// The longest line, in bytes, without its newline.
    public let limit: Int
    /// What was read, up to `filled`; behind that is room that was of use before.
    private var buffer: [UInt8] = []
    private var filled = 0
    /// Where the line not yet taken begins.
    private var start = 0
    /// Up to here no newline was found, and none is looked for again.
    private(set) var searched = 0

    /// A framer for lines of at most `limit` bytes.
    public init(limit: Int = ProtocolLimits.requestBytes) {
        self.limit = limit
    }

    /// Adds what was read.
    public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if start > 0 { dropTaken() }
        let end = filled + bytes.count
        if end > buffer.count {
            buffer.removeLast(buffer.count - filled)
            buffer.append(contentsOf: bytes)
        } else {
            buffer.withUnsafeMutableBytes {
                UnsafeMutableRawBufferPointer(rebasing: $0[filled...]).copyMemory(from: bytes)
            }
        }
        filled = end
    }

    /// Adds what was read.
    public mutating func append(_ bytes: some Collection<UInt8>) {
        let isDone: Void? = bytes.withContiguousStorageIfAvailable { append(UnsafeRawBufferPointer($0)) }
        if isDone == nil { Array(bytes).withUnsafeBytes { append($0) } }
    }

    /// Whether part of a line is there whose end is not. Once all complete lines are taken; before that, whether there may be one.
    public var hasPartialLine: Bool { start < filled }

    /// Nothing comes any more: what has no end yet is the last line. Answers whether there is one.
    public mutating func end() -> Bool {
        guard hasPartialLine else { return false }
        append(CollectionOfOne(0x0A))
        return true
    }

    /// Gives the next complete line, without its newline, to `body`; nil where there is none.
    ///
    /// Throws once a line is longer than the limit, its end arrived or not, and again at each later call.
    public mutating func withNextLine<R>(_ body: (UnsafeBufferPointer<UInt8>) -> R) throws(LineTooLong) -> R? {
        guard let line = try takeLine() else { return nil }
        defer { dropWhereAllIsTaken() }
        return buffer.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[line])) }
    }

    /// Why there is no request.
    package enum RequestFault: Error {
        case lineTooLong(limit: Int)
        case rejected(RejectedRequest)
    }

    /// The next complete line as a request; nil where there is none. Throws `lineTooLong` as `withNextLine` does, and goes on behind a line that
    /// was rejected.
    package mutating func nextRequest() throws(RequestFault) -> Request? {
        let line: Range<Int>
        do throws(LineTooLong) {
            guard let next = try takeLine() else { return nil }
            line = next
        } catch {
            throw .lineTooLong(limit: error.limit)
        }
        defer { dropWhereAllIsTaken() }
        do throws(RejectedRequest) {
            return try buffer.withUnsafeBufferPointer { (buffer) throws(RejectedRequest) in
                try Request.read(UnsafeBufferPointer(rebasing: buffer[line]))
            }
        } catch {
            throw .rejected(error)
        }
    }

    /// Where the next complete line is, which counts as taken from then on.
    private mutating func takeLine() throws(LineTooLong) -> Range<Int>? {
        while let end = nextNewline() {
            let line = start..<end
            guard line.count <= limit else { throw LineTooLong(limit: limit) }
            start = end + 1
            searched = start
            if !isBlank(line) { return line }
        }
        guard filled - start <= limit else { throw LineTooLong(limit: limit) }
        return nil
    }

    private mutating func dropWhereAllIsTaken() {
        if start == filled { dropTaken() }
    }

    /// The next complete line, without its newline; nil where there is none. Throws as `withNextLine` does.
    public mutating func nextLine() throws(LineTooLong) -> [UInt8]? {
        try withNextLine { Array($0) }
    }

    private mutating func nextNewline() -> Int? {
        let found = buffer.withUnsafeBufferPointer { bytes -> Int? in
            guard let base = bytes.baseAddress, searched < filled,
                let hit = memchr(base + searched, 0x0A, filled - searched)
            else { return nil }
            return UnsafeRawPointer(base).distance(to: UnsafeRawPointer(hit))
        }
        if found == nil { searched = filled }
        return found
    }

    private func isBlank(_ line: Range<Int>) -> Bool {
        line.isEmpty || (line.count == 1 && buffer[line.lowerBound] == 0x0D)
    }

    /// A large buffer is given back once it is empty, so that idle connections cost nothing.
    private mutating func dropTaken() {
        if start == filled {
            if buffer.count > 4096 { buffer = [] }
        } else {
            buffer.withUnsafeMutableBytes { bytes in
                guard let base = bytes.baseAddress else { return }
                memmove(base, base + start, filled - start)
            }
        }
        filled -= start
        searched -= start
        start = 0
    }
}
