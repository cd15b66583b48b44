package import SupdPlugin

/// `[service.NAME]` with the defaults applied.
package struct ServiceConfiguration: Sendable {
    /// The table's name.
    package var name: ServiceName
    /// A line for people.
    package var description: String = ""
    /// The command, split into words; `%` specifiers and variables are not yet replaced (see `expandedCommand`).
    package var execStart: [String]
    /// How many run; more than one are named `NAME@1` … `NAME@N`.
    package var instances = 1

    /// Words to select it by, as `tag:WORD`.
    package var tags: [String] {
        get { lists?.value.tags ?? [] }
        set { change(to: newValue) { $0.tags = newValue } }
    }

    /// Must be up before this, and go down after it; started with it; this goes down when it is stopped.
    package var requires: [ServiceName] {
        get { lists?.value.requires ?? [] }
        set { change(to: newValue) { $0.requires = newValue } }
    }

    /// Started with this and before it; this goes on without it where it fails.
    package var wants: [ServiceName] {
        get { lists?.value.wants ?? [] }
        set { change(to: newValue) { $0.wants = newValue } }
    }

    /// Started before this where both are started.
    package var after: [ServiceName] {
        get { lists?.value.after ?? [] }
        set { change(to: newValue) { $0.after = newValue } }
    }

    /// Started after this where both are started.
    package var before: [ServiceName] {
        get { lists?.value.before ?? [] }
        set { change(to: newValue) { $0.before = newValue } }
    }

    /// As `requires`, and this is stopped also where one of them ends by itself (systemd.unit(5), BindsTo=).
    package var bindsTo: [ServiceName] {
        get { lists?.value.bindsTo ?? [] }
        set { change(to: newValue) { $0.bindsTo = newValue } }
    }

    /// Where one of them is stopped or restarted, so is this; no order and no start follows (PartOf=).
    package var partOf: [ServiceName] {
        get { lists?.value.partOf ?? [] }
        set { change(to: newValue) { $0.partOf = newValue } }
    }

    /// The folder it starts in, nil for `/`.
    package var workingDirectory: String?

    /// Sockets that the daemon binds for it.
    package var sockets: [ListenSocket] {
        get { lists?.value.sockets ?? [] }
        set { change(to: newValue) { $0.sockets = newValue } }
    }

    /// `environment`, in the order of their names.
    package var environment: [EnvironmentVariable] = []

    /// What the service is told, by its table and `[defaults]`, to be compared; empty where it was made in code.
    package var text = SettingsText()

    private var common: Common
    /// None of most: out of line, as eight lists of nothing are 64 bytes.
    private var lists: Kept?

    /// A service of this name and command, everything else at its standard value.
    package init(
        name: ServiceName, execStart: [String], restart: any RestartPolicy, restartName: String,
        backoff: any Backoff, backoffName: String
    ) {
        self.name = name
        self.execStart = execStart
        common = Common(
            ServiceConduct(restart: restart, restartName: restartName, backoff: backoff, backoffName: backoffName))
    }

    /// How it is run. Of a thousand services most are run in one way, and that is a few hundred bytes: it is out of line, and those that
    /// say the same have one (`Configuration.compacted`).
    package var conduct: ServiceConduct {
        _read { yield common.conduct }
        _modify {
            if !isKnownUniquelyReferenced(&common) { common = Common(common.conduct) }
            yield &common.conduct
        }
    }

    /// Stands for `conduct`: services of which it is the same have the same one.
    package var conductID: ObjectIdentifier { ObjectIdentifier(common) }

    /// The same service, run as `other` is.
    func conducted(as other: ServiceConfiguration) -> ServiceConfiguration {
        var copy = self
        copy.common = other.common
        copy.text.common = other.text.common
        return copy
    }

    /// Nothing is said where nothing was, and there is nothing new.
    private mutating func change(to list: [some Any], _ body: (inout Lists) -> Void) {
        guard lists != nil || !list.isEmpty else { return }
        var changed = lists?.value ?? Lists()
        body(&changed)
        lists = Kept(changed)
    }

    private struct Lists: Sendable {
        var tags: [String] = []
        var requires: [ServiceName] = []
        var wants: [ServiceName] = []
        var after: [ServiceName] = []
        var before: [ServiceName] = []
        var bindsTo: [ServiceName] = []
        var partOf: [ServiceName] = []
        var sockets: [ListenSocket] = []
    }

    private final class Kept: Sendable {
        let value: Lists

        init(_ value: Lists) { self.value = value }
    }

    /// Changed only by a service that has it alone.
    private final class Common: @unchecked Sendable {
        var conduct: ServiceConduct

        init(_ conduct: ServiceConduct) { self.conduct = conduct }
    }
}

extension ServiceConfiguration {
    /// `timeout_start` where nothing is said: a oneshot may take as long as its work does.
    var standardTimeoutStart: Duration? { conduct.type == .oneshot ? nil : ServiceConduct.ordinaryTimeoutStart }

    /// The same as a file has it.
    var standardTimeoutStartText: String { standardTimeoutStart.map { "\"\($0.text)\"" } ?? "\"infinity\"" }
}
