internal import CSupd
internal import Glibc
package import SupdPlugin

extension LinuxHost {
    /// The monotonic clock, as the last turn of the loop read it.
    package var now: MonotonicInstant {
        loop.thread.assertIsCurrent()
        return loop.now
    }

    /// Reads the monotonic clock again within a turn.
    package func refreshNow() { loop.refreshClock() }

    /// The monotonic clock as it is now.
    package func readClock() -> MonotonicInstant { EventLoop.readClock() }

    /// Wall time, for display only.
    package func wallClock() -> WallTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return WallTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    /// A random number in 0..<1: it spreads restarts, several of which may ask in each turn, and is for nothing that is secret.
    package func random() -> Double { randomness.fraction() }

    /// Delivers `.timer(token)` at `deadline`. A second call with the same token moves it.
    package func arm(_ token: TimerToken, at deadline: MonotonicInstant) { loop.arm(token, at: deadline) }

    /// Takes a timer back. Nothing where it is not armed.
    package func disarm(_ token: TimerToken) { loop.disarm(token) }

    /// For how many milliseconds nothing may have happened before memory is given back.
    private static let quietBeforeGivingBack: Int32 = 250

    /// After how many milliseconds in which nothing happens the host has something to do by itself; nil where it has nothing.
    private var quiet: Int32? {
        if !owed.isEmpty { return Self.quietBeforeOwed }
        return givesBackMemory ? Self.quietBeforeGivingBack : nil
    }

    /// So many control groups are removed, each in a twentieth of a millisecond, before the loop looks what has happened.
    private static let removalsAtOnce = 8

    /// What other threads use to have closures run on the loop's thread; it may outlive the host, and is then never read.
    package var mailbox: LoopMailbox { loop.mailbox }

    /// Has `closure` run on the loop's thread, inside `wait`. Other threads call it by way of `mailbox`.
    package func submit(_ closure: @escaping @Sendable () -> Void) { loop.mailbox.submit(closure) }

    /// Waits until something happens. Also returns, with nothing perhaps, when closures that were submitted have run.
    package func wait(into events: inout [HostEvent]) {
        loop.thread.assertIsCurrent()
        let before = events.count
        // Most turns have nothing of this: to ask first is a tenth of what the calls take.
        if !newLeaders.isEmpty { writeLeaders() }
        if !groups.isAtRest {
            groups.endTurn()
            groups.removeLeaving(atMost: 1)
        }
        spawns.patience = SpawnTable.patience
        socketPatience = Self.usualSocketPatience
        outputs.beginTurn()
        // What ended is found before the orphans are asked about again.
        defer {
            orphans = nil
            lastSignalled = nil
            procfs.wasBlind = false
            looks.beginTurn()
        }
        while true {
            if controlSocketIsDisturbed {
                controlSocketIsDisturbed = false
                events.append(.controlSocketDisturbed)
            }
            if errorFile?.takeRoom() == true { events.append(.writable(standardError)) }
            if orphansMayHaveEnded { reapOrphans(into: &events) }
            let start = events.count
            let turn = loop.turn(
                into: &events,
                mayBlock: start == before && !orphansMayHaveEnded && spawns.told.isEmpty && groups.leaving.isEmpty
                    && !owedAreOverdue && !outputs.hasTold,
                quiet: quiet)
            if turn.wasQuiet, owed.isEmpty { giveBackWhatIsLeft() }
            for index in start..<events.count {
                switch events[index] {
                case .exited(let handle): processes.setEndWasTold(handle, true)
                // Children that could not be collected, or looked for, may be there still.
                case .adoptedReaped(0): orphansMayHaveEnded = true
                default: break
                }
                if isOfControlSocketFiles(events[index]) { events[index] = .controlSocketDisturbed }
            }
            if events[start...].contains(.adoptedReaped(0)) { sendLateSignals() }
            if !owed.isEmpty { sendOwed(isQuiet: turn.wasQuiet) }
            let hasAnswered = (turn.looksAreDue || !descriptions.isEmpty) && lookOn()
            if !unreadable.isEmpty {
                events += unreadable.map { .unreadable($0) }
                unreadable = []
            }
            if poolWork.isBusy { poolWork.tell(into: &events) }
            if outputs.hasTold { outputs.tell(into: &events) }
            if waitsForSpawns {
                // What a program does, or is sent, comes after it has begun.
                var begun: [HostEvent] = []
                lookAtSpawns(isDue: turn.spawnsAreDue, into: &begun)
                events.insert(contentsOf: begun, at: start)
            }
            if turn.childrenEnded {
                orphansMayHaveEnded = true
                tellStop(into: &events)
            }
            if turn.returnsToOwner || hasAnswered || events.count > before { return }
            groups.removeLeaving(atMost: Self.removalsAtOnce)
        }
    }
}
