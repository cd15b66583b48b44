import Backoffs
import Glibc
import Notify
import Probes
import RestartPolicies
import Schedule
import ShutdownHooks
import SupdDaemon

/// A list of plugins and one call: the only place that names them.
@main
struct Main {
    static func main() {
        exit(
            SupdMain.run(plugins: [RestartPolicies(), Backoffs(), ShutdownHooks(), Probes(), Notify(), Schedule()]))
    }
}
