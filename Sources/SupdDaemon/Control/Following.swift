import SupdJSON

/// What a connection follows: a place in what the daemon remembers, from which notices are written as the client reads them. Who
/// does not read costs nothing but that place, and is told what it has missed.
protocol Following: AnyObject {
    /// Whether all that there is to be told comes before the answer to the next request: of what comes without end it cannot.
    var precedesAnswers: Bool { get }
    /// Writes some notices. True where there is more to be written, false where there is nothing more for now.
    func write(into writer: inout JSONWriter) -> Bool
    /// The connection follows it no more.
    func end()
}
