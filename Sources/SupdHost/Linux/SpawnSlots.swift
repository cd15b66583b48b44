internal import CSupd
internal import Glibc

/// The low descriptors through which a child gets its standard three (supd_spawn.h), made once, early, so that they are low.
/// Between spawns all of them are /dev/null.
struct SpawnSlots {
    let null: Int32
    let output: Int32
    let error: Int32
    let report: Int32
    /// One past the highest.
    let end: Int32

    init() throws(LinuxHostFailure) {
        null = try check(supd_open("/dev/null", O_RDWR, 0), "open of /dev/null")
        output = try check(supd_duplicate(null), "dup of /dev/null")
        error = try check(supd_duplicate(null), "dup of /dev/null")
        report = try check(supd_duplicate(null), "dup of /dev/null")
        end = max(null, output, error, report) + 1
    }

    func close() {
        for descriptor in [null, output, error, report] { closeDescriptor(descriptor) }
    }
}
