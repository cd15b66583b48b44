public import SupdPlugin

/// One word that selects instances: a service's name (all its instances), an instance's name (`web@2`), a glob
/// over either (`web@*`), `tag:WORD`, or `state:fatal`.
public struct ServiceSelector: Hashable, Sendable, CustomStringConvertible {
    private enum Form: Hashable, Sendable {
        case name
        case glob(Glob)
        case tag(String)
        case state(ServiceState?)
    }

    /// The word as it was given.
    public let description: String
    private let form: Form

    /// The selector that `text` says. Every text is one; it may select nothing.
    public init(_ text: String) {
        description = text
        if text.hasPrefix("tag:") {
            form = .tag(String(text.dropFirst(4)))
        } else if text.hasPrefix(Self.statePrefix) {
            form = .state(ServiceState(rawValue: text.dropFirst(Self.statePrefix.count).uppercased()))
        } else if Glob.isPattern(text) {
            form = .glob(Glob(text))
        } else {
            form = .name
        }
    }

    /// What a selector by state begins with; the state's name may be in small letters.
    public static let statePrefix = "state:"

    /// The name it selects where it is nothing else, to look up instead of trying every instance.
    public var exactName: String? {
        form == .name ? description : nil
    }

    /// What the names begin with that a glob selects which is open at its end alone, `web@` of `web@*`; nil for every other selector.
    package var openPrefix: String? {
        guard case .glob = form, description.hasSuffix("*") else { return nil }
        let prefix = String(description.dropLast())
        return prefix.isEmpty || Glob.isPattern(prefix) ? nil : prefix
    }

    /// The tag that it selects by.
    public var tag: String? {
        guard case .tag(let tag) = form else { return nil }
        return tag
    }

    /// The state that it selects by; nil for none, and for one that there is not.
    public var state: ServiceState? {
        guard case .state(let state) = form else { return nil }
        return state
    }

    /// Whether it selects by a state, be it one that there is not.
    public var isByState: Bool {
        guard case .state = form else { return false }
        return true
    }

    /// Whether it selects the instance `name`, which is in `state`, of a service with these tags.
    public func matches(_ name: InstanceName, tags: [String] = [], state: ServiceState? = nil) -> Bool {
        switch form {
        case .state(let wanted):
            return wanted != nil && wanted == state
        case .tag(let tag):
            return tags.contains(tag)
        case .glob(let glob):
            return glob.matches(name.service.rawValue) || (name.index != nil && glob.matches(name.description))
        case .name:
            if name.service.rawValue == description { return true }
            return name.index != nil && name.description == description
        }
    }
}
