public import SupdJSON
import SupdPlugin

extension Request {
    /// Writes the request as one line, with its newline. What is at its standard value is left out.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("jsonrpc", "2.0")
        if let id {
            writer.key("id")
            id.write(to: &writer)
        }
        writer.member("method", call.methodName)
        if call.method?.parameters.isEmpty != true {
            writer.key("params")
            writer.beginObject()
            encodeParams(into: &writer)
            writer.endObject()
        }
        writer.endObject()
        writer.endLine()
    }

    private func encodeParams(into writer: inout JSONWriter) {
        switch call {
        case .supervisorStatus, .supervisorPing, .supervisorVersion, .supervisorResume, .tasksList, .pluginsList:
            break
        case .plugin(let call):
            for key in call.params.keys {
                writer.key(key)
                writer.value(call.params[key] ?? .null)
            }
        case .supervisorDrain(let params), .supervisorShutdown(let params):
            Self.encode(wait: params.wait, timeout: params.timeout, into: &writer)
            if params.now { writer.member("now", true) }
        case .serviceStatus(let params), .serviceTree(let params), .serviceResetFailed(let params):
            if !params.services.isEmpty { writer.member("services", params.services) }
        case .serviceScale(let params):
            writer.member("service", params.service)
            writer.member("instances", params.instances)
            Self.encode(wait: params.wait, timeout: params.timeout, into: &writer)
        case .serviceStart(let params), .serviceStop(let params), .serviceRestart(let params),
            .serviceReload(let params):
            writer.member("services", params.services)
            Self.encode(wait: params.wait, timeout: params.timeout, into: &writer)
        case .serviceSignal(let params):
            writer.member("services", params.services)
            writer.member("signal", params.signal.description)
        case .logsRead(let params):
            writer.member("services", params.services)
            writer.member("lines", params.lines)
            if let before = params.before { writer.member("before", before) }
        }
    }

    private static func encode(wait: Bool, timeout: Duration?, into writer: inout JSONWriter) {
        if wait { writer.member("wait", true) }
        if let timeout { writer.member("timeout", timeout) }
    }
}
