import SupdConfiguration
import SupdEngine
import SupdPlugin
import SupdProtocol

/// What the daemon goes by: the last configuration that was put into effect.
struct ConfigurationInForce: Sendable {
    var supervisor: SupervisorConfiguration
    var plugins: [String: PluginOptions]
    var pluginTexts: [String: SettingsText]
    /// In the order of the files.
    var definitions: [ServiceDefinition]

    /// The same as a loader answers it.
    var configuration: Configuration {
        var configuration = Configuration(
            supervisor: supervisor, services: definitions.map(\.configuration), plugins: plugins)
        configuration.pluginTexts = pluginTexts
        return configuration
    }
}

/// A configuration that was read anew, made ready beside the loop for the moment in which it is put into effect.
struct PreparedConfiguration: Sendable {
    /// What it changes of what is in force.
    let plan: ConfigurationPlan
    let supervisor: SupervisorConfiguration
    let plugins: [String: PluginOptions]
    let pluginTexts: [String: SettingsText]
    /// In the order of the files. A service that says the same has the definition that it had.
    let definitions: [ServiceDefinition]
    /// Who depends on whom, by the places of `definitions`.
    let graph: DependencyGraph
    /// The changes, by service.
    let changes: [ServiceName: ServiceChange]
    /// What who asks is answered.
    let reply: ConfigurationPlanReply
    /// Nothing is different, nor in another order.
    let changesNothing: Bool
    /// The plugins whose options change, with what they bring by the new ones.
    let revival: PluginRevival
    let warnings: [ConfigurationFault]
    /// What it was read from.
    let stamps: [FileStamp]

    /// What `new`, read from `path`, comes to, where `old` is in force. Takes time in proportion to both.
    init(
        _ new: Configuration, from path: String, beside old: ConfigurationInForce, plugins registrar: PluginRegistrar
    ) throws(ConfigurationRefusal) {
        plan = ConfigurationPlan(from: old.configuration, to: new)
        reply = ConfigurationPlanReply(plan, path: path)
        let changes = Dictionary(uniqueKeysWithValues: plan.services.map { ($0.name, $0) })
        let former = Dictionary(
            old.definitions.map { ($0.configuration.name, $0) }, uniquingKeysWith: { first, _ in first })
        definitions = new.services.map { service in
            if changes[service.name] == nil, let former = former[service.name] { return former }
            return ServiceDefinition(service)
        }
        let isInPlace =
            definitions.count == old.definitions.count && zip(definitions, old.definitions).allSatisfy { $0 === $1 }
        changesNothing = isInPlace && plan.supervisor.isEmpty && plan.plugins.isEmpty
        do throws(DependencyError) {
            graph = try DependencyGraph(definitions.map { ServiceRelations($0.configuration) })
        } catch {
            throw .dependencies(error)
        }
        do throws(PluginRefusal) {
            revival = try PluginRevival(registrar, names: plan.plugins.map(\.name), options: new.plugins)
        } catch {
            throw .plugin(error)
        }
        supervisor = new.supervisor
        plugins = new.plugins
        pluginTexts = new.pluginTexts
        warnings = new.warnings
        stamps = new.files
        self.changes = changes
    }
}
