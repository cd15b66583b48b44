import Glibc
import Greeter
import StandardPlugins
import SupdDaemon

/// A daemon of one's own: a list of plugins and one call.
@main
struct Main {
    static func main() {
        exit(SupdMain.run(plugins: StandardPlugins.all + [Greeter()]))
    }
}
