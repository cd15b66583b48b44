import SupdEngine
import SupdHost
import SupdPlugin

extension Supervisor {
    /// The instance that `supd run` runs; nil where there may be any number.
    var oneCommand: InstanceID? { settings.runsOneCommand ? fleet.allInstances.first : nil }

    func handleSignal(_ signal: Signal) {
        drain.noteSignal()
        if let command = oneCommand, signal == .cont { return processes.continueMain(of: command) }
        if let command = oneCommand, signal != .term {
            // As every other first process: what a signal means is the command's affair, but for the order to stop.
            if processes.signalMain(of: command, signal) || processes.takeBackSpawn(of: command) {
                return log.debug("\(signal) is passed on")
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
