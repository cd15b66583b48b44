internal import CSupd
internal import Glibc
internal import SupdPlugin

/// The low descriptors through which a child gets its standard three (supd_spawn.h). Between spawns all of them are /dev/null.
struct SpawnSlots {
    /// The same for all, and never changed.
    let null: Int32
    let output: Int32
    let error: Int32
    let report: Int32
    /// One past the highest.
    let end: Int32

    /// The first are made early, so that they are low: a child copies the table of descriptors up to the last of its slots.
    init(null: Int32) throws(LinuxHostFailure) {
        self.null = null
        var made: [Int32] = []
        do throws(LinuxHostFailure) {
            for _ in 0..<3 { made.append(try check(supd_duplicate(null), "dup of /dev/null")) }
        } catch {
            for descriptor in made { closeDescriptor(descriptor) }
            throw error
        }
        (output, error, report) = (made[0], made[1], made[2])
        end = max(null, output, error, report) + 1
    }

    func close() {
        for descriptor in [output, error, report] { closeDescriptor(descriptor) }
    }
}

/// What one spawn at a time has to itself, until its child has left the daemon's memory: slots, a stack and its strings.
final class SpawnPlace {
    let slots: SpawnSlots
    let arena = SpawnArena()
    let stack: UnsafeMutableRawPointer
    let spawn: UnsafeMutablePointer<supd_spawn>

    init(null: Int32) throws(LinuxHostFailure) {
        slots = try SpawnSlots(null: null)
        guard let stack = supd_spawn_stack_make() else {
            let error = ErrorNumber(errno)
            slots.close()
            throw LinuxHostFailure(call: "mmap of a child's stack", error: error)
        }
        self.stack = stack
        spawn = .allocate(capacity: 1)
        spawn.initialize(to: supd_spawn())
    }

    /// Never of one whose child has not left: it is kept then, whoever lets go of it.
    deinit {
        slots.close()
        supd_spawn_stack_free(stack)
        spawn.deallocate()
    }
}
