import SupdEngine
import SupdHost

/// Whose each channel is that the host tells of.
final class ChannelTable {
    enum Owner {
        /// The control socket: connections come from it.
        case listener
        /// A client's, by its slot.
        case connection(Int)
        /// An output of a service's process.
        case service(LogPump)
        /// What a service says of itself through its notification socket.
        case notices(InstanceID)
        /// A descriptor that a service has had kept.
        case stored(InstanceID)
        /// What a service says through a descriptor when it is ready.
        case ready(InstanceID)
        /// An output of a plugin's program, by its number.
        case program(Int)
    }

    /// By descriptor, which are small and dense, of which use of it.
    private var owners: [(owner: Owner, generation: UInt32)?] = []

    /// Whose it is; nil of one that is nobody's, or is closed.
    subscript(channel: Channel) -> Owner? {
        get {
            let place = Int(channel.descriptor)
            guard place < owners.count, let entry = owners[place], entry.generation == channel.generation else {
                return nil
            }
            return entry.owner
        }
        set {
            let place = Int(channel.descriptor)
            while owners.count <= place { owners.append(nil) }
            if let newValue {
                owners[place] = (newValue, channel.generation)
            } else if owners[place]?.generation == channel.generation {
                owners[place] = nil
            }
        }
    }
}
