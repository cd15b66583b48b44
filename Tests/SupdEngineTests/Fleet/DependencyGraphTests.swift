import EngineChecks
import SupdEngine
import SupdPlugin
import Testing

@Suite struct DependencyGraphTests {
    private func relations(
        _ name: String, requires: [String] = [], wants: [String] = [], after: [String] = [], before: [String] = [],
        bindsTo: [String] = [], partOf: [String] = []
    ) -> ServiceRelations {
        Fleet.Member.service(
            name, requires: requires, wants: wants, after: after, before: before, bindsTo: bindsTo, partOf: partOf
        ).relations
    }

    private func error(of services: [ServiceRelations]) -> DependencyError? {
        do throws(DependencyError) {
            _ = try DependencyGraph(services)
            return nil
        } catch {
            return error
        }
    }

    @Test func withoutSomeItIsTheGraphOfTheOthers() throws {
        let all = [
            relations("a", before: ["x"]), relations("b", requires: ["a"], partOf: ["c"]),
            relations("x", requires: ["a"]),
            relations("c", wants: ["b"], after: ["a"]), relations("y", bindsTo: ["x"], partOf: ["c"]),
            relations("d", before: ["y"], bindsTo: ["c"]),
        ]
        var graph = try DependencyGraph(all)
        graph.remove([2, 4])
        let rest = try DependencyGraph([
            relations("a"), relations("b", requires: ["a"], partOf: ["c"]), relations("c", wants: ["b"], after: ["a"]),
            relations("d", bindsTo: ["c"]),
        ])
        #expect(graph.requires == rest.requires && graph.pulls == rest.pulls && graph.boundBy == rest.boundBy)
        #expect(graph.predecessors == rest.predecessors && graph.successors == rest.successors)
        #expect(graph.requiredBy == rest.requiredBy && graph.stopsWith == rest.stopsWith)
        #expect(graph.takesDown == rest.takesDown)
    }

    @Test func aCycleIsRefusedAndPrinted() {
        let error = error(of: [
            relations("a", requires: ["b"]), relations("b", wants: ["c"]), relations("c", after: ["a"]),
            relations("d", after: ["a"]),
        ])
        #expect(error == .cycle(["a", "b", "c", "a"].map(ServiceName.named)))
        #expect(error?.description == "dependency cycle: a → b → c → a (each must start after the next)")
    }

    @Test func aCycleIsPrintedWithoutTheWayToIt() {
        let error = error(of: [
            relations("a", requires: ["b"]), relations("b", requires: ["c"]), relations("c", requires: ["b"]),
        ])
        #expect(error == .cycle(["b", "c", "b"].map(ServiceName.named)))
    }

    @Test func beforeMakesCyclesToo() {
        let error = error(of: [relations("a", after: ["b"], before: ["b"]), relations("b")])
        #expect(error == .cycle(["a", "b", "a"].map(ServiceName.named)))
    }

    @Test func aServiceCannotDependOnItself() {
        #expect(error(of: [relations("a", wants: ["a"])]) == .cycle(["a", "a"].map(ServiceName.named)))
        #expect(error(of: [relations("a", before: ["a"])]) == .cycle(["a", "a"].map(ServiceName.named)))
    }

    @Test(arguments: ["requires", "wants", "after", "before"])
    func anUnknownNameIsRefused(key: String) {
        let names = ["web"]
        let service = relations(
            "a", requires: key == "requires" ? names : [], wants: key == "wants" ? names : [],
            after: key == "after" ? names : [], before: key == "before" ? names : [])
        let error = error(of: [service])
        #expect(error == .unknown(.named("web"), in: .named("a")))
        #expect(error?.description == "service 'a' depends on 'web', which is not there")
    }

    @Test func aNameThatIsUsedTwiceIsRefused() {
        let error = error(of: [relations("a"), relations("b"), relations("a")])
        #expect(error == .duplicate(.named("a")))
        #expect(error?.description == "two services are named 'a'")
    }

    @Test func theSameNameSaidTwiceCountsOnce() throws {
        let graph = try DependencyGraph([
            relations("a"), relations("b", requires: ["a", "a"], wants: ["a"], after: ["a"]),
            relations("c", after: ["b", "b"], before: []),
        ])
        #expect(graph.requires == [[], [0], []])
        #expect(graph.pulls == [[], [0], []])
        #expect(graph.predecessors == [[], [0], [1]])
        #expect(graph.successors == [[1], [2], []])
        #expect(graph.requiredBy == [[1], [], []])
    }

    @Test func requiresWantsAndAfterOrderAndBeforeIsAfterFromTheOtherSide() throws {
        let graph = try DependencyGraph([
            relations("a", before: ["b"]), relations("b"), relations("c", requires: ["b"]),
            relations("d", wants: ["c"]), relations("e", after: ["d"]),
        ])
        #expect(graph.predecessors == [[], [0], [1], [2], [3]])
        #expect(graph.pulls == [[], [], [1], [2], []], "only requires and wants start what they name")
        #expect(graph.requires == [[], [], [1], [], []])
    }

    @Test func closuresFollowTheirEdgesAndNoOthers() throws {
        let graph = try DependencyGraph([
            relations("a"), relations("b", requires: ["a"]), relations("c", wants: ["b"]),
            relations("d", requires: ["c"]), relations("e", after: ["d"]),
        ])
        #expect(Set(graph.pulled(by: [3]).map(\.place)) == [0, 1, 2, 3])
        #expect(graph.pulled(by: [4]).map(\.place) == [4])
        #expect(Set(graph.stopClosure(of: [0])) == [0, 1], "c wants b, and goes on without it")
        #expect(Set(graph.stopClosure(of: [2, 2])) == [2, 3])
    }

    @Test func whatIsBoundIsRequiredAndWhatIsAPartIsNot() throws {
        let graph = try DependencyGraph([
            relations("a"), relations("b", requires: ["a"], bindsTo: ["a"]), relations("c", partOf: ["b"]),
        ])
        #expect(graph.requires == [[], [0], []] && graph.pulls == [[], [0], []])
        #expect(graph.predecessors == [[], [0], []] && graph.requiredBy == [[1], [], []])
        #expect(graph.boundBy == [[1], [], []])
        #expect(graph.stopsWith == [[], [0], [1]] && graph.takesDown == [[1], [2], []])
        #expect(graph.stopClosure(of: [0]) == [0, 1, 2], "what is part of what requires it goes down, too")
    }

    @Test func partsMayGoInCirclesAndBindingsMayNot() throws {
        let graph = try DependencyGraph([relations("a", partOf: ["b"]), relations("b", partOf: ["a"])])
        #expect(graph.stopClosure(of: [1]) == [1, 0])
        #expect(
            error(of: [relations("a", bindsTo: ["b"]), relations("b", after: ["a"])])
                == .cycle(["a", "b", "a"].map(ServiceName.named)))
        #expect(error(of: [relations("a", partOf: ["x"])]) == .unknown(.named("x"), in: .named("a")))
        #expect(error(of: [relations("a", bindsTo: ["x"])]) == .unknown(.named("x"), in: .named("a")))
    }

    @Test func aChainOfAHundredThousandNeedsNoStack() throws {
        let count = 100_000
        var services = [relations("s0")]
        for place in 1..<count { services.append(relations("s\(place)", requires: ["s\(place - 1)"])) }
        let graph = try DependencyGraph(services)
        #expect(graph.pulled(by: [count - 1]).count == count)
        #expect(graph.stopClosure(of: [0]).count == count)
        services[0].after = [.named("s\(count - 1)")]
        guard case .cycle(let names) = error(of: services) else {
            Issue.record("a cycle of a hundred thousand was not found")
            return
        }
        #expect(names.count == count + 1)
        #expect(names.first == names.last)
    }

    @Test func aServiceThatNamesTenThousandOthersIsReadInLinearTime() throws {
        let count = 10_000
        var services = (0..<count).map { relations("s\($0)") }
        services.append(relations("all", requires: services.map(\.name.rawValue)))
        var graph: DependencyGraph?
        let time = try processorTime { graph = try DependencyGraph(services) }
        #expect(graph?.requires.last?.count == count)
        #expect(time < .seconds(2), "squared it takes many times as long")
    }
}
