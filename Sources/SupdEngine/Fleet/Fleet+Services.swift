extension Fleet {
    /// The services of a fleet, in their order, as they were when it was asked for them. A type of its own: what the runtime would put together
    /// for a lazy map behind `some` takes it 160,000 instructions in every start.
    package struct Services: RandomAccessCollection, Sendable {
        let groups: [Group]

        package var startIndex: Int { groups.startIndex }
        package var endIndex: Int { groups.endIndex }
        package subscript(place: Int) -> ServiceID { groups[place].id }
    }
}
