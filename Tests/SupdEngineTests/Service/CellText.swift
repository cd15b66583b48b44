import SupdEngine
import SupdPlugin

/// A cell of the table as text: `phase desired [stop wanted] [timer] → actions`.
enum CellText {
    /// What `event` makes of a machine in `situation`; nil where it changes nothing but, for an order, its cause.
    static func outcome(
        of event: (MachineDriver) -> [ServiceAction], in situation: MachineSituations.Situation
    ) -> String? {
        let driver = situation.driver()
        let before = snapshot(driver.machine)
        let actions = event(driver)
        guard !actions.isEmpty || snapshot(driver.machine) != before else { return nil }
        let machine = driver.machine
        var text = "\(phase(of: machine)) \(machine.desired)"
        if machine.stopRequested { text += ", stop wanted" }
        if machine.killed { text += ", killed" }
        if let wait = driver.wait { text += ", timer \(wait.text)" }
        if !actions.isEmpty { text += " → " + actions.map(self.action).joined(separator: ", ") }
        return text
    }

    /// Everything a machine keeps, its last cause aside.
    static func snapshot(_ machine: ServiceMachine) -> [String] {
        Mirror(reflecting: machine).children.filter { $0.label != "cause" }.map {
            "\($0.label ?? ""): \(String(reflecting: $0.value))"
        }
    }

    private static func phase(of machine: ServiceMachine) -> String {
        switch machine.phase {
        case .stopped: "stopped"
        case .waiting: "waiting"
        case .starting:
            (machine.spawnIsPending
                ? "starting with a spawn" : machine.pid == nil ? "starting" : "starting with a process")
                + (machine.startErrand.map { " (errand \($0.rawValue))" } ?? "")
        case .running: "running"
        case .backoff: "backoff"
        case .exited: "exited"
        case .fatal: "fatal"
        case .stopping(let stop):
            "stopping (\(why(stop)), \(main(machine, stop)), \(step(of: stop, machine))"
                + (stop.errand.map { ", errand \($0.rawValue))" } ?? ")")
        }
    }

    private static func main(_ machine: ServiceMachine, _ stop: StopProgress) -> String {
        machine.spawnIsPending ? "spawn not back" : stop.mainAlive ? "main alive" : "main gone"
    }

    private static func why(_ stop: StopProgress) -> String {
        if case .forced(let reason) = stop.why { return reason.rawValue }
        return "\(stop.why)"
    }

    private static func step(of stop: StopProgress, _ machine: ServiceMachine) -> String {
        guard let step = stop.step else { return "no step" }
        let name = step < machine.settings.stopSteps.count ? "step \(step)" : "kill \(stop.kills)"
        return stop.treeSignaled ? name + " to all" : name
    }

    private static func action(_ action: ServiceAction) -> String {
        switch action {
        case .requestLaunch: "ask to launch"
        case .requestStop: "ask to stop"
        case .spawn(let attempt): "spawn \(attempt)"
        case .signalMain(let signal): "\(signal) to main"
        case .signalGroup(let signal): "\(signal) to group"
        case .signalTree(let signal): "\(signal) to tree"
        case .runErrand(let attempt, let errand): "errand \(attempt) \(errand.rawValue)"
        case .dropErrand(let attempt): "drop errand \(attempt)"
        case .examineTree(let attempt): "examine \(attempt)"
        }
    }
}
