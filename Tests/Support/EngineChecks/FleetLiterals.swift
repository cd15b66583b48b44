package import SupdEngine

/// Instances and services by their numbers, as they are of a fleet that nothing was removed from.
extension InstanceID: ExpressibleByIntegerLiteral {
    package init(integerLiteral value: UInt32) { self.init(slot: value, generation: 0) }
}

extension ServiceID: ExpressibleByIntegerLiteral {
    package init(integerLiteral value: UInt32) { self.init(slot: value, generation: 0) }
}

extension Fleet {
    /// Every machine there is, those of a service beside each other.
    package var machines: [ServiceMachine] { allInstances.map { self[$0] } }
}
