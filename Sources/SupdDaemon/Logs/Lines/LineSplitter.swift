/// Turns the bytes of a pipe into runs of whole lines.
///
/// What is not yet a whole line is held, at most `maximumLength` bytes of it; a longer line is cut into pieces at that
/// length, not inside a UTF-8 sequence; a carriage return before its newline is no part of a line. Complete lines are neither copied nor looked at one by one: between two
/// newlines less than `maximumLength` apart no line can be too long, so one backward search a window is enough.
struct LineSplitter {
    /// The longest line in bytes, newline not counted; at least 16.
    private(set) var maximumLength: Int
    /// The beginning of a line whose end has not come yet; with a carriage return it may be one byte longer than the longest.
    private(set) var held: [UInt8] = []
    /// Whether `held`, or what comes next, is the rest of a line that was cut.
    private(set) var isInsideLine = false
    /// What `maximumLength` is to be from the next line on.
    private var nextMaximum: Int?

    /// A splitter that cuts lines longer than `maximumLength` bytes.
    init(maximumLength: Int) {
        self.maximumLength = max(16, maximumLength)
    }

    /// Cuts lines that are longer than `maximumLength` bytes from the next one on that begins.
    mutating func change(maximumLength: Int) {
        let length = max(16, maximumLength)
        nextMaximum = length == self.maximumLength ? nil : length
        changeBetweenLines()
    }

    private mutating func changeBetweenLines() {
        guard let next = nextMaximum, held.isEmpty, !isInsideLine else { return }
        maximumLength = next
        nextMaximum = nil
    }

    /// Puts what is held at the front of `buffer`; what is read next belongs right behind it. Returns how much it is.
    /// `buffer` must have room for one byte more than `maximumLength`.
    func placeHeld(in buffer: UnsafeMutableRawBufferPointer) -> Int {
        guard !held.isEmpty else { return 0 }
        buffer.copyBytes(from: held)
        return held.count
    }

    /// Splits `buffer`: what `placeHeld` put there, and new bytes behind it.
    mutating func split(_ buffer: UnsafeRawBufferPointer, into body: (LineRun) -> Void) {
        // The line that was begun ends first.
        guard nextMaximum != nil, let end = buffer.firstNewline(from: held.count) else {
            return splitAlike(buffer, into: body)
        }
        splitAlike(buffer.part(0..<end + 1), into: body)
        changeBetweenLines()
        splitAlike(buffer.part(end + 1..<buffer.count), into: body)
    }

    private mutating func splitAlike(_ buffer: UnsafeRawBufferPointer, into body: (LineRun) -> Void) {
        var runStart = 0
        var position = 0
        // What was held is known to have no newline.
        var searchedTo = held.count
        while position < buffer.count {
            let windowEnd = min(position + maximumLength + 1, buffer.count)
            if let last = buffer.lastNewline(from: max(position, searchedTo), before: windowEnd) {
                position = last + 1
            } else if let end = endOfLongest(in: buffer, from: position) {
                guard end < buffer.count else { break }
                position = end + 1
            } else if windowEnd - position > maximumLength {
                emitLines(buffer, runStart..<position, body)
                let end = Self.characterBoundary(in: buffer, from: position, near: position + maximumLength)
                body(LineRun(bytes: buffer.part(position..<end), ending: .cut, continuesLine: isInsideLine))
                isInsideLine = true
                position = end
                runStart = end
            } else {
                break
            }
            searchedTo = position
        }
        emitLines(buffer, runStart..<position, body)
        hold(buffer.part(position..<buffer.count))
    }

    /// The stream has ended: hands out what is held, if anything, and begins anew.
    mutating func finish(into body: (LineRun) -> Void) {
        let rest = held
        held = []
        rest.withUnsafeBytes { rest in
            var position = 0
            if rest.count > maximumLength {
                // It was held because a newline might have come.
                body(LineRun(bytes: rest.part(0..<maximumLength), ending: .cut, continuesLine: isInsideLine))
                isInsideLine = true
                position = maximumLength
            }
            guard position < rest.count else { return }
            body(
                LineRun(bytes: rest.part(position..<rest.count), ending: .endOfStream, continuesLine: isInsideLine))
        }
        isInsideLine = false
        changeBetweenLines()
    }

    /// Where the newline is, or would be next, of a line that is as long as one may be and ends with a carriage return; nil where
    /// there is none at `start`.
    private func endOfLongest(in buffer: UnsafeRawBufferPointer, from start: Int) -> Int? {
        let end = start + maximumLength + 1
        guard end <= buffer.count, buffer[end - 1] == UInt8(ascii: "\r") else { return nil }
        return end == buffer.count || buffer[end] == newline ? end : nil
    }

    private mutating func emitLines(_ buffer: UnsafeRawBufferPointer, _ range: Range<Int>, _ body: (LineRun) -> Void) {
        guard !range.isEmpty else { return }
        body(LineRun(bytes: buffer.part(range), ending: .newline, continuesLine: isInsideLine))
        isInsideLine = false
    }

    private mutating func hold(_ rest: UnsafeRawBufferPointer) {
        if rest.isEmpty {
            // A quiet service keeps nothing of an earlier flood.
            if held.capacity > 4096 { held = [] } else { held.removeAll(keepingCapacity: true) }
            return
        }
        held.removeAll(keepingCapacity: true)
        held.append(contentsOf: rest)
    }

    /// `end`, or up to three bytes before it where it would fall inside a UTF-8 sequence.
    private static func characterBoundary(in buffer: UnsafeRawBufferPointer, from start: Int, near end: Int) -> Int {
        for candidate in stride(from: end, to: max(start, end - 4), by: -1) where buffer[candidate] & 0xC0 != 0x80 {
            return candidate
        }
        return end
    }
}
