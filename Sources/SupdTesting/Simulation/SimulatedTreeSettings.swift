package import SupdHost

/// What became of the settings of trees: each call that was made, and what it is answered with.
package struct SimulatedTreeSettings {
    /// A call of `apply`.
    package struct Application: Hashable, Sendable {
        /// What was wanted.
        package var settings: TreeSettings
        /// What was there before, as the daemon has it.
        package var former: TreeSettings
        /// Whose they are.
        package var tree: ProcessTree
    }

    /// The calls in their order.
    package internal(set) var applications: [Application] = []
    /// What comes of one.
    package var report: (Application) -> TreeSettingsReport = { _ in TreeSettingsReport() }
}

extension SimulatedHost {
    /// Notes it, and answers what the script says.
    package func apply(
        _ settings: TreeSettings, insteadOf former: TreeSettings, to tree: ProcessTree
    ) -> TreeSettingsReport {
        let application = SimulatedTreeSettings.Application(settings: settings, former: former, tree: tree)
        treeSettings.applications.append(application)
        return treeSettings.report(application)
    }
}
