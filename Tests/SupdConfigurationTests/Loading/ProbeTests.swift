import SupdConfiguration
import SupdPlugin
import Testing

@Suite struct ProbeTests {
    @Test func aServiceHasNoneUntilItSaysSo() throws {
        #expect(try Load.service().conduct.probes == nil)
    }

    @Test func whatIsNotSaidIsAsThePlansAre() throws {
        let service = try Load.service(
            """
            ready = { type = "asks", path = "/up" }
            health = { type = "asks", path = "/alive" }
            """)
        let ready = try #require(service.conduct.probes?.readiness)
        #expect(ready.name == "asks" && ready.plugin == "load-balancer")
        #expect((ready.probe as? LoadBalancer.Asks)?.path == "/up")
        #expect(ready.initialDelay == .zero && ready.period == .milliseconds(500) && ready.timeout == .seconds(1))
        let health = try #require(service.conduct.probes?.health)
        #expect((health.probe as? LoadBalancer.Asks)?.path == "/alive")
        #expect(health.initialDelay == .zero && health.period == .seconds(10) && health.timeout == .seconds(1))
        #expect(health.failureThreshold == 3 && health.onFailure == .restart)
    }

    @Test func everyKeyIsRead() throws {
        let service = try Load.service(
            """
            ready = { type = "asks", path = "/", initial_delay = "1s", period = "2s", timeout = "3s" }
            health = { type = "asks", path = "/", initial_delay = "4s", period = "5s", timeout = "6s", failure_threshold = 7, on_failure = "none" }
            """)
        let ready = try #require(service.conduct.probes?.readiness)
        #expect([ready.initialDelay, ready.period, ready.timeout] == [.seconds(1), .seconds(2), .seconds(3)])
        let health = try #require(service.conduct.probes?.health)
        #expect([health.initialDelay, health.period, health.timeout] == [.seconds(4), .seconds(5), .seconds(6)])
        #expect(health.failureThreshold == 7 && health.onFailure == .none)
    }

    @Test func theDefaultsAreForServicesThatRunAndNotForOneshots() throws {
        let defaults = #"health = { type = "asks", path = "/" }"#
        #expect(try Load.service("", defaults: defaults).conduct.probes?.health != nil)
        #expect(try Load.service("type = \"oneshot\"", defaults: defaults).conduct.probes == nil)
    }
}
