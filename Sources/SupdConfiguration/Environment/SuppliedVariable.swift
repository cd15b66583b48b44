package import SupdPlugin

/// What supd itself puts into the environment of what it runs for a service, beside what the service says: the one list, by which the
/// daemon names them and a configuration is checked.
package enum SuppliedVariable: String, CaseIterable, Sendable {
    case invocationID = "INVOCATION_ID"
    case service = "SUPD_SERVICE"
    case instance = "SUPD_INSTANCE"
    /// The mark by which processes are known.
    case invocation = "SUPD_INVOCATION"
    case notifySocket = "NOTIFY_SOCKET"
    case watchdogInterval = "WATCHDOG_USEC"
    case watchdogProcess = "WATCHDOG_PID"
    case listenCount = "LISTEN_FDS"
    case listenNames = "LISTEN_FDNAMES"
    case listenProcess = "LISTEN_PID"
    case journalStream = "JOURNAL_STREAM"
    case mainProcess = "MAINPID"
    case result = "SERVICE_RESULT"
    case exitCode = "EXIT_CODE"
    case exitStatus = "EXIT_STATUS"

    /// Whether what runs as `command` of a service, its program for nil, may have it.
    package func isSupplied(to command: ServiceCommand?, of service: ServiceConfiguration) -> Bool {
        let conduct = service.conduct
        switch self {
        case .invocationID, .service, .instance, .invocation: return true
        case .notifySocket:
            return switch conduct.notifyAccess {
            case .none: false
            case .main: command == nil
            case .exec, .all: true
            }
        case .watchdogInterval, .watchdogProcess: return command == nil && conduct.watchdog != nil
        case .listenCount, .listenNames, .listenProcess:
            return command == nil && (!service.sockets.isEmpty || conduct.fileDescriptorStoreMax > 0)
        case .journalStream: return conduct.log.sink == .journalDirect
        case .mainProcess: return [.startPost, .reload, .stop].contains(command)
        case .result, .exitCode, .exitStatus: return [.stop, .stopPost].contains(command)
        }
    }

    /// Whether it is known when the variables in a command are replaced. The others are made with the process.
    package var isInCommands: Bool {
        switch self {
        case .invocationID, .service, .instance, .notifySocket, .watchdogInterval, .mainProcess, .result, .exitCode,
            .exitStatus:
            true
        case .invocation, .watchdogProcess, .listenCount, .listenNames, .listenProcess, .journalStream: false
        }
    }
}
