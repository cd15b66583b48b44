internal import CSupd
internal import Glibc
internal import SupdPlugin

extension LinuxHost {
    /// Changes what is other in `settings` than in `former`, for all that `tree` has now.
    package func apply(
        _ settings: TreeSettings, insteadOf former: TreeSettings, to tree: ProcessTree
    ) -> TreeSettingsReport {
        loop.thread.assertIsCurrent()
        let change = TreeSettingsChange(from: former, to: settings, standard: standardSettings)
        var report = TreeSettingsReport()
        if change.isOfGroup { report.problems = apply(change, toGroupOf: tree) }
        guard change.isOfProcesses else { return report }
        let wasBlind = procfs.wasBlind
        procfs.wasBlind = false
        var setting = ProcessSettings(change, procfs: procfs)
        for _ in 0..<Self.settingRounds {
            guard let found = membersToSet(of: tree) else {
                report.isWhole = false
                break
            }
            report.isWhole = report.isWhole && found.isCertain
            // Who was started by one that had the old settings still has them too.
            guard setting.apply(to: found.members) else { break }
        }
        report.isWhole = report.isWhole && !procfs.wasBlind
        procfs.wasBlind = procfs.wasBlind || wasBlind
        report.problems += setting.problems.list
        report.leftOut = setting.leftOut
        return report
    }

    private static let settingRounds = 4

    private func membersToSet(of tree: ProcessTree) -> (members: [ProcStat], isCertain: Bool)? {
        guard let group = group(of: tree) else { return livingMembers(of: tree).map { ($0.members, $0.isCertain) } }
        guard let inside = members(ofGroup: group) else { return nil }
        return (inside + outsiders(of: tree, inGroup: Set(inside.map(\.pid)), includesOrphans: true), true)
    }

    private func apply(_ change: TreeSettingsChange, toGroupOf tree: ProcessTree) -> [TreeSettingProblem] {
        if let base = groups.base, let leaf = group(of: tree) { return groups.apply(change, to: leaf, in: base) }
        return change.controls.map {
            TreeSettingProblem(
                subject: $0.key, error: ErrorNumber(ENOTSUP), hint: lackOfGroups)
        }
    }

    /// What a child has that is started now and whose request says nothing.
    private var standardSettings: TreeSettingsChange.Standard {
        TreeSettingsChange.Standard(
            limit: { [descriptorLimit] resource in
                var limit = supd_limit(resource: resource, soft: 0, hard: 0)
                if resource == descriptorLimit.resource {
                    limit = descriptorLimit
                } else if supd_limit_get(0, &limit) < 0 {
                    return nil
                }
                return (limit.soft, limit.hard)
            },
            nice: Int(supd_nice_get()), oomScoreAdjust: oomScoreAtStart.map { max(Int($0), 0) })
    }
}
