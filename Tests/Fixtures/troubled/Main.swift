import Backoffs
import Glibc
import RestartPolicies
import SupdDaemon
import SupdPlugin

/// A daemon with plugins that behave as a test tells them to: each word in `[plugins.trouble] does` is one trouble.
@main
struct Main {
    static func main() {
        let plugins: [any Plugin] = [RestartPolicies(), Backoffs(), Trouble(), Recorder()]
        #if ServiceLifecycle
            exit(SupdMain.run(plugins: plugins + [TroubledService.plugin]))
        #else
            exit(SupdMain.run(plugins: plugins))
        #endif
    }
}
