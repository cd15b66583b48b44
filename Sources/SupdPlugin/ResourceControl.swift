/// One limit of a control group (the kernel's cgroup-v2 manual).
package struct ResourceControl: Hashable, Sendable {
    /// The key that `resources` has for it, and what a failure calls it: `memory_max`.
    package var key: String
    /// What is written into its file: a number, `max`, or for `cpu_max` a quota and a period in microseconds.
    package var value: String

    /// A limit of these.
    package init(key: String, value: String) {
        self.key = key
        self.value = value
    }

    /// The kernel's controller that has it: `memory`.
    package var controller: String { String(key.prefix { $0 != "_" }) }
    /// The file of the control group that it is written into: `memory.max`.
    package var file: String { key.replacing("_", with: ".") }
}
