import SupdPlugin

/// Why a hook could not do what it is for, as a sentence for the drain's report.
struct HookFailure: Error, Hashable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
