/// What is not given back, as the program ends: of strings of 64 bytes or more the runtime looks up first, by the name of a type, what that
/// takes, which is a tenth of a run.
enum UntilTheEnd {
    /// For what there is once in a run. A second call keeps its value as well.
    static func keep<Value>(_ value: Value) {
        UnsafeMutablePointer<Value>.allocate(capacity: 1).initialize(to: value)
    }
}
