/// The value of `SUPD_INVOCATION`, taken apart: `TOKEN.PID.STARTNANOSECONDS.ATTEMPT.INSTANCENAME`.
struct Invocation: Hashable {
    var token: String
    /// The instance; may have dots. Empty where the value has another form.
    var instance: String

    /// Nil where it has no dot.
    init?(_ value: String) {
        let parts = value.split(separator: ".", maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count > 1 else { return nil }
        token = String(parts[0])
        instance = parts.count == 5 ? String(parts[4]) : ""
    }
}
