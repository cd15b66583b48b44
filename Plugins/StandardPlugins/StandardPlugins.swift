import Backoffs
import Notify
import Probes
import RestartPolicies
import Schedule
import ShutdownHooks
public import SupdPlugin

/// The plugins that come with supd: what the program `supd` has, and what a supd of your own starts from.
///
/// ```swift
/// SupdMain.run(plugins: StandardPlugins.all + [NightShift()])
/// ```
///
/// The defaults of services are theirs when they come first in the list: the restart policy `on-failure`, the backoff
/// `exponential`. A daemon that is to do without one of them lists those it wants; each is a library of its own.
public enum StandardPlugins {
    /// RestartPolicies, Backoffs, ShutdownHooks, Probes, Notify and Schedule, made anew at each call.
    public static var all: [any Plugin] {
        [RestartPolicies(), Backoffs(), ShutdownHooks(), Probes(), Notify(), Schedule()]
    }
}
