import SupdConfiguration
import SupdPlugin
import Testing

@Suite struct ResourceTests {
    @Test func allAreGivenInTheOrderOfTheKeys() throws {
        let service = try Load.service(
            """
            resources = { io_weight = 1, pids_max = 100, cpu_max = "150%", cpu_weight = 10000, memory_high = 4096, memory_max = "512MiB" }
            """)
        #expect(
            service.conduct.resources.map { "\($0.file) \($0.value)" } == [
                "memory.max 536870912", "memory.high 4096", "cpu.weight 10000", "cpu.max 150000 100000", "pids.max 100",
                "io.weight 1",
            ])
    }

    @Test(arguments: ["memory_max", "memory_high", "cpu_max", "pids_max"], ["max", "infinity"])
    func aLimitMayBeNone(key: String, word: String) throws {
        let controls = try Load.service("resources = { \(key) = \"\(word)\" }").conduct.resources
        #expect(controls.map(\.value) == ["max"] && controls.map(\.key) == [key])
    }

    @Test(arguments: [("1%", "1000 100000"), ("100%", "100000 100000"), ("1000000%", "1000000000 100000")])
    func aShareIsAQuotaInATenthOfASecond(share: String, expected: String) throws {
        #expect(try Load.service("resources = { cpu_max = \"\(share)\" }").conduct.resources.map(\.value) == [expected])
    }

    @Test(arguments: ["\"1000001%\"", "\"%\"", "\"-5%\"", "\"5\"", "1.5", "\"99999999999999999999%\""])
    func aShareIsOneToAMillionPercent(value: String) throws {
        #expect(
            try Load.fault("resources = { cpu_max = \(value) }").hasPrefix(
                "3:25: 'resources.cpu_max' must be a whole share of a processor's time from \"1%\" to \"1000000%\", or \"max\", found "
            ))
    }
}
