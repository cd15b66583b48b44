import SupdEngine
import SupdHost
import SupdPlugin

extension Supervisor {
    /// The instance that `supd run` runs; nil where there may be any number.
    var oneCommand: InstanceID? { settings.runsOneCommand ? fleet.allInstances.first : nil }

    /// Whether a signal ends what has not said what is to become of it (signal(7)).
    private static func endsAStart(_ signal: Signal) -> Bool {
        !["SIGCHLD", "SIGCONT", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG", "SIGWINCH"].contains(signal.description)
    }

    func handleSignal(_ signal: Signal) {
        drain.noteSignal()
        if let command = oneCommand, signal == .cont { return processes.continueMain(of: command) }
        if let command = oneCommand, signal != .term {
            // As every other first process: what a signal means is the command's affair, but for the order to stop.
            if processes.signalMain(of: command, signal) { return log.debug("\(signal) is passed on") }
            if processes.pendingStep(of: command) != nil {
                // What would end a program that does not know it ends a start, and nothing else does.
                guard Self.endsAStart(signal), processes.takeBackSpawn(of: command) else {
                    return log.debug("\(signal) is for nobody: the program is not begun")
                }
                return log.debug("\(signal) ends the start")
            }
            // Between two runs of it nobody else can take it: Ctrl-C, or a terminal that hangs up, is meant for the whole.
            if signal == .hup { return drain.stop(by: signal) }
        }
        switch signal {
        case let stop where DrainConductor.stopSignals.contains(stop): drain.stop(by: stop)
        case .hup: configuring.reloadBySignal()
        default: log.debug("\(signal) is not used by supd")
        }
    }
}
