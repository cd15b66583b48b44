import SupdConfiguration
import SupdEngine
import SupdPlugin
import SupdProtocol

/// `logs.read`.
extension Supervisor {
    /// The last lines of `instances`, in their order. What one reply may have is shared out: who has little in memory leaves the rest
    /// of its share to the others.
    func readLogs(of instances: [Int], _ params: LogsParams) throws(ProtocolError) -> LogRead {
        guard params.before == nil || instances.count == 1 else {
            throw ProtocolError(
                .invalidParams, "'before' is a place in the lines of one instance: name one, not \(instances.count)")
        }
        let byMemory = instances.indices.sorted {
            logs.memoryInUse(of: instances[$0]) < logs.memoryInUse(of: instances[$1])
        }
        var answers = instances.map { ServiceLog(name: self.instances[$0].description, lines: []) }
        var bytesLeft = ProtocolLimits.logBytes
        for (done, place) in byMemory.enumerated() {
            let instance = instances[place]
            var question = LogQuestion(lines: params.lines, before: params.before)
            question.bytes = bytesLeft / (instances.count - done)
            question.takesOne = instances.count == 1
            let answer = logs.read(
                instance, name: self.instances[instance], question,
                configuration: services[fleet.service(of: instance)].log)
            answers[place] = answer.log
            bytesLeft -= min(bytesLeft, answer.bytes)
        }
        return LogRead(services: answers)
    }
}
