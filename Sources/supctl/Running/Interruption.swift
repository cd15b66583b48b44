import Glibc
import SupdConnection
import SupdProtocol

extension ControlConnection {
    /// Sends an order whose result is waited for. Ctrl-C from then on ends the waiting and not the order, and says so.
    mutating func giveOrder(_ call: Request.Call, timeout: Duration?) throws(ClientError) -> RequestID {
        let held = Interruption()
        defer { held.letGo() }
        let id = try begin(call, timeout: timeout)
        Interruption.sayThatTheOrderStands()
        return id
    }
}

/// Keeps SIGINT waiting: an order is given by then, or it is not.
struct Interruption {
    private var before = sigset_t()

    init() {
        var interrupt = sigset_t()
        sigemptyset(&interrupt)
        sigaddset(&interrupt, SIGINT)
        sigprocmask(SIG_BLOCK, &interrupt, &before)
    }

    func letGo() {
        var before = before
        sigprocmask(SIG_SETMASK, &before, nil)
    }

    /// Has SIGINT say so before it ends this process.
    static func sayThatTheOrderStands() {
        Leftovers.note(words: "supctl: interrupted; the order stands, and '\(command) status' shows how far it is\n")
    }

    /// How the daemon is asked that the order was given to.
    nonisolated(unsafe) static var command = "supctl"

    /// The same of several hosts, of which `host` is one more that it was given to.
    static func sayThatTheOrderStands(on host: String) {
        hosts.append(host)
        let names = DisplayText.safe(hosts.joined(separator: ","))
        let how = "'supctl -H \(names) status' shows how far it is"
        Leftovers.note(words: "supctl: interrupted; what was ordered of \(names) stands, and \(how)\n")
    }

    nonisolated(unsafe) private static var hosts: [String] = []
}
