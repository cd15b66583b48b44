internal import SupdPlugin

extension LinuxHost {
    /// What there is to know of these processes, as /proc has it; those that are gone are left out.
    public func details(of processes: [Int32]) -> [ProcessDetail] { processes.compactMap { procfs.detail(of: $0) } }
}
