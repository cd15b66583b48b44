import SupdConfiguration
import SupdPlugin
import Testing

@Suite struct LogSinkTests {
    @Test func aPluginsSinkIsNamedByItsWordOrByATableWithItsOptions() throws {
        let plain = try #require(try Load.service(#"log = { sink = "pool" }"#).conduct.log.planned)
        #expect(plain.name == "pool" && plain.plugin == "load-balancer")
        #expect((plain.sink as? LoadBalancer.Pool)?.facility == "daemon")
        let log = try Load.service(#"log = { sink = { type = "pool", facility = "mail" }, max_line = 100 }"#).conduct
            .log
        #expect((log.planned?.sink as? LoadBalancer.Pool)?.facility == "mail" && log.maxLine == 100)
    }

    @Test func aServiceMayTakeItsLinesBackFromTheDefaults() throws {
        let defaults = #"log = { sink = "pool" }"#
        #expect(try Load.service("", defaults: defaults).conduct.log.planned != nil)
        let own = try Load.service(#"log = { sink = "none" }"#, defaults: defaults).conduct.log
        #expect(own.planned == nil && own.sink == .none)
    }
}
