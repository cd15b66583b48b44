import SupdProtocol

/// The faults of a configuration that was refused.
enum FaultText {
    /// A line for each that the error names, as `supd check` has it; nothing for an error of another kind.
    static func text(_ error: ProtocolError) -> String {
        var text = error.configurationFaults.map { DisplayText.safe("\($0)") + "\n" }.joined()
        // Where none is named, the error itself says why.
        guard !text.isEmpty else { return text }
        if error.faultsNotNamed > 0 { text += "and \(error.faultsNotNamed) more, which 'supd check' lists\n" }
        return text
    }
}
