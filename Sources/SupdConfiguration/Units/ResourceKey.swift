/// The keys of `resources`.
enum ResourceKey: String, CaseIterable, Sendable {
    /// Bytes; over them the kernel kills.
    case memoryMax = "memory_max"
    /// Bytes; over them the kernel takes memory back and slows the service down.
    case memoryHigh = "memory_high"
    /// 1…10000, 100 where nothing is set.
    case cpuWeight = "cpu_weight"
    /// Part of a processor's time: `"150%"`.
    case cpuMax = "cpu_max"
    /// Processes and threads.
    case pidsMax = "pids_max"
    /// 1…10000, 100 where nothing is set.
    case ioWeight = "io_weight"
}
