import SupdPlugin
import SupdProtocol

/// What `cat` prints: the definition in force as a file would have it, and behind each key where it comes from.
enum DefinitionText {
    static func text(_ services: [DefinedService], showsStandards: Bool) -> String {
        guard !services.isEmpty else { return "no services\n" }
        return services.map { service in
            let inForce = services.first { !$0.outdated && $0.name == base(of: service.name) }
            return text(service, inForce, showsStandards)
        }.joined(separator: "\n")
    }

    /// `inForce` is what is in force of the same service: where the files say that, nothing is to be taken over for an older definition.
    private static func text(_ service: DefinedService, _ inForce: DefinedService?, _ showsStandards: Bool) -> String {
        var text = ""
        if service.outdated {
            let name = DisplayText.safe(service.name)
            text +=
                "# the older definition that \(name) runs by until its next start, as by 'supctl restart \(name)'\n"
        }
        switch service.outdated && inForce?.changed == false ? false : service.changed {
        case true?:
            text += "# the files say something else by now: 'supctl plan' shows what, 'supctl apply' takes it over\n"
        case nil: text += "# its files cannot be read now, so where some keys come from is not known\n"
        case false?: break
        }
        // An instance's name cannot head a table.
        text += "[service.\(key(base(of: service.name)))]\n"
        let keys = service.keys.filter { showsStandards || $0.origin.known != .standard }
        let lines = keys.map { (line: line($0), remark: remark($0, isOutdated: service.outdated)) }
        // Long values leave their neighbours where they are.
        let width = lines.map { DisplayText.width(of: $0.line) }.filter { $0 <= 60 }.max() ?? 0
        for (line, remark) in lines {
            let gap = String(repeating: " ", count: max(0, width - DisplayText.width(of: line)))
            text += "\(line)\(gap)  # \(DisplayText.safe(remark))\n"
        }
        return text
    }

    private static func line(_ key: DefinedKey) -> String {
        DisplayText.safe(key.value.map { "\(key.key) = \($0)" } ?? "# \(key.key) is not shown")
    }

    private static func remark(_ key: DefinedKey, isOutdated: Bool) -> String {
        let place = key.file.map { file in key.line.map { "\(file):\($0)" } ?? file } ?? ""
        let isOfRelations = key.key == "before" || ServiceRelation.Kind(rawValue: key.key) != nil
        let reason = isOfRelations ? "it names services that you may not see" : "it takes the class 'admin'"
        let hint = key.value == nil ? "; \(reason)" : ""
        return switch key.origin.known {
        case .service: place + hint
        case .defaults: "[defaults], \(place)" + hint
        case .standard: "standard" + hint
        case .changed: (isOutdated ? "of the older definition" : "in force; no file says so by now") + hint
        case nil: key.origin.rawValue + (place.isEmpty ? "" : ", \(place)") + hint
        }
    }

    /// The service that an instance is of.
    private static func base(of name: String) -> String { String(name.prefix { $0 != "@" }) }

    /// A name of a service may have dots.
    private static func key(_ name: String) -> String {
        name.utf8.allSatisfy { $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: ":") } ? name : "\"\(name)\""
    }
}
