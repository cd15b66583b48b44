import Backoffs
import Glibc
import RestartPolicies
import SupdDaemon

/// A daemon with plugins that behave as a test tells them to: each word in `[plugins.trouble] does` is one trouble.
@main
struct Main {
    static func main() {
        exit(SupdMain.run(plugins: [RestartPolicies(), Backoffs(), Trouble(), Recorder()]))
    }
}
