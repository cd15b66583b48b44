internal import CSupd
internal import Glibc
internal import SupdPlugin

/// A look at files, or the reading of one, in a child of its own (supd_look.h).
final class FileLook {
    /// What it came to.
    struct Outcome {
        /// Which of the paths was there; nil for none.
        var index: Int?
        /// 0, or errno.
        var error: Int32
        /// st_mode of stat(2).
        var mode: mode_t
        /// The bytes of a regular file, up to the capacity.
        var bytes: [UInt8]
    }

    private let look: UnsafeMutablePointer<supd_look>
    private let paths: [UnsafeMutablePointer<CChar>?]
    private let list: UnsafeMutablePointer<UnsafePointer<CChar>?>
    private let stack: UnsafeMutableRawPointer

    /// Looks at the first of `paths` that is there, and reads up to `capacity` bytes of it where it is a regular file; with 0 it is not
    /// opened. Throws where there can be no child.
    init(_ paths: [String], capacity: Int) throws(LinuxHostFailure) {
        guard let stack = supd_spawn_stack_make() else {
            throw LinuxHostFailure(call: "mmap of a child's stack", error: ErrorNumber(errno))
        }
        self.stack = stack
        self.paths = paths.map { strdup($0) } + [nil]
        list = .allocate(capacity: self.paths.count)
        for (index, path) in self.paths.enumerated() { (list + index).initialize(to: path.map { UnsafePointer($0) }) }
        look = .allocate(capacity: 1)
        look.initialize(to: supd_look())
        look.pointee.paths = UnsafePointer(list)
        look.pointee.buffer = .allocate(byteCount: max(capacity, 1), alignment: 1)
        look.pointee.capacity = capacity
        let result = supd_look_begin(look, stack)
        guard result == 0 else { throw LinuxHostFailure(call: "clone", error: ErrorNumber(-result)) }
    }

    /// Never of one that is not back: whoever gives it up keeps it until then.
    deinit {
        look.pointee.buffer.deallocate()
        look.deallocate()
        list.deallocate()
        for path in paths { free(path) }
        supd_spawn_stack_free(stack)
    }

    var pid: Int32 { look.pointee.pid }

    func isBack(within bound: Duration) -> Bool { supd_look_await(look, max(0, bound.clampedNanoseconds)) == 1 }

    /// Has it end, once the kernel lets it go.
    func takeBack() { _ = supd_pidfd_signal(look.pointee.pidfd, SIGKILL) }

    /// What it came to, once it is back.
    var outcome: Outcome {
        let look = look.pointee
        return Outcome(
            index: look.index < 0 ? nil : Int(look.index), error: look.error, mode: look.mode,
            bytes: Array(UnsafeRawBufferPointer(start: look.buffer, count: look.count)))
    }
}

/// The files of an order, read one after the other.
final class FileReading {
    let order: SpawnOrder
    private(set) var contents: SpawnOrder.Contents = [:]
    private(set) var look: FileLook?
    private var next = 0

    init(_ order: SpawnOrder) { self.order = order }

    /// The file that is read.
    var path: String { next < order.files.count ? order.files[next] : "" }

    /// Reads on. False where a file does not answer, after `bound` for each.
    func isDone(within bound: Duration) -> Bool {
        while next < order.files.count {
            if look == nil {
                do throws(LinuxHostFailure) {
                    // One byte more, to tell a file that is too long.
                    look = try FileLook([path], capacity: WholeFile.limit + 1)
                } catch {
                    contents[path] = .failure(FileProblem(error.error))
                }
            }
            if let look {
                guard look.isBack(within: bound) else { return false }
                contents[path] = RegularFile.contents(look.outcome)
            }
            look = nil
            next += 1
        }
        return true
    }
}

/// Files that are read whole.
enum RegularFile {
    /// The bytes of a regular file of at most `limit` bytes (`WholeFile`).
    static func contents(_ outcome: FileLook.Outcome, limit: Int = WholeFile.limit) -> Result<[UInt8], FileProblem> {
        guard outcome.error == 0 else { return .failure(FileProblem(ErrorNumber(outcome.error))) }
        if let problem = WholeFile.problem(ofMode: outcome.mode) { return .failure(problem) }
        guard outcome.bytes.count <= limit else { return .failure(WholeFile.tooLong(limit)) }
        return .success(outcome.bytes)
    }
}
