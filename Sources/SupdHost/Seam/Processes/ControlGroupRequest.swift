package import SupdPlugin

/// The control group of one instance, made where it is not there.
package struct ControlGroupRequest: Hashable, Sendable {
    /// Its name, that of the instance.
    package var name: String
    /// What is written into its files before anything is started in it, in this order.
    package var controls: [ResourceControl]
    /// Whether processes that are in it already are nobody's fault (kill mode `process`). Else they are killed, and the start
    /// fails (`.leftovers`).
    package var mayBePopulated: Bool

    /// A group of these.
    package init(name: String, controls: [ResourceControl] = [], mayBePopulated: Bool = false) {
        self.name = name
        self.controls = controls
        self.mayBePopulated = mayBePopulated
    }
}
