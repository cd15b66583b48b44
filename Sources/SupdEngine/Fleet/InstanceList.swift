/// A service's instances, by their numbers. An instance of a number is the same one for as long as there is the service, also where
/// that is scaled down and up again meanwhile.
package struct InstanceList: RandomAccessCollection, Hashable, Sendable {
    /// The first of all that there ever were: most services have no other, and that takes no memory of its own.
    private var one: InstanceID?
    private var others: [InstanceID] = []
    private var number: Int32 = 0
    private var wanted: Int32 = 0

    /// How many there are now.
    package private(set) var count: Int {
        get { Int(number) }
        set { number = Int32(newValue) }
    }
    /// How many there are to be: less than `count` while some are on their way out.
    private(set) var target: Int {
        get { Int(wanted) }
        set { wanted = Int32(newValue) }
    }

    /// Those that there are, and behind them those that were scaled away, or not yet scaled to.
    var all: [InstanceID] {
        guard let one else { return [] }
        return others.isEmpty ? [one] : [one] + others
    }

    /// How many those are.
    var allCount: Int { one == nil ? 0 : others.count + 1 }

    /// The first.
    package var startIndex: Int { 0 }
    /// One past the last.
    package var endIndex: Int { count }

    /// The instance of this number, counted from 0.
    package subscript(number: Int) -> InstanceID {
        guard number == 0, let one else { return others[number - 1] }
        return one
    }

    /// There is one more.
    mutating func append(_ instance: InstanceID) {
        reserve(instance)
        count += 1
        target += 1
    }

    /// Has a place for one more, which is not scaled to yet.
    mutating func reserve(_ instance: InstanceID) {
        if one == nil { one = instance } else { others.append(instance) }
    }

    /// Says how many there are to be, and answers those that are too many.
    mutating func setTarget(_ target: Int) -> [InstanceID] {
        self.target = target
        count = Swift.max(count, target)
        return (target..<count).map { self[$0] }
    }

    /// The last one has gone; answers which it was.
    mutating func removeLast() -> InstanceID {
        count -= 1
        return self[count]
    }
}
