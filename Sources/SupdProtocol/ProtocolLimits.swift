/// Every limit of the control protocol: the one place they are kept.
public enum ProtocolLimits {
    /// The protocol's version, as `supervisor.version` says it. It changes only when an old client would break.
    public static let version = 1

    /// The longest request, in bytes, without the newline at its end.
    public static let requestBytes = 64 * 1024
    /// How deep a request may nest.
    public static let requestDepth = 16
    /// The longest id given as text, in bytes: it is kept as long as the request is, and sent back.
    public static let requestIDBytes = 256
    /// How many names, globs and tags a request may list.
    public static let selectors = 1000
    /// The longest name, glob or tag, in bytes.
    public static let selectorBytes = 256
    /// The longest `timeout` a request may ask for.
    public static let longestTimeout: Duration = .seconds(86_400)
    /// How many lines `logs.read` may ask for.
    public static let logLines = 1...1000
    /// How many bytes of lines one reply to `logs.read` has, shared out over the instances asked for; an instance alone gets one
    /// line whatever its length. So much is written in a few milliseconds.
    public static let logBytes = 256 * 1024
    /// How many lines of each instance `logs.follow` may begin with.
    public static let followedLogLines = 0...1000
    /// How many events the daemon remembers: so far back a subscriber may be, or resume, before it is told of a gap.
    public static let rememberedEvents = 2048
    /// How many instances the remembered orders are for together, beside those that they name: what is over that goes as the oldest
    /// event does.
    public static let rememberedInstances = 100_000
    /// How many changes of one instance the daemon remembers.
    public static let rememberedChanges = 64
    /// How many changes one reply to `service.why` has, shared out over the instances asked for.
    public static let changesTold = 4096
    /// How many of its last lines `service.why` has of each instance.
    public static let linesOfWhy = 10
    /// How many processes of one instance `service.tree` has.
    public static let processesShown = 512
    /// How many it has of all instances together: those that are left no room are told as unknown.
    public static let processesTold = 1024
    /// How many services an event of an order names; how many more there are is said as a number.
    public static let servicesNamed = 16
    /// How many bytes of lines the daemon remembers for all that follow logs together: who is further behind is told of a gap.
    public static let followedBytes = 1024 * 1024
    /// How long a follower has to read what is left for it when the daemon ends.
    public static let followerFarewell: Duration = .seconds(1)
    /// How many instances `service.scale` may ask for.
    public static let instances = 1...1000
    /// The longest token of a plan, in bytes.
    public static let planTokenBytes = 128
    /// How many faults of a configuration one error names; how many more there are is said as a number.
    public static let faultsNamed = 100
    /// How long a plugin's method may take.
    public static let pluginMethod: Duration = .seconds(30)

    /// Connections at once, unless the configuration says otherwise.
    public static let connections = 64
    /// Connections at once of one user.
    public static let connectionsPerUser = 16
    /// Of `connections`, those that only root can have.
    public static let connectionsKeptForRoot = 4
    /// Of `connections`, those that only root and the user that the daemon runs as can have, beside those kept for root.
    public static let connectionsKeptForOwnUser = 4
    /// Whom one of the same user is closed for at the limit, where that user may do everything: nothing has come from it for so long.
    public static let silenceBeforeGivingWay: Duration = .seconds(1)
    /// How many requests of one connection are denied before nothing is taken from it for `restAfterDenials`.
    public static let denialsBeforeRest = 16
    /// How long a connection waits after so many.
    public static let restAfterDenials: Duration = .milliseconds(100)
    /// Requests of one connection that are not answered yet.
    public static let requestsInFlight = 32
    /// How many instances the orders of one connection that wait for their end may name together: all that there can be, once.
    public static let instancesWaitedFor = 100_000
    /// How long the daemon serves requests, carries out orders, and reads what services write, before it looks at what else there is. What
    /// is left goes on after that.
    public static let timePerTurn: Duration = .milliseconds(2)
    /// Bytes that wait to be written to a client before the daemon stops to read from it.
    public static let bytesWaitingToBeWritten = 64 * 1024
    /// How long a client may not read what waits for it, or leave a request half-sent, before it is closed; and how long one stays
    /// at most whose user may do nothing.
    public static let stalledClientDeadline: Duration = .seconds(10)

    /// The longest reply a client takes, in bytes: the status of thousands of services fits.
    public static let replyBytes = 64 * 1024 * 1024
    /// How deep a reply may nest.
    public static let replyDepth = 32
}
