import SupdJSON
public import SupdPlugin

extension MethodDescriptor {
    /// `service.signal`.
    static let serviceSignal = MethodDescriptor(.operate, [.services, .signal], Request.Call.serviceSignal)
}

/// `service.signal`.
public struct SignalParams: ServiceParams {
    /// Names, globs and tags; at least one.
    public var services: [String]
    /// What their main processes are sent.
    public var signal: Signal

    /// `signal` to `services`.
    public init(services: [String], signal: Signal) {
        self.services = services
        self.signal = signal
    }
}

extension SignalParams: RequestParams {
    init(_ params: ParamsReader) throws(ProtocolError) {
        let services = try params.services()
        let value = try params.required(.signal, "a name such as \"SIGHUP\"")
        guard let name = value.stringValue else {
            throw params.wrong(.signal, "a signal's name such as \"SIGHUP\"", value)
        }
        guard let signal = Signal(name: name) else {
            throw ProtocolError(
                .invalidParams, "no signal is named \(QuotedText.quote(name))",
                suggestion: Signal.closestName(to: name))
        }
        self.init(services: services, signal: signal)
    }

    func encode(into writer: inout JSONWriter) {
        writer.member("services", services)
        writer.member("signal", signal.description)
    }
}
