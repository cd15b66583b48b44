import SupdEngine
import SupdHost
import SupdJSON
import SupdPlugin
import SupdProtocol
import Synchronization

/// A client's call of a plugin's method: where its result is left for the loop.
final class MethodCall: Sendable {
    /// Who calls which method: what is asked of services for it is asked for him.
    struct Caller: Sendable {
        let peer: PeerCredentials
        let method: String
    }

    let result = Mutex<JSONValue?>(nil)
    /// The number among the waiting requests; nil for a notification, which gets no answer.
    let waiter: Int?
    let caller: Caller

    init(caller: Caller, waiter: Int?) {
        self.caller = caller
        self.waiter = waiter
    }
}

/// A JSON value as a reply.
struct PlainResult: WireValue {
    let value: JSONValue

    init(_ value: JSONValue) { self.value = value }
    init(from value: JSONValue) throws(WireError) { self.value = value }
    func encode(into writer: inout JSONWriter) { writer.value(value) }
}

/// Plugins' methods of the control protocol.
extension ControlDesk {
    /// Begins what a client has called; it is answered when the plugin has.
    func call(_ call: PluginCall, _ request: Request, _ slot: Int, _ peer: PeerCredentials) {
        guard let method = seam.plugins.catalogue.methods[call.method] else { return }
        let task: TaskID
        do throws(RegistrationRefusal) {
            task = try seam.drain.tasks.register("call \(call.method)", kind: .job, phase: .jobs)
        } catch {
            return fail(request, slot, ProtocolError(.shuttingDown, "\(error)"))
        }
        let waiter = request.id.flatMap { id in
            waiting.add(
                Waiter(slot: slot, id: id, goal: .answered, instances: []), timeout: ProtocolLimits.pluginMethod)
        }
        let answer = MethodCall(caller: .init(peer: peer, method: call.method), waiter: waiter)
        let body = method.value.call
        let work = seam.plugins.work.begin(.call(answer), plugin: method.plugin, name: call.method, task: task) {
            context in
            let result = try await body(.object(call.params), context)
            answer.result.withLock { $0 = result }
        }
        if let waiter { waiting.setWork(work, of: waiter) }
    }

    /// The plugin has answered, or failed to; nobody may be waiting any more.
    func finishCall(_ call: MethodCall, error: String?) {
        guard let number = call.waiter else {
            if let error { seam.log.warning("\(call.caller.method) has failed: \(error)", kind: .pluginFailed) }
            return
        }
        if let error {
            waiting.fail(number, ProtocolError(.failed, "\(call.caller.method): \(error)"))
        } else {
            waiting.answer(number, PlainResult(call.result.withLock { $0 } ?? .null))
        }
    }
}
