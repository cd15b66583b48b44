/// What a configuration may have at most, so that no file can make a load endless.
package enum ConfigurationLimits {
    /// Bytes of all files together.
    static let totalSize = 64 << 20
    /// Files, the main one included.
    static let files = 1_000
    /// How deep files include each other: the main file is 0.
    static let includeDepth = 8
    /// Services.
    static let services = 10_000
    /// Instances of one service.
    static let instancesOfAService = 1_000
    /// Instances of all services together.
    package static let instances = 100_000
    /// Items of a list in a value, and variables of an environment: `[defaults]` may give them to every service.
    static let listItems = 1_000
    /// Names in one of `requires` and its kin.
    static let references = services
    /// Steps of a stop.
    static let stopSteps = 16
    /// Commands in one of `exec_start_pre` and its kin.
    static let commands = 16
    /// Sockets of one service.
    static let sockets = 16
    /// Faults told one by one.
    static let faults = 1_000
    /// Faults kept to choose these from.
    static let keptFaults = 10_000
    /// Warnings, each told one by one.
    static let warnings = 1_000
    /// Dependency cycles looked for.
    static let cycles = 100
    /// Descriptors that a service may have kept.
    static let fileDescriptorStore = 1_000
}
