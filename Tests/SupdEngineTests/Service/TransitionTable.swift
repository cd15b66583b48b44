import SupdEngine
import Testing

/// The whole machine: what each event makes of each situation.
///
/// A block for each situation of `MachineSituations`, a line for each event that changes something, and under
/// `nothing` the events that change nothing but, for an order, its cause. A cell reads
/// `phase desired[, stop wanted][, killed][, timer until then] → actions`.
enum TransitionTable {
    static var text: String {
        [notStopping, spawning, stoppingByOrder, stoppingByItself, withHooks, probed, stayingUp, withCommands].joined(
            separator: "\n\n")
    }

    /// Situation → event → cell; nil for a cell that says nothing.
    static let rows: [String: [String: String?]] = {
        var rows: [String: [String: String?]] = [:]
        for block in text.split(separator: "\n\n") {
            let lines = block.split(separator: "\n")
            guard let situation = lines.first else { continue }
            var cells: [String: String?] = [:]
            for line in lines.dropFirst() {
                guard let colon = line.firstIndex(of: ":") else { continue }
                let event = line[..<colon].drop { $0 == " " }
                let outcome = line[line.index(after: colon)...].drop { $0 == " " }
                if event == "nothing" {
                    for name in outcome.split(separator: ",") { cells[String(name.drop { $0 == " " })] = .some(nil) }
                } else {
                    cells[String(event)] = String(outcome)
                }
            }
            rows[String(situation)] = cells
        }
        return rows
    }()
}

@Suite struct TransitionTableTests {
    @Test func noCellIsMissingAndNoneIsOfNothing() {
        let events = Set(MachineEvents.all.map(\.name))
        #expect(Set(TransitionTable.rows.keys) == Set(MachineSituations.all.map(\.name)))
        for (situation, cells) in TransitionTable.rows { #expect(Set(cells.keys) == events, "\(situation)") }
    }

    @Test(arguments: MachineSituations.all.map(\.name))
    func everyCellIsAsTheTableSays(name: String) throws {
        let situation = try #require(MachineSituations.all.first { $0.name == name })
        let row = try #require(TransitionTable.rows[name])
        for event in MachineEvents.all {
            let expected = try #require(row[event.name], "no cell for \(event.name)")
            let actual = CellText.outcome(of: event.send, in: situation)
            #expect(actual == expected, "\(name), \(event.name)")
        }
    }

    @Test(arguments: MachineSituations.all.map(\.name))
    func everySituationIsSoundBeforeAndAfterEveryEvent(name: String) throws {
        let situation = try #require(MachineSituations.all.first { $0.name == name })
        for event in MachineEvents.all {
            let driver = situation.driver()
            #expect(driver.machine.faults() == [])
            _ = event.send(driver)
            #expect(driver.machine.faults() == [], "\(event.name)")
        }
    }
}
