internal import CSupd
internal import Glibc
internal import SupdPlugin

/// The daemon's control groups: its own leaf, and one a service instance beside it.
final class ControlGroups {
    /// The group that has all of them.
    let base: ControlGroup
    /// Where the daemon itself is.
    private let own: ControlGroup
    /// Where it came from and goes back to, where `base` is of its own making.
    private let origin: ControlGroup?
    private var enabled: Set<String> = []

    private static let ownName = "supd"

    /// Makes the groups at `place` and moves the daemon into its own. Throws why there are none.
    init(at place: ControlGroupPlace, token: String) throws(Refusal) {
        switch place {
        case .nowhere(let reason): throw Refusal(reason: reason)
        case .delegated(let base, let own):
            self.base = base
            self.own = own == base ? base.below(Self.ownName) : own
            origin = nil
            if own == base { try Self.enter(self.own) }
        case .below(let group):
            base = group.below(Self.baseName(token))
            own = base.below(Self.ownName)
            origin = group
            let error = base.make()
            guard error == 0 else { throw Refusal(reason: "\(base.path) cannot be made: \(ErrorNumber(error))") }
            do throws(Refusal) {
                try Self.enter(own)
            } catch {
                base.remove()
                throw error
            }
        }
    }

    /// Whether the daemon has made `base` itself.
    var isOwnMaking: Bool { origin != nil }

    struct Refusal: Error { var reason: String }

    /// The name of the group that a daemon makes where none is delegated.
    static func baseName(_ token: String) -> String { "supd-\(token)" }

    private static func enter(_ group: ControlGroup) throws(Refusal) {
        var error = group.make()
        if error == 0 { error = group.write("cgroup.procs", "0") }
        guard error == 0 else {
            group.remove()
            throw Refusal(reason: "supd cannot move into \(group.path): \(ErrorNumber(error))")
        }
    }

    /// Goes back to where the daemon came from, and removes what is empty.
    func leave() {
        guard let origin, origin.write("cgroup.procs", "0") == 0 else { return }
        own.remove()
        // Not with what is below: an instance that would not end is still there.
        rmdir(base.path)
    }

    // MARK: Instances

    /// The group of an instance. Files of the kernel's have a dot in their names, and the daemon's own group a name that a
    /// service may have: these are told apart as systemd does it, with a `_` before.
    func leaf(_ instance: String) -> ControlGroup {
        let isTaken = instance.contains(".") || instance.hasPrefix("_") || "\(base.path)/\(instance)" == own.path
        return base.below((isTaken ? "_" : "") + instance)
    }

    /// The groups of instances that are there, by the instances' names.
    func leaves() -> [(instance: String, group: ControlGroup)] {
        Self.leaves(below: base).filter { $0.group.path != own.path }
    }

    /// The groups below another daemon's, whose own is among them and empty.
    static func leaves(below base: ControlGroup) -> [(instance: String, group: ControlGroup)] {
        base.children.map { group in
            let name = group.path.split(separator: "/").last.map(String.init) ?? ""
            return (name.hasPrefix("_") ? String(name.dropFirst()) : name, group)
        }
    }

    /// Makes the group of a request and writes its limits. Answers a descriptor of it, for clone3(2).
    func prepare(_ request: ControlGroupRequest) throws(SpawnFailure) -> Int32 {
        guard !request.name.isEmpty, !request.name.contains("/") else {
            throw SpawnFailure(stage: .controlGroup, error: ErrorNumber(EINVAL), subject: request.name)
        }
        let group = leaf(request.name)
        if mkdir(group.path, 0o755) != 0 {
            guard errno == EEXIST else {
                throw SpawnFailure(stage: .controlGroup, error: ErrorNumber(errno), subject: group.path)
            }
            if !request.mayBePopulated, group.isPopulated == true {
                _ = kill(group)
                throw SpawnFailure(
                    stage: .leftovers, error: ErrorNumber(EBUSY), subject: group.path,
                    hint: "processes of it that were left behind are killed and waited for")
            }
        }
        for control in request.controls {
            try enable(control)
            let error = group.write(control.file, control.value)
            guard error == 0 else {
                throw SpawnFailure(
                    stage: .resources, error: ErrorNumber(error),
                    subject: "\(control.key) (\(group.path)/\(control.file))")
            }
        }
        let descriptor = supd_open(group.path, O_RDONLY | O_DIRECTORY, 0)
        guard descriptor >= 0 else {
            throw SpawnFailure(stage: .controlGroup, error: ErrorNumber(-descriptor), subject: group.path)
        }
        return descriptor
    }

    /// Has the controller of a limit passed on to the instances' groups.
    private func enable(_ control: ControlGroupRequest.Control) throws(SpawnFailure) {
        guard !enabled.contains(control.controller) else { return }
        for group in [origin, base].compactMap({ $0 }) {
            guard group.controllers.contains(where: { $0 == control.controller }) else {
                let there = group.controllers.joined(separator: ", ")
                throw SpawnFailure(
                    stage: .resources, error: ErrorNumber(ENODEV), subject: control.key,
                    hint:
                        "the controller '\(control.controller)' is not in \(group.path)/cgroup.controllers, which has "
                        + (there.isEmpty ? "none" : there)
                        + ": under systemd set 'Delegate=\(control.controller)' or 'Delegate=yes' in supd's unit; else "
                        + "the controller must not be in use by control groups of version 1")
            }
            let error = group.write("cgroup.subtree_control", "+\(control.controller)")
            guard error == 0 else {
                throw SpawnFailure(
                    stage: .resources, error: ErrorNumber(error), subject: control.key,
                    hint: error == EBUSY
                        ? "other processes than supd are in \(group.path): only a group without any can have limits below it"
                        : "the controller '\(control.controller)' cannot be enabled in \(group.path)")
            }
        }
        enabled.insert(control.controller)
    }

    /// Sends SIGKILL to all that is in a group. False where the kernel has no call for that (before 5.14).
    func kill(_ group: ControlGroup) -> Bool { group.write("cgroup.kill", "1") == 0 }
}
