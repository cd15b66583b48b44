import Glibc
import SupdHost
import SupdSystemd

/// Says what a daemon started in this way has of systemd, one fact a line, and sends each argument by sd_notify(3):
/// an environment and descriptors can be made up for a process of its own only.
@main
struct LinkProbe {
    static func main() {
        let link = SystemdLink()
        for problem in link.problems { print("problem:", problem) }
        print("manager:", link.hasServiceManager)
        print("watchdog:", link.watchdogInterval.map { "\($0)" } ?? "none")
        print("journal:", link.hasJournal)
        for name in ["control", "other", "control"] {
            guard let socket = link.takeDescriptor(named: name) else {
                print("socket \(name): none")
                continue
            }
            print("socket \(name): \(socket), close-on-exec \(fcntl(socket, F_GETFD) & FD_CLOEXEC != 0)")
        }
        for state in CommandLine.arguments.dropFirst() { print("notify:", link.notify(state)) }
    }
}
