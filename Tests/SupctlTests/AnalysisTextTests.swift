import SupdPlugin
import SupdProtocol
import Testing

@testable import supctl

@Suite struct AnalysisTextTests {
    /// One turn of the loop is one moment: what waited may be up at the same as what it waited for.
    @Test func ofSeveralAtOneMomentTheOneThatNeedsTheOthersIsLast() {
        func timing(_ name: String, _ begun: Int64, _ up: Int64) -> ServiceTiming {
            ServiceTiming(name: name, service: name, begun: .milliseconds(begun), up: .milliseconds(up))
        }
        let timings = ServiceTimings(
            started: WallTime(nanoseconds: 0), ready: .milliseconds(9),
            services: [timing("disk", 1, 7), timing("db", 7, 9), timing("web", 9, 9)])
        let graph = [
            RelatedService(name: "disk", states: [:]),
            RelatedService(name: "db", states: [:], needs: [ServiceRelation(.requires, "disk")]),
            RelatedService(
                name: "web", states: [:], needs: [ServiceRelation(.requires, "db"), ServiceRelation(.after, "disk")]),
        ]
        let chain = AnalysisText.criticalChain(timings, graph, of: nil, lines: .ascii)
        #expect(chain.split(separator: "\n").dropFirst() == ["web @9ms +0s", "`-db @9ms +2ms", "  `-disk @7ms +6ms"])
        #expect(AnalysisText.summary(timings).contains("\nThe last of the start were db, web, at 9ms.\n"))
    }

    @Test func thoseThatHaveNotBeenUpAreNamed() {
        let services = [
            ServiceTiming(name: "web", service: "web", begun: .zero, up: .zero),
            ServiceTiming(name: "db", service: "db", begun: .zero, up: nil),
            ServiceTiming(name: "off", service: "off", begun: nil, up: nil),
        ]
        let timings = ServiceTimings(started: WallTime(nanoseconds: 0), ready: nil, services: services)
        let lines = AnalysisText.summary(timings).split(separator: "\n")
        #expect(
            lines.prefix(2) == [
                "supd is not ready yet.", "1 of 2 instances that were started has been up, all but db.",
            ])
    }
}
