internal import CSupd
internal import Glibc
internal import SupdPlugin

/// Standard error where that is a regular file: its file system may be frozen, or its server gone, and hold a write(2) for as long as
/// it likes. Written beside the loop, one write after the other.
final class ErrorFile {
    private let calls: BlockingCalls
    private let lane: BlockingCalls.Lane
    /// A write was not done within its bound, and is taken for done: what comes meanwhile finds no room.
    private var isLate = false
    /// What became of that one, for the next to tell.
    private var failure: ErrorNumber?
    /// Somebody waits for room.
    private var isAwaited = false
    private var hasRoomToTell = false

    /// All is taken from now on, behind what is under way: nobody comes back for what finds no room.
    var takesAll = false

    /// How long the loop waits for one that may be late. What follows it waits no more.
    private static let bound = Duration.milliseconds(5)
    /// The most bytes that may be on their way.
    private static let most = 256 << 10

    init(_ calls: BlockingCalls) {
        self.calls = calls
        lane = calls.makeLane()
        // A process for each line would cost more than one that lies still.
        calls.hold()
    }

    func write(_ bytes: UnsafeRawBufferPointer) -> WriteResult {
        guard !isLate || takesAll else { return .wouldBlock }
        if let failure {
            self.failure = nil
            return .failed(failure)
        }
        let taken = Array(bytes.prefix(Self.most))
        // By its number, which the process of those calls has as well (`supd_run_apart`).
        let whole = calls.run(lane, within: Self.bound) {
            WholeWrite(taken, to: STDERR_FILENO)
        } then: { [weak self] late in
            self?.ended(late)
        }
        if let whole {
            if whole.written == 0, let failure = whole.failure { return .failed(failure) }
            return .wrote(whole.written)
        }
        isLate = true
        supd_deadline_output_hangs(1)
        return .wrote(taken.count)
    }

    /// Says whether its next room is to be told.
    func tellRoom(_ isAwaited: Bool) {
        self.isAwaited = isAwaited
        hasRoomToTell = isAwaited && !isLate
    }

    /// Whether it has room that is to be told, once.
    func takeRoom() -> Bool {
        defer { hasRoomToTell = false }
        return hasRoomToTell
    }

    private func ended(_ late: WholeWrite) {
        isLate = false
        supd_deadline_output_hangs(0)
        failure = late.failure
        hasRoomToTell = isAwaited
    }
}
