/// The value of `SUPD_INVOCATION`, taken apart: `TOKEN.PID.STARTNANOSECONDS.ATTEMPT.INSTANCENAME`.
struct Invocation: Hashable {
    var token: String
    /// The instance; may have dots. Empty where the value has another form.
    var instance: String

    /// Nil where it has no dot.
    init?(_ value: String) {
        // By bytes: one is made at every start, and a look at the characters took a twentieth of that.
        let parts = value.utf8.split(separator: UInt8(ascii: "."), maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count > 1 else { return nil }
        token = String(Substring(parts[0]))
        instance = parts.count == 5 ? String(Substring(parts[4])) : ""
    }
}
