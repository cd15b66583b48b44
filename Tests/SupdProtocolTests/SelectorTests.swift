import SupdPlugin
import SupdProtocol
import Testing

@Suite struct SelectorTests {
    private func selects(_ selector: String, _ service: String, _ index: Int? = nil, tags: [String] = []) -> Bool {
        ServiceSelector(selector).matches(instance(service, index), tags: tags)
    }

    @Test func aServiceNameSelectsAllItsInstances() {
        #expect(selects("web", "web"))
        #expect(selects("web", "web", 1))
        #expect(selects("web", "web", 12))
        #expect(!selects("web", "webapp"))
        #expect(!selects("we", "web"))
    }

    /// So whatever is a name selects by itself.
    @Test(arguments: ["tag:x", "state:fatal", "tag:", "state:"])
    func whatIsNoNameOfAServiceSelectsNoneByIt(_ text: String) {
        #expect(ServiceName(text) == nil)
        #expect(ServiceSelector(text).exactName == nil)
        #expect(ServiceName("x" + text)?.rawValue == ServiceSelector("x" + text).exactName)
    }

    @Test func anInstanceNameSelectsOne() {
        #expect(selects("web@2", "web", 2))
        #expect(!selects("web@2", "web", 1))
        #expect(!selects("web@2", "web", 22))
        #expect(!selects("web@2", "web"))
    }

    @Test(arguments: [
        ("web@*", "web@1", true), ("web@*", "web@12", true), ("web@*", "web", false), ("web@?", "web@12", false),
        ("*", "web", true), ("*", "web@1", true), ("w*b", "web", true), ("w*b", "wb", true), ("w*x", "web", false),
        ("w?b", "web", true), ("w?b", "wb", false), ("[a-c]pi", "api", true), ("[a-c]pi", "dpi", false),
        ("[!a-c]pi", "dpi", true), ("[^a-c]pi", "api", false), ("[abw]eb", "web", true), ("web@[2-4]", "web@3", true),
        ("web@[2-4]", "web@5", false), ("*a*b*c*", "xaxbxcx", true), ("*a*b*c*", "xaxcxbx", false), ("**", "x", true),
        ("[", "web", false), ("web[", "web", false), ("[]]x", "web", false), ("[a-", "web", false), ("?", "web", false),
    ])
    func aGlobFitsAsInTheShell(_ glob: String, name: String, fits: Bool) {
        let parts = name.split(separator: "@")
        #expect(selects(glob, String(parts[0]), parts.count > 1 ? Int(parts[1]) : nil) == fits)
    }

    @Test func aGlobOverTheServiceNameSelectsItsInstances() {
        #expect(selects("we[b]", "web", 3))
        #expect(selects("w?b", "web", 3))
    }

    /// Patterns that make a backtracking matcher take exponential time.
    @Test(.timeLimit(.minutes(1)))
    func aHostileGlobIsNotSlow() {
        let glob = ServiceSelector(String(repeating: "*a", count: 120) + "b")
        let name = instance(String(repeating: "a", count: 64))
        for _ in 0..<1000 { #expect(!glob.matches(name)) }
    }

    @Test func aTagSelectsThoseThatHaveIt() {
        #expect(selects("tag:front", "web", tags: ["x", "front"]))
        #expect(!selects("tag:front", "front", tags: []))
        #expect(!selects("tag:fr*", "web", tags: ["front"]))
        #expect(!selects("tag:", "web", tags: ["front"]))
    }

    @Test(arguments: ServiceState.allCases) func aStateSelectsThoseThatAreInIt(state: ServiceState) {
        for word in [state.rawValue, state.rawValue.lowercased()] {
            let selector = ServiceSelector("state:\(word)")
            #expect(selector.state == state && selector.isByState && selector.exactName == nil)
            for other in ServiceState.allCases {
                #expect(selector.matches(instance("web", 2), state: other) == (other == state))
            }
            // Of what has no state it is not known.
            #expect(!selector.matches(instance("web")))
        }
    }

    @Test(arguments: ["state:", "state:nonsense", "state:fatal*"]) func aStateThatThereIsNotSelectsNothing(
        _ text: String
    ) {
        let selector = ServiceSelector(text)
        #expect(selector.state == nil && selector.isByState)
        for state in ServiceState.allCases { #expect(!selector.matches(instance("web"), state: state)) }
        #expect(!ServiceSelector("STATE:fatal").isByState, "it is a name")
    }

    @Test func onlyAPlainNameIsExact() {
        #expect(ServiceSelector("web@1").exactName == "web@1")
        #expect(ServiceSelector("web*").exactName == nil)
        #expect(ServiceSelector("tag:web").exactName == nil)
    }
}
