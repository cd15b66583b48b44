import SupdPlugin
import SupdProtocol

extension Supervisor {
    /// The plugins, and what they bring by the options of now.
    var pluginList: PluginList { PluginList(plugins.catalogue.registrar, plugins) }
}

extension PluginList {
    /// What `plugins` bring, as far as it is known without running them; with `host`, also what runs.
    init(_ plugins: PluginRegistrar, _ host: PluginHost? = nil) {
        self.init(
            plugins: plugins.plugins.map { plugin in
                let name = plugin.name
                func names<Value>(_ table: PluginTable<Value>) -> [String] {
                    table.entries.values.filter { $0.plugin == name }.map { "\(table.kind) \($0.name)" }.sorted()
                }
                var brings = names(plugins.restartPolicies) + names(plugins.backoffs) + names(plugins.shutdownHooks)
                brings += names(plugins.readinessProbes) + names(plugins.healthProbes) + names(plugins.logSinks)
                if let host {
                    brings += host.catalogue.daemonHooks.filter { $0.plugin == name }.map { "hook \($0.name)" }
                    brings += host.catalogue.jobs.filter { $0.plugin == name }.map { "job \($0.name)" }
                    brings += host.sinks.events.filter { $0.plugin == name && $0.stage != .leaves }.map {
                        "event sink \($0.name)"
                    }
                    brings += host.catalogue.methods.filter { $0.value.plugin == name }.map { "method \($0.key)" }
                        .sorted()
                }
                return PluginStatus(
                    name: name, version: plugin.version, summary: plugin.summary, brings: brings,
                    options: plugin.options.map(PluginOption.init))
            })
    }
}

extension PluginOption {
    init(_ declaration: OptionDeclaration) {
        self.init(
            name: declaration.name, type: declaration.type.text, standard: declaration.standard?.text,
            summary: declaration.summary, options: declaration.type.tableOptions.map(PluginOption.init))
    }
}

extension OptionType {
    /// The type in words.
    var text: String {
        switch self {
        case .duration: "a duration"
        case .number(let range): "a number from \(range.lowerBound) to \(range.upperBound)"
        case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .word(let words): words.joined(separator: "|")
        case .boolean: "true or false"
        case .text: "a text"
        case .path: "an absolute path"
        case .texts: "a list of texts"
        case .command: "a command"
        case .exitStatuses: "a list of exit codes and signals"
        case .service: "the name of a service"
        case .tables: "a list of tables"
        }
    }

    /// What each of the tables may say, of a list of tables.
    fileprivate var tableOptions: [OptionDeclaration] {
        if case .tables(let declarations) = self { return declarations }
        return []
    }
}

extension OptionValue {
    /// The value as the configuration would have it.
    var text: String {
        switch self {
        case .duration(let value): "\"\(value.text)\""
        case .number(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .word(let value), .text(let value): QuotedText.quote(value)
        case .boolean(let value): "\(value)"
        case .texts(let values): "[\(values.map { QuotedText.quote($0) }.joined(separator: ", "))]"
        case .exitStatuses(let set): set.text
        case .tables(let tables): tables.isEmpty ? "[]" : "[\(plural(tables.count, "table"))]"
        }
    }
}
