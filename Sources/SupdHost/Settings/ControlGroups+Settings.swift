internal import Glibc
internal import SupdPlugin

extension ControlGroups {
    /// Writes what has changed into the files of a group that is there, and answers what could not be written.
    func apply(_ change: TreeSettingsChange, to leaf: GroupFolder, in base: GroupFolder) -> [TreeSettingProblem] {
        var problems: [TreeSettingProblem] = []
        func write(_ control: ResourceControl, mayBeAbsent: Bool) {
            do throws(ErrorNumber) {
                // The file is opened with O_NONBLOCK, so where memory is over its limit the kernel (6.16) need not be waited for.
                try leaf.write(control.value, into: control.file)
            } catch {
                if mayBeAbsent, error.rawValue == ENOENT { return }
                problems.append(
                    TreeSettingProblem(subject: control.key, error: error, hint: Self.refusal(of: control)))
            }
        }
        // Without the controller there is no limit of it.
        for control in change.formerControls { write(control, mayBeAbsent: true) }
        for control in change.controls {
            do throws(SpawnFailure) {
                try enable(control, in: base)
            } catch {
                problems.append(TreeSettingProblem(subject: error.subject, error: error.error, hint: error.hint))
                continue
            }
            write(control, mayBeAbsent: false)
        }
        return problems
    }
}
