import SupdEngine
import SupdHost

/// The pipes through which services say by a newline that they are ready.
struct ReadyDescriptors {
    private struct Pipe {
        let channel: Channel
        /// The end that the program gets, until it has it.
        var writing: BoundSocket?
    }

    private var pipes: [InstanceID: Pipe] = [:]

    mutating func add(_ channel: Channel, writing: BoundSocket, of instance: InstanceID) {
        pipes[instance] = Pipe(channel: channel, writing: writing)
    }

    /// Takes out the end that the program has by now, or never gets.
    mutating func takeWriting(of instance: InstanceID) -> BoundSocket? {
        guard let writing = pipes[instance]?.writing else { return nil }
        pipes[instance]?.writing = nil
        return writing
    }

    /// Takes out the end to read.
    mutating func remove(_ instance: InstanceID) -> Channel? {
        pipes.removeValue(forKey: instance)?.channel
    }
}
