/// The members of an object while it is read: finds a key given twice without comparing each with each.
package struct MemberCollector {
    let duplicateKeys: JSONLimits.DuplicateKeys
    var members: [JSONObject.Member] = []
    /// Where each key is; only from the size on where walking the members would cost more.
    private var places: [ExactKey: Int]?
    private static let walkedMembers = 32

    /// No members yet.
    package init(duplicateKeys: JSONLimits.DuplicateKeys) {
        self.duplicateKeys = duplicateKeys
    }

    /// The place for a key's value; nil where the key was there and must not be.
    package mutating func index(for key: String) -> Int? {
        if let known = known(key) { return duplicateKeys == .keepLast ? known : nil }
        if members.count == Self.walkedMembers {
            places = [:]
            for (index, member) in members.enumerated() { places?[ExactKey(text: member.key)] = index }
        }
        places?[ExactKey(text: key)] = members.count
        // As many as a request has: to grow three times for them took a tenth of reading it.
        if members.isEmpty { members.reserveCapacity(4) }
        members.append(JSONObject.Member(key: key, value: .null))
        return members.count - 1
    }

    private func known(_ key: String) -> Int? {
        if let places { return places[ExactKey(text: key)] }
        return members.place(of: key)
    }
}
