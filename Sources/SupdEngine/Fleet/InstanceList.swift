/// A service's instances, by their numbers. An instance of a number is the same one for as long as there is the service, also where
/// that is scaled down and up again meanwhile.
package struct InstanceList: RandomAccessCollection, Hashable, Sendable {
    /// Those that there are, and behind them those that were scaled away, or not yet scaled to.
    private(set) var all: [InstanceID]
    /// How many there are now.
    package private(set) var count: Int
    /// How many there are to be: less than `count` while some are on their way out.
    private(set) var target: Int

    init(_ all: [InstanceID]) {
        self.all = all
        count = all.count
        target = all.count
    }

    /// The first.
    package var startIndex: Int { 0 }
    /// One past the last.
    package var endIndex: Int { count }

    /// The instance of this number, counted from 0.
    package subscript(number: Int) -> InstanceID { all[number] }

    /// There is one more.
    mutating func append(_ instance: InstanceID) {
        all.append(instance)
        count += 1
        target += 1
    }

    /// Has a place for one more, which is not scaled to yet.
    mutating func reserve(_ instance: InstanceID) { all.append(instance) }

    /// Says how many there are to be, and answers those that are too many.
    mutating func setTarget(_ target: Int) -> ArraySlice<InstanceID> {
        self.target = target
        count = Swift.max(count, target)
        return all[target..<count]
    }

    /// The last one has gone; answers which it was.
    mutating func removeLast() -> InstanceID {
        count -= 1
        return all[count]
    }
}
