import SupdPlugin
import Testing

@testable import SupdDaemon

@Suite struct RefusalNoticesTests {
    private let start = MonotonicInstant(nanoseconds: 0)

    private func denied(_ uid: UInt32, _ method: String = "supervisor.ping") -> RefusalNotices.Subject {
        .init(kind: .request(method), uid: uid)
    }

    @Test func theFirstOfAKindIsSaidAndTheOthersAreCounted() {
        var notices = RefusalNotices()
        let first = notices.note(denied(7), now: start)
        #expect(first && notices.due == nil, "nothing is left to be said")
        let more = (0..<1000).count { _ in notices.note(denied(7), now: start) }
        #expect(more == 0)
        let others = [denied(7, "service.stop"), denied(8), .init(kind: .connection, uid: 7)]
        let said = others.map { notices.note($0, now: start) }
        #expect(said == [true, true, true])
        let second = notices.note(.init(kind: .connection, uid: 7), now: start)
        #expect(!second && notices.due == start.advanced(by: RefusalNotices.period))
        let summary = notices.summary()
        #expect(
            summary == "within the last minute also: 1000 requests of uid 7 denied, 1 connection of uid 7 refused")
        let again = notices.note(denied(7), now: start)
        #expect(again && notices.due == nil, "after its summary it is the first again")
    }

    @Test func whatWasSaidLongAgoIsSaidAgain() {
        var notices = RefusalNotices()
        let said = [start, start.advanced(by: RefusalNotices.period)].map { notices.note(denied(7), now: $0) }
        let summary = notices.summary()
        #expect(said == [true, true] && summary == nil)
    }

    @Test func manyUsersAreCountedTogether() {
        var notices = RefusalNotices()
        let said = (0..<10_000).count { notices.note(denied($0), now: start) }
        let summary = notices.summary()
        #expect(said == RefusalNotices.limit)
        #expect(summary == "within the last minute also: \(10_000 - said) more of others")
    }
}
