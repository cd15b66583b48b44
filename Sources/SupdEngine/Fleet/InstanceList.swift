/// The places of a service's instances in the fleet's list, by their numbers.
///
/// The first ones lie beside each other; those that a service was scaled up to are wherever there was room. An instance of a number
/// has the same place for ever, also where the service is scaled down and up again meanwhile.
public struct InstanceList: RandomAccessCollection, Hashable, Sendable {
    private let base: Range<Int>
    private var more: [Int] = []
    /// How many there are now.
    public private(set) var count: Int
    /// How many there are to be: less than `count` while some are on their way out.
    private(set) var target: Int

    init(_ base: Range<Int>) {
        self.base = base
        count = base.count
        target = base.count
    }

    /// The first.
    public var startIndex: Int { 0 }
    /// One past the last.
    public var endIndex: Int { count }

    /// The place of the instance of this number, counted from 0.
    public subscript(number: Int) -> Int { place(number) }

    /// How many numbers have a place, used or not.
    var places: Int { base.count + more.count }

    private func place(_ number: Int) -> Int {
        number < base.count ? base.lowerBound + number : more[number - base.count]
    }

    mutating func addPlace(_ place: Int) { more.append(place) }

    /// Says how many there are to be, and answers the places of those that are too many.
    mutating func setTarget(_ target: Int) -> [Int] {
        self.target = target
        count = Swift.max(count, target)
        return (target..<count).map(place)
    }

    /// The last one has gone; answers its place.
    mutating func removeLast() -> Int {
        count -= 1
        return place(count)
    }
}
