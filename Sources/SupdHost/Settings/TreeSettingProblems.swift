internal import SupdPlugin

/// Problems as they come, those of many processes as one.
struct TreeSettingProblems {
    private(set) var list: [TreeSettingProblem] = []

    mutating func add(_ problem: TreeSettingProblem) { list.append(problem) }

    /// Notes what a process could not be given; of several the hint of the first says what there is to do.
    mutating func add(_ subject: String, _ error: ErrorNumber, of process: Int32, hint: String = "") {
        if let place = list.firstIndex(where: { $0.subject == subject && $0.error == error && $0.process != nil }) {
            list[place].count += 1
        } else {
            list.append(TreeSettingProblem(subject: subject, error: error, hint: hint, process: process, count: 1))
        }
    }
}
