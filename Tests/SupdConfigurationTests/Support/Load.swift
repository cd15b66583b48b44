import Backoffs
import RestartPolicies
import SupdConfiguration
import SupdPlugin
import Testing

/// Loads a configuration from memory with the policies that come with supd.
struct Load {
    static let plugins = PluginRegistrar([RestartPolicies(), Backoffs(), LoadBalancer()])

    /// The main file's path.
    static let path = "/etc/supd/supd.toml"

    /// A world with users and groups enough for every test.
    static func sources(_ files: [String: String]) -> MemorySources {
        var sources = MemorySources(files)
        sources.users += [
            UserRecord(name: "www-data", uid: 33, gid: 33, home: "/var/www", shell: "/usr/sbin/nologin"),
            UserRecord(name: "jo", uid: 1000, gid: 1000, home: "/home/jo", shell: "/bin/bash"),
        ]
        sources.groups = ["root": 0, "adm": 4, "ssl-cert": 113, "www-data": 33, "jo": 1000, "video": 44]
        sources.members = ["adm": ["jo"], "ssl-cert": ["www-data"]]
        return sources
    }

    static func load(_ text: String, _ files: [String: String] = [:]) -> Result<Configuration, ConfigurationFaults> {
        let all = files.merging([path: text]) { $1 }
        return ConfigurationLoader(plugins: plugins, sources: sources(all)).load(path: path)
    }

    /// The configuration of a text that must have no fault.
    static func good(_ text: String, _ files: [String: String] = [:]) throws -> Configuration {
        try load(text, files).get()
    }

    /// The faults of a text as `LINE:COLUMN: message`, the path left away.
    static func faults(_ text: String, _ files: [String: String] = [:]) -> [String] {
        guard case .failure(let faults) = load(text, files) else { return [] }
        return faults.faults.map { fault in
            let text = fault.description
            return text.hasPrefix(path + ":") ? String(text.dropFirst(path.count + 1)) : text
        }
    }

    /// The warnings of a text that must have no fault, as `LINE:COLUMN: warning: message`.
    static func warnings(_ text: String, _ files: [String: String] = [:]) throws -> [String] {
        try good(text, files).warnings.map { warning in
            let text = warning.description
            return text.hasPrefix(path + ":") ? String(text.dropFirst(path.count + 1)) : text
        }
    }

    /// The service `web` whose table has `lines` beside a command.
    static func service(_ lines: String = "", defaults: String = "") throws -> ServiceConfiguration {
        let configuration = try good(
            "[defaults]\n\(defaults)\n[service.web]\nexec_start = \"/bin/web\"\n\(lines)\n")
        return try #require(configuration.services.first)
    }

    /// The one fault of the service `web` that has `line` on line 3.
    static func fault(_ line: String) throws -> String {
        let faults = faults("[service.web]\nexec_start = \"/bin/web\"\n\(line)\n")
        try #require(faults.count == 1, "\(faults)")
        return faults[0]
    }
}
