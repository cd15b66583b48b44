/// One limit of a control group (the kernel's cgroup-v2 manual).
public struct ResourceControl: Hashable, Sendable {
    /// The keys of `resources`.
    public enum Key: String, Hashable, Sendable, CaseIterable {
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

        /// The kernel's controller that has it.
        public var controller: String { String(rawValue.prefix { $0 != "_" }) }
        /// The file of the control group that it is written into.
        public var file: String { rawValue.replacing("_", with: ".") }
    }

    /// Which.
    public var key: Key
    /// What is written into its file: a number, `max`, or for `cpu_max` a quota and a period in microseconds.
    public var value: String

    /// A limit of these.
    public init(key: Key, value: String) {
        self.key = key
        self.value = value
    }
}
