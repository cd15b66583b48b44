import SupdHost
import SupdPlugin

extension Supervisor {
    func handleSignal(_ signal: Signal) {
        drain.noteSignal()
        if let command = oneCommand, signal == .cont { return continueMain(of: command) }
        if let command = oneCommand, signal != .term {
            // As every other first process: what a signal means is the command's affair, but for the order to stop.
            let wasSent = signalMain(of: command, signal) || takeBackSpawn(of: command)
            return log.debug("\(signal) is passed on\(wasSent ? "" : ", but there is no process")")
        }
        switch signal {
        case let stop where DrainConductor.stopSignals.contains(stop): drain.stop(by: stop)
        case .hup: reloadBySignal()
        default: log.debug("\(signal) is not used by supd")
        }
    }
}
