package import SupdPlugin
import SupdTOML

/// What a service that is in force is told, key by key, and where the files say so by now.
///
/// What is in force is kept as its `text` alone; the files are read again for the places, and where they do not say the same any more
/// that is told in place of one.
package struct DefinitionInForce: Hashable, Sendable {
    /// One key.
    package struct Key: Hashable, Sendable {
        /// Its path in the table: `log.file`.
        package var path: String
        /// Its value, as TOML spells it.
        package var value: String
        /// Where it comes from.
        package var origin: Origin
        /// Whether its value may be a secret.
        package var isDelicate: Bool

        /// The services that its value names, where it says how services relate; nil where that is not known.
        package var services: [ServiceName]? { ToldValues.services(namedBy: path, value) }
    }

    /// Where a key comes from.
    package enum Origin: Hashable, Sendable {
        /// The service's own table.
        case service(file: String, line: Int)
        /// `[defaults]`.
        case defaults(file: String, line: Int)
        /// Nowhere: it holds without being said.
        case standard
        /// No file says so any more.
        case changed
    }

    /// The keys that are set, in their order, then those that are not and whose standard value can be spelled.
    package var keys: [Key]
    /// Whether the files say something else of the service by now; nil where they cannot be read.
    package var hasChanged: Bool?
}

extension ConfigurationLoader {
    /// Of each of `services`, which are in force, what it is told, by the file at `path` and all that it includes.
    package func definitions(of services: [ServiceConfiguration], path: String) -> [DefinitionInForce] {
        let written = WrittenServices(
            path: path, names: Set(services.map(\.name)), context: LoadContext(plugins: plugins, sources: sources))
        return services.map { service in DefinitionInForce(of: service, beside: written) }
    }
}

/// The tables of some services, and `[defaults]`, as the files have them now.
private struct WrittenServices {
    private var tables = [ServiceName: KnownSettings<ServiceKey>]()
    private var defaults: KnownSettings<ServiceKey>?
    private let context: LoadContext
    let areComplete: Bool

    init(path: String, names: Set<ServiceName>, context: LoadContext) {
        self.context = context
        let (roots, isComplete) = FileReader.read(path, context: context)
        areComplete = isComplete
        for (key, setting) in roots.flatMap(\.list) where !setting.isRepetition {
            switch key {
            case .defaults where defaults == nil: defaults = setting.value.settings.map(KnownSettings.init(knownOf:))
            case .service:
                for table in setting.value.settings?.list ?? [] where !table.isRepetition {
                    guard let name = ServiceName(table.key), names.contains(name), tables[name] == nil else { continue }
                    tables[name] = table.value.settings.map(KnownSettings.init(knownOf:))
                }
            case .defaults, .include, .supervisor, .plugins: break
            }
        }
        defaults?.remove(ServiceKey.notInDefaults)
    }

    /// One key as it is written.
    struct Key {
        var value: String
        /// As the text of a service keeps it; nil where it counts as not set.
        var kept: ArraySlice<UInt8>?
        var origin: DefinitionInForce.Origin
    }

    /// The keys that are written for `service`, by their paths; nil where it has no table.
    func keys(of service: ServiceConfiguration) -> [String: Key]? {
        guard let own = tables[service.name] else { return nil }
        var keys = [String: Key]()
        service.forEachHeeded(own.over(defaults), context: context) { key, setting, parent, spelling in
            let isOwn = parent == nil ? own[key] : own[key]?.value.settings?[setting.key]
            let file = context.faults.file(setting.place.file)
            var builder = SettingsText.Builder()
            builder.add(setting, in: parent, as: spelling)
            var path = ValueText()
            if let parent { path.add("\(parent).") }
            path.addKey(setting.key)
            var value = ValueText()
            value.add(setting.value.node.value, as: spelling.shown)
            keys[String(decoding: path.bytes, as: UTF8.self)] = Key(
                value: String(decoding: value.bytes, as: UTF8.self), kept: builder.text().entries.first?.value,
                origin: isOwn == nil
                    ? .defaults(file: file, line: setting.place.line) : .service(file: file, line: setting.place.line))
        }
        return keys
    }
}

extension DefinitionInForce {
    fileprivate init(of service: ServiceConfiguration, beside written: WrittenServices) {
        let found = written.keys(of: service)
        var rest = found ?? [:]
        var set: [Key] = []
        var hasChanged = false
        for entry in service.text.entries {
            let path = String(decoding: entry.key, as: UTF8.self)
            if let key = rest.removeValue(forKey: path), key.kept == entry.value {
                set.append(Key(path, key.value, key.origin))
            } else {
                hasChanged = true
                set.append(Key(path, service.valueInForce(of: path, kept: entry.value), .changed))
            }
        }
        for (path, key) in rest {
            // What says what holds without it is in force as well; anything else is new.
            if key.kept == nil { set.append(Key(path, key.value, key.origin)) } else { hasChanged = true }
        }
        set.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        keys = set + service.standards(beside: set.map(\.path))
        self.hasChanged = found == nil && !written.areComplete ? nil : hasChanged || found == nil
    }
}

extension DefinitionInForce.Key {
    fileprivate init(_ path: String, _ value: String, _ origin: DefinitionInForce.Origin) {
        self.path = path
        self.value = value
        self.origin = origin
        isDelicate = origin != .standard && ToldValues.isDelicate(path, value)
    }
}

extension ServiceConfiguration {
    /// A value that no file has any more, as far as it is kept.
    fileprivate func valueInForce(of path: String, kept: ArraySlice<UInt8>) -> String {
        guard kept.starts(with: SettingsText.hiddenMark.utf8) else { return String(decoding: kept, as: UTF8.self) }
        let variable = environment.first { "\(ServiceKey.environment.rawValue).\($0.name)" == path }
        var text = ValueText()
        text.addString(variable?.value ?? "")
        return String(decoding: text.bytes, as: UTF8.self)
    }

    /// The keys that are not `set`, with what holds without them.
    fileprivate func standards(beside set: [String]) -> [DefinitionInForce.Key] {
        let set = Set(set)
        var keys: [DefinitionInForce.Key] = []
        for key in ServiceKey.allCases where !set.contains(key.rawValue) {
            if key == .log {
                for member in LogKey.allCases where !set.contains("log.\(member.rawValue)") {
                    guard conduct.log.sink == .file || !LogKey.ofFile.contains(member) else { continue }
                    guard let value = member.spelling.standard else { continue }
                    keys.append(.init("log.\(member.rawValue)", value, .standard))
                }
            } else if let value = standard(of: key), !isSaidOtherwise(key, set) {
                keys.append(.init(key.rawValue, value, .standard))
            }
        }
        return keys.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }

    /// Steps of a stop are said in one of two ways; and some keys are not for a oneshot.
    private func isSaidOtherwise(_ key: ServiceKey, _ set: Set<String>) -> Bool {
        if conduct.type == .oneshot, ServiceKey.notOfOneshot.contains(key) { return true }
        return key == .stopSteps || StopReader.oneStep.contains(key) && set.contains(ServiceKey.stopSteps.rawValue)
    }

    /// What holds where the key at `path` is not set; nil where that is nothing.
    func standard(of path: String) -> String? {
        let parts = path.split(separator: ".", maxSplits: 1).map(String.init)
        let value =
            parts.count == 2 && parts[0] == ServiceKey.log.rawValue
            ? LogKey(rawValue: parts[1])?.spelling.standard : ServiceKey(rawValue: path).flatMap(standard(of:))
        return value == "[]" || value == "\"\"" ? nil : value
    }

    /// Some depend on other keys, or on what is compiled in.
    private func standard(of key: ServiceKey) -> String? {
        switch key {
        case .timeoutStart: standardTimeoutStartText
        case .restart: "\"\(conduct.restartName)\""
        case .backoff: "\"\(conduct.backoffName)\""
        case .notifyAccess: "\"\(conduct.notifyAccess.rawValue)\""
        default: key.spelling.standard ?? (key.spelling.isList ? "[]" : nil)
        }
    }
}

extension ValueSpelling {
    /// The same of a value that is to be seen.
    fileprivate var shown: ValueSpelling {
        guard case .hidden = item else { return self }
        return ValueSpelling(isList: isList, standard: standard)
    }
}
