/// What becomes of lines that a queue has no room for.
enum Claim {
    /// They are dropped and counted.
    case droppable
    /// They are queued all the same: their service is not read from then on.
    case kept
    /// The daemon's own: they have a reserve that nobody else uses.
    case own
}
