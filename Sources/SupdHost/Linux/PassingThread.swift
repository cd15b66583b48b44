import CSupd
import Glibc

/// Work whose memory is to leave no trace.
package enum PassingThread {
    /// Does `work` on a thread of its own and waits for its end.
    ///
    /// glibc gives each thread a part of the heap of its own (mallopt(3), M_ARENA_MAX). What the work leaves behind
    /// for others is to be copied out of there; then that part is free whole, and goes back to the kernel.
    package static func run<Result>(_ work: () -> Result) -> Result {
        supd_hold_back_little_memory()
        return withoutActuallyEscaping(work) { work in
            let box = Box(work)
            var thread = pthread_t()
            let error = pthread_create(
                &thread, nil,
                { argument in
                    argument.map { Unmanaged<AnyBox>.fromOpaque($0).takeUnretainedValue().run() }
                    return nil
                }, Unmanaged.passUnretained(box as AnyBox).toOpaque())
            if error == 0 { pthread_join(thread, nil) } else { box.run() }
            return box.result ?? work()
        }
    }

    private class AnyBox {
        func run() {}
    }

    private final class Box<Result>: AnyBox {
        private let work: () -> Result
        var result: Result?

        init(_ work: @escaping () -> Result) { self.work = work }

        override func run() { result = work() }
    }
}
