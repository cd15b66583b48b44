import SupdEngine
import SupdJSON

/// The statuses that were asked for last, as they were written: each is rendered once a change, and not once a request.
///
/// Nobody has to remember to drop one. It is kept beside all that it was made of, and of no use once any of that is another; debug builds
/// render it anew each time and end where that differs.
final class KeptStatuses {
    /// All that the status of an instance at rest is made of.
    struct Basis: Equatable {
        let instance: InstanceID
        /// How often its machine, its row in the roster, the probes and what services say of themselves have changed; the last two are zero
        /// of an instance without probes, and of one that is not listened to.
        let machine: UInt32
        let row: UInt64
        let probes: UInt64
        let notices: UInt64
        /// How often any service has got another definition: what runs by an earlier one is outdated.
        let redefinitions: UInt64
        /// By which instants are shown.
        let wallDifference: Int64
    }

    /// How many are kept, and how long one is at most, in bytes.
    private static let places = 256
    private static let longest = 1024
    /// By the instances' slots; empty as long as nobody asks. Apart, as who compares one basis of an instance with another leaves its text
    /// alone.
    private var bases: [Basis?] = []
    private var texts: [[UInt8]] = []

    /// Writes what was written when all was as it is now. False where that is not kept.
    func write(_ basis: Basis, into writer: inout JSONWriter) -> Bool {
        let place = Self.place(basis.instance)
        guard !bases.isEmpty, bases[place] == basis else { return false }
        writer.value(written: texts[place])
        return true
    }

    /// Keeps it, in place of one that was asked for before.
    func keep(_ bytes: [UInt8], for basis: Basis) {
        guard bytes.count <= Self.longest else { return }
        if bases.isEmpty {
            bases = Array(repeating: nil, count: Self.places)
            texts = Array(repeating: [], count: Self.places)
        }
        let place = Self.place(basis.instance)
        bases[place] = basis
        texts[place] = bytes
    }

    private static func place(_ instance: InstanceID) -> Int { Int(instance.slot) % places }
}
