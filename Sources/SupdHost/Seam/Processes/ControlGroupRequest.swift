/// The control group of one instance, made where it is not there.
public struct ControlGroupRequest: Hashable, Sendable {
    /// Its name, that of the instance.
    public var name: String
    /// What is written into its files before anything is started in it, in this order.
    public var controls: [Control]
    /// Whether processes that are in it already are nobody's fault (kill mode `process`). Else they are killed, and the start
    /// fails (`.leftovers`).
    public var mayBePopulated: Bool

    /// One limit.
    public struct Control: Hashable, Sendable {
        /// What a failure calls it: `memory_max`.
        public var key: String
        /// Which controller must be there: `memory`.
        public var controller: String
        /// `memory.max`.
        public var file: String
        /// What is written.
        public var value: String

        /// A limit of these.
        public init(key: String, controller: String, file: String, value: String) {
            self.key = key
            self.controller = controller
            self.file = file
            self.value = value
        }
    }

    /// A group of these.
    public init(name: String, controls: [Control] = [], mayBePopulated: Bool = false) {
        self.name = name
        self.controls = controls
        self.mayBePopulated = mayBePopulated
    }
}
