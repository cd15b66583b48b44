import SupdEngine
import SupdPlugin
import Testing

/// How the time after a second signal is shared out.
@Suite struct DrainEscalationTests {
    let driver = DrainDriver()

    /// A drain in the first phase that lives, with everything of the phases in `hanging` never ending.
    private func begin(hanging: DrainPhase...) {
        for phase in hanging { driver.live[phase] = 1 }
        driver.begin()
        driver.advanceAll()
    }

    @Test func servicesHaveTheirTimeWhereEverythingBeforeThemHangs() {
        begin(hanging: .quiesce, .jobs, .services, .flush)
        let signal = driver.now
        #expect(driver.escalate() == [.cancel(.quiesce, until: driver.after(.seconds(1)))])
        #expect(driver.runTimer() == [.abandon(.quiesce), .enter(.jobs, until: driver.now)])
        #expect(driver.advance() == [.cancel(.jobs, until: driver.after(.seconds(1)))])
        #expect(driver.runTimer() == [.abandon(.jobs), .enter(.services, until: driver.after(.seconds(2)))])
        #expect(driver.now.duration(since: signal) == .seconds(2))
        #expect(driver.runTimer() == [.cancel(.services, until: driver.after(.milliseconds(500)))])
        #expect(driver.runTimer() == [.abandon(.services), .enter(.flush, until: driver.after(.milliseconds(500)))])
        #expect(driver.runTimer() == [.abandon(.flush), .finish])
        #expect(driver.now.duration(since: signal) == .seconds(5))
    }

    @Test func servicesHaveTheirTimeWhereOnlyJobsHang() {
        begin(hanging: .jobs, .services)
        #expect(driver.escalate() == [.cancel(.jobs, until: driver.after(.seconds(2)))])
        #expect(driver.runTimer() == [.abandon(.jobs), .enter(.services, until: driver.after(.seconds(2)))])
        driver.pass(.seconds(1))
        driver.live[.services] = 0
        driver.advance()
        #expect(driver.history.hasSuffix("jobs forced, services completed"))
    }

    @Test func whatTheEarlierPhasesLeaveIsTheServices() {
        begin(hanging: .quiesce, .jobs, .services)
        driver.escalate()
        driver.pass(.milliseconds(100))
        driver.live[.quiesce] = 0
        #expect(driver.advance() == [.enter(.jobs, until: driver.now)])
        #expect(driver.advance() == [.cancel(.jobs, until: driver.after(.milliseconds(1_900)))])
        driver.live[.jobs] = 0
        #expect(driver.advance() == [.enter(.services, until: driver.after(.milliseconds(3_900)))])
    }

    @Test func aPhaseThatHasNothingLeftIsNotCancelled() {
        begin(hanging: .quiesce)
        driver.escalate()
        driver.live[.quiesce] = 0
        driver.advanceAll()
        #expect(driver.history.hasSuffix("quiesce forced, jobs completed, services completed, flush completed"))
    }

    @Test func aGraceThatIsRunningIsShortenedToo() {
        begin(hanging: .jobs, .services)
        driver.runTimer()
        driver.pass(.milliseconds(500))
        #expect(driver.wait == .milliseconds(2_500))
        #expect(driver.escalate() == [])
        #expect(driver.wait == .seconds(2))
    }

    @Test func aBudgetThatIsShorterStays() {
        let driver = DrainDriver(
            DrainBudget(
                timeout: .seconds(60), quiesce: .seconds(5), jobs: .seconds(10), services: .seconds(1),
                flush: .seconds(5)))
        driver.live = [.jobs: 1, .services: 1]
        driver.begin()
        driver.advanceAll()
        driver.escalate()
        #expect(driver.runTimer().last == .enter(.services, until: driver.after(.seconds(1))))
    }

    @Test func littleTimeIsSharedOutTheSameWay() {
        let driver = DrainDriver(
            DrainBudget(
                timeout: .seconds(1), quiesce: .seconds(5), jobs: .seconds(10), services: .seconds(40),
                flush: .seconds(5)))
        driver.live = [.jobs: 1, .services: 1]
        driver.begin()
        driver.advanceAll()
        #expect(driver.escalate() == [.cancel(.jobs, until: driver.after(.milliseconds(400)))])
        #expect(driver.runTimer() == [.abandon(.jobs), .enter(.services, until: driver.after(.milliseconds(400)))])
    }

    @Test func aFurtherSignalGivesNoTimeBack() {
        begin(hanging: .jobs, .services)
        driver.escalate()
        driver.pass(.seconds(1))
        #expect(driver.escalate() == [])
        #expect(driver.wait == .seconds(1))
        #expect(driver.left == .seconds(4))
    }

    @Test func theSharesEndWhereTheDrainHolds() {
        driver.live = [.services: 1, .flush: 1]
        driver.begin(exits: false)
        driver.advanceAll()
        driver.escalate()
        driver.live[.services] = 0
        #expect(driver.advance() == [.hold])
        driver.pass(.seconds(1_000))
        #expect(driver.force() == [.killEverything, .enter(.flush, until: driver.after(.milliseconds(400)))])
        #expect(driver.wait == .milliseconds(400))
    }
}
