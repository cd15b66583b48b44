import SupdPlugin
import Testing

@testable import Schedule

@Suite struct SettingsTests {
    private func refusals(_ options: PluginOptions) -> [OptionError] {
        do throws(OptionError) {
            try Schedule().validate(options)
            return []
        } catch {
            return [error] + error.others
        }
    }

    private func item(_ index: Int, _ key: String?, _ message: String) -> OptionError {
        OptionError(option: "schedules", item: .init(index, key: key), message: message)
    }

    @Test func everyFaultIsToldAtItsPlace() {
        let faults = refusals(
            options(
                [
                    ["service": .text("a")],
                    ["service": .text("b"), "cron": .text("@daily"), "every": .duration(.seconds(60))],
                    ["service": .text("c"), "cron": .text("0 0 31 2 *")],
                    ["service": .text("d"), "every": .duration(.milliseconds(10))],
                    ["service": .text("e"), "every": .duration(.seconds(5)), "jitter": .duration(.seconds(6))],
                    ["service": .text("f"), "at_start": .boolean(true)],
                    ["service": .text("f"), "cron": .text("@hourly")],
                    ["service": .text("g"), "cron": .text("@hourly"), "name": .text("a b")],
                    ["service": .text("h"), "cron": .text("@dayly"), "every": .duration(.zero), "name": .text("a/b")],
                    ["service": .text("i"), "cron": .text("0 0 31 2 *"), "every": .duration(.milliseconds(10))],
                ]))
        #expect(
            faults.map { OptionError(option: $0.option, item: $0.item, message: $0.message) } == [
                item(0, nil, "does not say when: give it 'cron', 'every' or at_start = true"),
                item(1, "every", "stands beside 'cron': keep one of the two"),
                item(2, "cron", "'0 0 31 2 *' never comes: no such day is in any year"),
                item(3, "every", "must be at least 1s; found 10ms"),
                item(4, "jitter", "must not be longer than 'every', which is 5s"),
                item(6, nil, "is the second schedule named 'f': give it a 'name' of its own"),
                item(7, "name", "must be of letters, digits and _ . : -, at most 64 of them; found 'a b'"),
                item(8, "name", "must be of letters, digits and _ . : -, at most 64 of them; found 'a/b'"),
                item(
                    8, "cron",
                    "must be one of @annually, @daily, @hourly, @midnight, @monthly, @weekly, @yearly; found '@dayly'; "
                        + "did you mean '@daily'?"),
                item(9, "cron", "'0 0 31 2 *' never comes: no such day is in any year"),
                item(9, "every", "stands beside 'cron': keep one of the two"),
                item(9, "every", "must be at least 1s; found 10ms"),
            ])
    }

    @Test func nothingRunsWithoutASchedule() throws {
        var activation = PluginActivation()
        try activation.activate(Schedule(), options: options([]))
        #expect(activation.jobs.isEmpty && activation.eventSinks.isEmpty && activation.controlMethods.isEmpty)
        #expect(Schedule().options.allSatisfy { $0.standard != nil })
    }

    @Test func eventsAreAskedForOnlyWhereSomethingCanWait() throws {
        for (overlap, count) in [("skip", 0), ("kill", 0), ("queue", 1)] {
            var activation = PluginActivation()
            let entry: [String: OptionValue] = [
                "service": .text("a"), "cron": .text("@daily"), "overlap": .word(overlap),
            ]
            try activation.activate(Schedule(), options: options([entry]))
            #expect(activation.eventSinks.count == count, "\(overlap)")
            #expect(activation.jobs.count == 1 && activation.controlMethods.count == 2)
        }
    }
}
