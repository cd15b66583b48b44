import SupdEngine
import SupdHost
import SupdPlugin

extension Supervisor {
    /// The instance that `supd run` runs; nil where there may be any number.
    var oneCommand: InstanceID? { settings.runsOneCommand ? fleet.allInstances.first { _ in true } : nil }

    func handleSignal(_ signal: Signal) {
        drain.noteSignal()
        if let command = oneCommand, signal == .cont { return processes.continueMain(of: command) }
        if let command = oneCommand, signal != .term {
            // As every other first process: what a signal means is the command's affair, but for the order to stop.
            let wasSent = processes.signalMain(of: command, signal) || processes.takeBackSpawn(of: command)
            return log.debug("\(signal) is passed on\(wasSent ? "" : ", but there is no process")")
        }
        switch signal {
        case let stop where DrainConductor.stopSignals.contains(stop): drain.stop(by: stop)
        case .hup: configuring.reloadBySignal()
        default: log.debug("\(signal) is not used by supd")
        }
    }
}
