import Glibc
import SupdPlugin

extension ErrorNumber {
    /// Whether there simply is nothing of that name.
    var isAbsence: Bool { rawValue == ENOENT || rawValue == ENOTDIR }
}
