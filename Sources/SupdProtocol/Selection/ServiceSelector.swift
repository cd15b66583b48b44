public import SupdPlugin

/// One word that selects instances: a service's name (all its instances), an instance's name (`web@2`), a glob
/// over either (`web@*`), or `tag:WORD`.
public struct ServiceSelector: Hashable, Sendable, CustomStringConvertible {
    private enum Form: Hashable, Sendable {
        case name
        case glob(Glob)
        case tag(String)
    }

    /// The word as it was given.
    public let description: String
    private let form: Form

    /// The selector that `text` says. Every text is one; it may select nothing.
    public init(_ text: String) {
        description = text
        if text.hasPrefix("tag:") {
            form = .tag(String(text.dropFirst(4)))
        } else if Glob.isPattern(text) {
            form = .glob(Glob(text))
        } else {
            form = .name
        }
    }

    /// The name it selects where it is neither glob nor tag, to look up instead of trying every instance.
    public var exactName: String? {
        form == .name ? description : nil
    }

    /// The tag that it selects by.
    public var tag: String? {
        guard case .tag(let tag) = form else { return nil }
        return tag
    }

    /// Whether it selects the instance `name` of a service with these tags.
    public func matches(_ name: InstanceName, tags: [String] = []) -> Bool {
        switch form {
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
