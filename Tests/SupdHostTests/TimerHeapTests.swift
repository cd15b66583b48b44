import SupdPlugin
import TestChance
import Testing

@testable import SupdHost

@Suite struct TimerHeapTests {
    private func at(_ nanoseconds: Int64) -> MonotonicInstant { MonotonicInstant(nanoseconds: nanoseconds) }

    @Test func dueTokensComeEarliestFirstAndEqualOnesAsTheyWereArmed() {
        var heap = TimerHeap<String>()
        heap.arm("c", at: at(30))
        heap.arm("a", at: at(10))
        heap.arm("b1", at: at(20))
        heap.arm("b2", at: at(20))
        #expect(heap.earliest() == at(10))
        #expect(heap.popDue(at(9)) == nil)
        #expect(heap.popDue(at(20)) == "a")
        #expect(heap.popDue(at(20)) == "b1")
        #expect(heap.popDue(at(20)) == "b2")
        #expect(heap.popDue(at(20)) == nil)
        #expect(heap.count == 1)
        #expect(heap.popDue(at(1000)) == "c")
        #expect(heap.earliest() == nil)
    }

    @Test func armingAgainMovesAndDisarmingTakesBack() {
        var heap = TimerHeap<String>()
        heap.arm("a", at: at(10))
        heap.arm("b", at: at(20))
        heap.arm("a", at: at(30))
        #expect(heap.deadline(of: "a") == at(30))
        #expect(heap.earliest() == at(20))
        heap.arm("a", at: at(5))
        #expect(heap.earliest() == at(5))
        heap.disarm("a")
        heap.disarm("a")
        #expect(heap.earliest() == at(20))
        #expect(heap.popDue(at(100)) == "b")
        #expect(heap.popDue(at(100)) == nil)
        #expect(heap.count == 0)
    }

    @Test func leftoversAreBoundedByTheLiving() {
        var heap = TimerHeap<Int>()
        for token in 0..<100 { heap.arm(token, at: at(1_000_000)) }
        for round in 0..<10_000 { heap.arm(round % 100, at: at(Int64(2_000_000 + round))) }
        #expect(heap.count == 100)
        #expect(heap.heldEntries <= 2 * heap.count + 64)
        for token in 0..<99 { heap.disarm(token) }
        #expect(heap.heldEntries <= 2 * heap.count + 64)
        #expect(heap.popDue(at(.max)) == 99)
    }

    @Test(arguments: [UInt64(1), 2, 3, 0xdead_beef])
    func itAnswersAsAPlainListWould(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        func next(_ bound: Int) -> Int { random.below(bound) }
        var heap = TimerHeap<Int>()
        var model: [(token: Int, deadline: MonotonicInstant)] = []
        for _ in 0..<20_000 {
            switch next(5) {
            case 0...2:
                let (token, deadline) = (next(50), at(Int64(next(1000))))
                if model.contains(where: { $0.token == token && $0.deadline == deadline }) { continue }
                heap.arm(token, at: deadline)
                model.removeAll { $0.token == token }
                model.append((token, deadline))
            case 3:
                let token = next(50)
                heap.disarm(token)
                model.removeAll { $0.token == token }
            default:
                let now = at(Int64(next(1000)))
                let earliest = model.map(\.deadline).min()
                let expected = model.first { $0.deadline == earliest && $0.deadline <= now }?.token
                #expect(heap.popDue(now) == expected)
                model.removeAll { $0.token == expected }
            }
            #expect(heap.earliest() == model.map(\.deadline).min())
            #expect(heap.count == model.count)
        }
    }
}
