import Glibc
import StandardPlugins
import SupdDaemon

/// A list of plugins and one call.
@main
struct Main {
    static func main() {
        exit(SupdMain.run(plugins: StandardPlugins.all))
    }
}
