import SupdEngine
import SupdPlugin
import Testing

/// The walk through the phases, and what cuts it short.
@Suite struct DrainMachineTests {
    let driver = DrainDriver()

    @Test func aMachineAtRestWantsNothing() {
        #expect(driver.stage == .idle)
        #expect(driver.wait == nil)
        #expect(driver.advance() == [])
        #expect(driver.escalate() == [])
        #expect(driver.stage == .idle)
    }

    @Test func thePhasesComeInTheirOrder() {
        #expect(driver.begin() == [.announce, .enter(.announce, until: driver.after(.seconds(60)))])
        #expect(driver.advance() == [.enter(.quiesce, until: driver.after(.seconds(5)))])
        #expect(driver.advance() == [.enter(.jobs, until: driver.after(.seconds(10)))])
        #expect(driver.advance() == [.enter(.services, until: driver.after(.seconds(40)))])
        #expect(driver.advance() == [.enter(.flush, until: driver.after(.seconds(5)))])
        #expect(driver.advance() == [.finish])
        #expect(driver.stage == .finished)
        #expect(driver.wait == nil)
        #expect(driver.advance() == [])
        #expect(
            driver.history
                == "announce completed, quiesce completed, jobs completed, services completed, flush completed")
    }

    @Test func aPhaseEndsWhenNothingOfItLives() {
        driver.live = [.services: 2]
        driver.begin()
        driver.advanceAll()
        #expect(driver.stage == .phase(.services))
        driver.pass(.seconds(7))
        driver.live[.services] = 1
        #expect(driver.advance() == [])
        driver.live[.services] = 0
        #expect(driver.advance() == [.enter(.flush, until: driver.after(.seconds(5)))])
        #expect(driver.machine.records.last?.duration == .seconds(7))
    }

    @Test func timeLeftOverInOnePhaseIsNotGivenToTheNext() {
        driver.live = [.quiesce: 1, .jobs: 1]
        driver.begin()
        driver.advanceAll()
        driver.pass(.seconds(1))
        driver.live[.quiesce] = 0
        driver.advance()
        #expect(driver.wait == .seconds(10))
    }

    @Test func atItsBudgetAPhaseIsCancelledAndThreeSecondsLaterAbandoned() {
        driver.live = [.jobs: 1, .services: 1]
        driver.begin()
        driver.advanceAll()
        #expect(driver.wait == .seconds(10))
        #expect(driver.runTimer() == [.cancel(.jobs, until: driver.after(.seconds(3)))])
        #expect(driver.advance() == [], "the same call twice does nothing the second time")
        #expect(driver.wait == .seconds(3))
        driver.pass(.milliseconds(2_999))
        #expect(driver.advance() == [])
        driver.pass(.milliseconds(1))
        // 47 seconds are left, of which the services' grace and the last phase need 8: a second less than their budget.
        #expect(driver.advance() == [.abandon(.jobs), .enter(.services, until: driver.after(.seconds(39)))])
        #expect(driver.history.hasSuffix("jobs abandoned"))
    }

    /// What does not end before the services has no more than a part of a short drain.
    @Test func inAShortDrainTheServicesHaveMostOfTheTime() throws {
        let driver = DrainDriver(
            DrainBudget(
                timeout: .seconds(3), quiesce: .milliseconds(250), jobs: .milliseconds(500), services: .seconds(2),
                flush: .milliseconds(250)))
        driver.live = [.quiesce: 1, .jobs: 1, .services: 1]
        let begin = driver.after(.zero)
        driver.begin()
        driver.advanceAll()
        #expect(driver.runTimer() == [.cancel(.quiesce, until: driver.after(.microseconds(687_500)))])
        while driver.stage != .phase(.services) { driver.runTimer() }
        #expect(driver.now.duration(since: begin) < .seconds(2))
        #expect(try #require(driver.wait) > .milliseconds(800))
    }

    @Test func whatEndsInItsGraceWasCancelledAndNotAbandoned() {
        driver.live = [.jobs: 1, .services: 1]
        driver.begin()
        driver.advanceAll()
        driver.runTimer()
        driver.pass(.seconds(1))
        driver.live[.jobs] = 0
        driver.advance()
        #expect(driver.history.hasSuffix("jobs cancelled"))
    }

    @Test func theAbsoluteDeadlineHoldsWhateverLives() {
        driver.live = [.announce: 1, .quiesce: 1, .jobs: 1, .services: 1, .flush: 1]
        let end = driver.after(.seconds(60))
        driver.begin()
        #expect(driver.machine.absoluteDeadline == end)
        var steps = 0
        while driver.stage != .finished, steps < 100 {
            steps += 1
            driver.runTimer()
        }
        #expect(driver.stage == .finished)
        #expect(driver.now <= end)
        #expect(driver.live.values.allSatisfy { $0 == 0 })
    }

    @Test func budgetsThatExceedTheTotalAreCutByIt() {
        let driver = DrainDriver(
            DrainBudget(
                timeout: .seconds(4), quiesce: .seconds(100), jobs: .seconds(100), services: .seconds(100),
                flush: .seconds(100)))
        driver.live = [.quiesce: 1, .jobs: 1, .services: 1, .flush: 1]
        driver.begin()
        driver.advance()
        #expect(driver.wait == .seconds(4))
        driver.pass(.seconds(4))
        let actions = driver.advanceAll()
        #expect(actions.filter { if case .abandon = $0 { true } else { false } }.count == 4)
        #expect(actions.last == .finish)
    }

    @Test func budgetsOfNothingEndAtOnce() {
        let none = DrainBudget(timeout: .zero, quiesce: .zero, jobs: .zero, services: .zero, flush: .zero)
        let driver = DrainDriver(none)
        driver.live = [.jobs: 1, .services: 1]
        driver.begin()
        #expect(driver.advanceAll().last == .finish)
    }

    @Test func aSecondOrderChangesNothing() {
        driver.live = [.services: 1]
        driver.begin()
        driver.advanceAll()
        driver.pass(.seconds(30))
        #expect(driver.begin() == [])
        #expect(driver.begin(exits: false) == [])
        #expect(driver.machine.exits, "once it ends the daemon it goes on to do so")
        #expect(driver.left == .seconds(30), "the first order is never replaced by a later, longer one")
        #expect(driver.stage == .phase(.services))
    }

    @Test func anOrderAfterTheEndChangesNothing() {
        driver.begin()
        driver.advanceAll()
        #expect(driver.begin() == [])
        #expect(driver.force() == [])
        #expect(driver.escalate() == [])
        #expect(driver.stage == .finished)
    }

    @Test func aDrainThatHoldsSaysNothingToTheServiceManagerAndStopsAfterTheServices() {
        driver.live = [.flush: 3]
        #expect(driver.begin(exits: false) == [.enter(.announce, until: driver.after(.seconds(60)))])
        #expect(driver.advanceAll().last == .hold)
        #expect(driver.stage == .held)
        #expect(driver.wait == nil)
        driver.pass(.seconds(100_000))
        #expect(driver.advance() == [])
        #expect(driver.begin(exits: false) == [])
        #expect(driver.escalate() == [])
        #expect(driver.live[.flush] == 3)
    }

    @Test func aDrainThatHoldsGoesOnToTheEndWhenItIsTold() {
        driver.live = [.flush: 1]
        driver.begin(exits: false)
        driver.advanceAll()
        driver.pass(.seconds(1_000))
        #expect(driver.begin() == [.announce, .enter(.flush, until: driver.after(.seconds(5)))])
        #expect(driver.runTimer() == [.cancel(.flush, until: driver.after(.seconds(3)))])
        #expect(driver.runTimer() == [.abandon(.flush), .finish])
    }

    @Test func aHoldThatIsToldToEndBeforeItHoldsDoesNotHold() {
        driver.live = [.services: 1]
        driver.begin(exits: false)
        driver.advanceAll()
        driver.pass(.seconds(10))
        #expect(driver.begin() == [.announce])
        #expect(driver.begin() == [])
        #expect(driver.left == .seconds(50))
        driver.live[.services] = 0
        #expect(driver.advanceAll().last == .finish)
    }

    @Test func aSecondSignalCancelsThePhaseAndCapsWhatIsLeft() {
        driver.live = [.services: 1]
        driver.begin()
        driver.advanceAll()
        #expect(driver.escalate() == [.cancel(.services, until: driver.after(.seconds(3)))])
        #expect(driver.left == .seconds(5))
        #expect(driver.wait == .seconds(3))
        driver.pass(.seconds(1))
        #expect(driver.escalate() == [])
        #expect(driver.left == .seconds(4), "a third call of it gives no time back")
    }

    @Test func aSecondSignalDoesNotMakeAnEndThatIsNearerLater() {
        driver.live = [.jobs: 1, .services: 1, .flush: 1, .quiesce: 1]
        driver.begin()
        driver.advanceAll()
        driver.pass(.seconds(58))
        driver.escalate()
        #expect(driver.left == .seconds(2))
        #expect(driver.wait == .milliseconds(400), "of two seconds the services have their share too")
    }

    @Test func forceKillsEverythingAndEndsWithinHalfASecond() {
        driver.live = [.announce: 1, .quiesce: 1, .jobs: 1, .services: 1, .flush: 1]
        driver.begin()
        let began = driver.now
        let actions = driver.force()
        #expect(
            actions == [
                .killEverything, .abandon(.announce), .abandon(.quiesce), .abandon(.jobs),
                .enter(.services, until: driver.after(.milliseconds(400))),
            ])
        #expect(driver.force() == [], "force comes once")
        for _ in 0..<10 where driver.stage != .finished { driver.runTimer() }
        #expect(driver.stage == .finished)
        #expect(driver.now.duration(since: began) <= .milliseconds(500))
        #expect(driver.machine.forced)
        #expect(driver.history == "announce forced, services forced, flush forced")
    }

    @Test func forceWithoutADrainBeginsOneThatEndsAtOnce() {
        driver.live = [.jobs: 1]
        let actions = driver.force()
        #expect(
            actions == [
                .announce, .killEverything, .abandon(.announce), .abandon(.quiesce), .abandon(.jobs),
                .enter(.services, until: driver.after(.milliseconds(400))),
            ])
        #expect(driver.machine.startedAt == driver.now)
        #expect(driver.advanceAll().last == .finish)
    }

    @Test func forceAmongTheServicesKeepsThePhase() {
        driver.live = [.services: 1]
        driver.begin()
        driver.advanceAll()
        #expect(driver.force() == [.killEverything])
        #expect(driver.wait == .milliseconds(400))
        driver.live[.services] = 0
        #expect(driver.advanceAll().last == .finish)
    }

    @Test func forceDoesNotMakeAnEndThatIsNearerLater() {
        driver.live = [.services: 1]
        driver.begin()
        driver.advanceAll()
        driver.escalate()
        driver.pass(.milliseconds(2_900))
        driver.force()
        #expect(driver.wait == .milliseconds(100), "the grace that was running goes on")
        let late = DrainDriver()
        late.live = [.flush: 1]
        late.begin()
        late.pass(.milliseconds(59_900))
        late.advanceAll()
        late.force()
        #expect(late.left == .milliseconds(100))
    }

    @Test func forceOfADrainThatHoldsEndsIt() {
        driver.live = [.flush: 1]
        driver.begin(exits: false)
        driver.advanceAll()
        driver.pass(.seconds(100_000))
        #expect(driver.force() == [.killEverything, .enter(.flush, until: driver.after(.milliseconds(400)))])
        #expect(driver.machine.exits)
        #expect(driver.wait == .milliseconds(400))
    }
}
