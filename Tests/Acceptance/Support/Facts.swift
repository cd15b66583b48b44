import CAcceptance
import Glibc
import Synchronization

/// What something has said so far, in its order, and a way to wait for what it has yet to say.
final class Facts<Element: Sendable>: Sendable {
    private struct State {
        var seen: [Element] = []
        var bells: [Int32: Descriptor] = [:]
        var isOver = false
        /// What lines are read from, and whether some were that are not here yet.
        var source: Descriptor?
        var isReading = false
    }

    private let state = Mutex(State())

    /// All of it: what was written before this was asked for is waited for where it is read by another thread, as it is of a log. Who
    /// never stops writing is not waited for for long.
    var all: [Element] {
        let deadline = Deadline.seconds(5)
        while isBehind, !deadline.hasPassed { poll(nil, 0, 1) }
        return state.withLock { $0.seen }
    }

    private var isBehind: Bool {
        guard let source = state.withLock({ $0.isOver ? nil : $0.source }) else { return false }
        var descriptor = pollfd(fd: source.number, events: Int16(POLLIN), revents: 0)
        // In this order: what is not there any more was either recorded or is being read.
        if poll(&descriptor, 1, 0) > 0, descriptor.revents & Int16(POLLIN) != 0 { return true }
        return state.withLock { $0.isReading }
    }

    func record(_ element: Element) {
        ring { $0.seen.append(element) }
    }

    /// Nothing more will be said: whoever waits need not go on.
    func finish() {
        ring {
            $0.isOver = true
            $0.source = nil
        }
    }

    private func ring(_ change: (inout State) -> Void) {
        state.withLock { state in
            change(&state)
            for bell in state.bells.values {
                var byte: UInt8 = 0
                write(bell.number, &byte, 1)
            }
        }
    }

    /// The first element at `start` or later that fits, or nil where none came by the deadline or the end.
    func first(
        from start: Int = 0, by deadline: Deadline, where fits: (Element) -> Bool
    ) async throws -> Element? {
        let bell = try Descriptor.pipe()
        state.withLock { $0.bells[bell.writing.number] = bell.writing }
        defer { state.withLock { _ = $0.bells.removeValue(forKey: bell.writing.number) } }
        var next = start
        while true {
            let (new, isOver) = state.withLock { (Array($0.seen.dropFirst(next)), $0.isOver) }
            if let found = new.first(where: fits) { return found }
            next += new.count
            if isOver || deadline.hasPassed { return nil }
            _ = try await bell.reading.becomesReadable(by: deadline)
            _ = try bell.reading.readChunk()
        }
    }
}

extension Facts where Element == String {
    /// Records each line that `descriptor` gives until its end or the task's.
    func recordLines(of descriptor: Descriptor) -> Task<Void, Never> {
        state.withLock { $0.source = descriptor }
        return Task(executorPreference: OwnThreads.shared) { [self] in
            var rest: [UInt8] = []
            defer { finish() }
            while !Task.isCancelled {
                guard let isReady = try? await descriptor.becomesReadable(by: .seconds(60)) else { return }
                state.withLock { $0.isReading = true }
                defer { state.withLock { $0.isReading = false } }
                guard isReady, let chunk = try? descriptor.readChunk() else { continue }
                switch chunk {
                case .bytes(let bytes): rest += bytes
                case .nothingNow: continue
                case .end:
                    if !rest.isEmpty { record(String(decoding: rest, as: UTF8.self)) }
                    return
                }
                while let newline = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    record(String(decoding: rest[..<newline], as: UTF8.self))
                    rest.removeSubrange(...newline)
                }
            }
        }
    }
}
