extension [String] {
    /// `web, db and 3 more`: so many at most are named.
    func named(atMost limit: Int) -> String {
        prefix(limit).joined(separator: ", ") + (count > limit ? " and \(count - limit) more" : "")
    }
}
