import SupdConfiguration
import Testing

@Suite struct CompactedTests {
    @Test func whatIsMadeAnewSaysTheSame() throws {
        let loaded = try Load.good(Example.text, Example.files)
        #expect(loaded.services.count > 1)
        let before = dumped(loaded)
        let after = dumped(loaded.compacted())
        #expect(before.contains { $0.contains("the databäse") })
        #expect(Array(after.difference(from: before)).isEmpty)
    }

    @Test func howManyServicesAreRunIsKeptOnce() throws {
        let ready = "ready = { type = \"asks\", path = \"/\" }"
        var services = try Load.good(
            """
            [defaults]
            restart = "always"
            log = { sink = "none" }
            [service.a]
            exec_start = ["/bin/a"]
            [service.b]
            exec_start = ["/bin/b"]
            after = ["a"]
            environment = { MODE = "production" }
            log.sink = "none"
            [service.c]
            exec_start = ["/bin/a"]
            nice = 3
            [service.d]
            exec_start = ["/bin/a"]
            \(ready)
            [service.e]
            exec_start = ["/bin/a"]
            \(ready)
            """
        ).compacted().services
        let ids = services.map(\.conductID)
        #expect(ids[0] == ids[1])
        // One of them differs, and what a plugin has made for a service is for that one.
        #expect(Set(ids).count == 4)
        #expect(services[0].text.own != services[1].text.own && services[0].text.common == services[1].text.common)
        services[0].conduct.nice = 5
        #expect(services[1].conduct.nice == nil && services[0].conductID != services[1].conductID)
    }

    @Test func wordsOfOtherBytesStayApart() throws {
        let words = ["caf\u{E9}-with-more-than-15-bytes", "cafe\u{301}-with-more-than-15-bytes"]
        #expect(words[0] == words[1])
        let loaded = try Load.good("[service.a]\nexec_start = [\"/bin/a\", \"\(words[0])\", \"\(words[1])\"]\n")
        let kept = loaded.compacted().services[0].execStart.dropFirst()
        #expect(kept.map { Array($0.utf8) } == words.map { Array($0.utf8) })
    }

    /// Every value of it, to the last.
    private func dumped(_ configuration: Configuration) -> [String] {
        var text = ""
        for var service in configuration.services {
            // One that is shared is dumped once.
            service.conduct = service.conduct
            dump(service, to: &text)
        }
        var configuration = configuration
        configuration.services = []
        dump(configuration, to: &text)
        // A set has no order.
        return text.split(separator: "\n").map(String.init).sorted()
    }
}
