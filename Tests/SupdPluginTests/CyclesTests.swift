import SupdPlugin
import Testing

@Suite struct CyclesTests {
    private func places(_ edges: [[Int]], atMost limit: Int = .max) -> [[Int]] {
        cycles(in: edges, atMost: limit).map(\.places)
    }

    @Test func aGraphWithABeginningHasNone() {
        #expect(places([]) == [])
        #expect(places([[]]) == [])
        #expect(places([[1, 2], [2], []]) == [], "two ways to one place are no cycle")
    }

    @Test func aCycleIsGivenWithoutTheWayToIt() {
        #expect(places([[1], [2], [1]]) == [[1, 2, 1]])
        #expect(places([[0]]) == [[0, 0]])
    }

    @Test func theEdgeThatClosesItIsNamed() {
        let found = cycles(in: [[1], [], [1, 3], [0, 1, 2]], atMost: .max)
        #expect(found.map(\.places) == [[2, 3, 2]])
        #expect(found.first?.closingPlace == 3)
        #expect(found.first?.closingEdge == 2)
    }

    @Test func everyEdgeBackMakesOneInTheOrderOfTheEdges() {
        #expect(places([[1, 2], [0], [0]]) == [[0, 1, 0], [0, 2, 0]])
        #expect(places([[1], [0], [3], [2]]) == [[0, 1, 0], [2, 3, 2]])
    }

    @Test func noMoreAreGivenThanAreAskedFor() {
        #expect(places([[1], [0], [3], [2]], atMost: 1) == [[0, 1, 0]])
        #expect(places([[0]], atMost: 0) == [])
    }

    @Test func aLongChainNeedsNoStack() {
        let count = 100_000
        #expect(places((0..<count).map { [($0 + 1) % count] }).map(\.count) == [count + 1])
    }
}
