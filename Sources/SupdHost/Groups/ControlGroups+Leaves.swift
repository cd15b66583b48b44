internal import Glibc
internal import SupdPlugin

extension ControlGroups {
    /// The folder's name of an instance's group. One with a dot, or of the daemon's own or another daemon's base, could be that of a
    /// file of the kernel's, or of such a group; so it gets a `_` before it, as do those that have one already. Nil where it
    /// names no folder.
    static func folderName(of name: String, home: String = daemonName) -> String? {
        guard !name.isEmpty, name != ".", name != "..", name.utf8.count < 255,
            !name.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 < 0x20 })
        else { return nil }
        let mayBeAnothers = name == home || name.hasPrefix("_") || name.contains(".") || name.hasPrefix(basePrefix)
        return mayBeAnothers ? "_" + name : name
    }

    /// The instance's name of a folder.
    static func instanceName(of folder: String) -> String {
        folder.hasPrefix("_") ? String(folder.dropFirst()) : folder
    }

    /// The group of that name; nil where there are no groups.
    func leaf(_ name: String) -> GroupFolder? {
        guard let base, let folder = Self.folderName(of: name, home: home) else { return nil }
        return base.child(folder)
    }

    /// Makes the group of that name for a start that follows in this turn, where there is none yet. The kernel takes a good part of the time of
    /// a start for it, in which another processor brings the child before it to its program.
    func makeAhead(_ name: String) {
        guard let base, let folderName = Self.folderName(of: name, home: home), !ahead.contains(folderName) else {
            return
        }
        // One that was used is taken back by its start, which knows what to do where it is not as it looks.
        guard !leaving.contains(folderName) else { return }
        if (try? base.child(folderName).make()) == true { ahead.insert(folderName) }
    }

    /// Makes the group that is asked for, with its limits, for a process to be born into; one that is there is `examine`d before. With
    /// `mayBeUsed` it may be one that this turn has found empty: then `wasUsed` is true, and whoever is born into it may be killed at once.
    func makeLeaf(
        _ request: ControlGroupRequest, in base: GroupFolder, mayBeUsed: Bool = false,
        examine: (GroupFolder) throws(SpawnFailure) -> Void = { _ throws(SpawnFailure) in }
    ) throws(SpawnFailure) -> (folder: GroupFolder, wasUsed: Bool) {
        guard let folderName = Self.folderName(of: request.name, home: home) else {
            throw SpawnFailure(
                stage: .controlGroup, error: ErrorNumber(EINVAL), subject: request.name,
                problem: "no folder can have that name")
        }
        let leaf = base.child(folderName)
        for control in request.controls { try enable(control, in: base) }
        if takeBack(folderName, in: base) {
            if mayBeUsed { return (leaf, true) }
            leaf.remove()
        }
        made.insert(folderName.hashValue)
        if ahead.remove(folderName) == nil, try !make(leaf, in: base) {
            try examine(leaf)
            // One that is there and empty is replaced, with what it was limited to before. And since the kernel tells births apart from
            // an order to kill by a count in the group, but at a birth into another group looks at the wrong one (seen: 6.18), whoever
            // is born into a group that was killed before is killed as well.
            leaf.remove()
            try make(leaf, in: base)
        }
        for control in request.controls {
            do throws(ErrorNumber) {
                try leaf.write(control.value, into: control.file)
            } catch {
                leaf.remove()
                throw SpawnFailure(
                    stage: .resources, error: error, subject: control.key, hint: Self.refusal(of: control))
            }
        }
        return (leaf, false)
    }

    /// Makes a group in `base`, which is made anew where it is gone: whoever tidies up may take an empty one for nobody's. False where the
    /// group is there.
    @discardableResult
    private func make(_ leaf: GroupFolder, in base: GroupFolder) throws(SpawnFailure) -> Bool {
        do throws(ErrorNumber) {
            do throws(ErrorNumber) {
                return try leaf.make()
            } catch {
                guard error.rawValue == ENOENT, origin != nil else { throw error }
                try makeBase(base)
                return try leaf.make()
            }
        } catch {
            throw SpawnFailure(
                stage: .controlGroup, error: error, subject: leaf.path,
                hint: error.rawValue == EAGAIN
                    ? "a limit of groups is reached: see cgroup.max.descendants and cgroup.max.depth above it" : "")
        }
    }

    /// That the kernel has refused a limit.
    static func refusal(of control: ResourceControl) -> String {
        "the kernel did not take '\(control.value)' for \(control.file)"
    }

    /// Has the groups in `base` use the controller of `control`.
    func enable(_ control: ResourceControl, in base: GroupFolder) throws(SpawnFailure) {
        let controller = control.controller
        if base.enabledControllers.contains(controller) {
            hasControllers = true
            return
        }
        // Of a base that the daemon made, the folder around it must pass the controller on first.
        let chain = (origin.map { [$0] } ?? []) + [base]
        for folder in chain where !folder.enabledControllers.contains(controller) {
            guard folder.controllers.contains(controller) else {
                throw SpawnFailure(
                    stage: .resources, error: ErrorNumber(ENOTSUP), subject: control.key,
                    hint: Self.absence(of: controller, in: folder))
            }
            try settle(in: base, for: control)
            do throws(ErrorNumber) {
                try folder.write("+\(controller)", into: "cgroup.subtree_control")
            } catch {
                throw SpawnFailure(
                    stage: .resources, error: error, subject: control.key,
                    hint: error.rawValue == EBUSY
                        ? "other processes than supd are in \(folder.path): a group whose groups have controllers may have none"
                        : "the controller '\(controller)' could not be enabled in \(folder.path)")
            }
            if folder == base { hasControllers = true }
            if folder == origin { passedOn.append(controller) }
        }
    }

    /// A group that passes controllers on has no processes itself.
    private func settle(in base: GroupFolder, for control: ResourceControl) throws(SpawnFailure) {
        do throws(ErrorNumber) {
            try settle(in: base)
        } catch {
            throw SpawnFailure(
                stage: .resources, error: error, subject: control.key,
                hint:
                    "supd could not move into \(base.child(home).path), as it has to before its services' groups get controllers"
            )
        }
    }

    private static func absence(of controller: String, in folder: GroupFolder) -> String {
        let there = folder.controllers
        return "\(folder.path) has "
            + (there.isEmpty ? "no controllers" : "only the controllers \(there.joined(separator: ", "))")
            + ": under systemd set Delegate=\(controller) in supd's unit, elsewhere use a kernel that has '\(controller)' in "
            + "version 2 of control groups"
    }
}
