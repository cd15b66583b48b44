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
private struct Interruption {
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
        Leftovers.note(words: "supctl: interrupted; the order stands, and 'supctl status' shows how far it is\n")
    }
}
