internal import Glibc
internal import SupdPlugin

extension ControlGroups {
    /// Writes what has changed into the files of a group that is there, and answers what could not be written.
    func apply(_ change: TreeSettingsChange, to leaf: GroupFolder, in base: GroupFolder) -> [TreeSettingProblem] {
        var problems: [TreeSettingProblem] = []
        for control in change.formerControls {
            let error = leaf.write(control.value, into: control.file)
            // Without the controller there is no limit of it.
            if error != 0, error != ENOENT { problems.append(Self.problem(control, error)) }
        }
        for control in change.controls {
            do throws(SpawnFailure) {
                try enable(control, in: base)
            } catch {
                problems.append(TreeSettingProblem(subject: error.subject, error: error.error, hint: error.hint))
                continue
            }
            // The file is opened with O_NONBLOCK, so where memory is over its limit the kernel (6.16) need not be waited for.
            let error = leaf.write(control.value, into: control.file)
            if error != 0 { problems.append(Self.problem(control, error)) }
        }
        return problems
    }

    private static func problem(_ control: ResourceControl, _ error: Int32) -> TreeSettingProblem {
        TreeSettingProblem(
            subject: control.key, error: ErrorNumber(error),
            hint: "the kernel did not take '\(control.value)' for \(control.file)")
    }
}
