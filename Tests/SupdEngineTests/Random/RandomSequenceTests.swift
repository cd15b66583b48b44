import Testing

/// A hundred thousand random sequences of events, each under the rules that must always hold.
@Suite struct RandomSequenceTests {
    /// In parts, so that they run beside each other.
    private static let parts = 0..<8

    private func part(_ number: Int, of count: Int) -> Range<Int> {
        count / Self.parts.count * number..<count / Self.parts.count * (number + 1)
    }

    @Test(arguments: parts) func machinesHoldTheirRules(number: Int) {
        RandomRuns.run(MachineRun.self, part(number, of: 60_000))
    }

    @Test(arguments: parts) func fleetsHoldTheirRulesAndComeToRest(number: Int) {
        RandomRuns.run(FleetRun.self, part(number, of: 12_000))
    }

    @Test(arguments: parts) func drainsEndByTheirDeadlineAndAccountForEveryTask(number: Int) {
        RandomRuns.run(DrainRun.self, part(number, of: 28_000))
    }
}
