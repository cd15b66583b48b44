import CSupd
import Glibc

/// Work whose memory is to leave no trace.
package enum PassingThread {
    /// Does `work` on a thread of its own and waits for its end.
    ///
    /// glibc gives each thread a part of the heap of its own (mallopt(3), M_ARENA_MAX). What the work leaves behind
    /// for others is to be copied out of there; then that part is free whole, and goes back to the kernel.
    package static func run<Result>(_ work: () -> Result) -> Result {
        withoutActuallyEscaping(work) { work in
            let box = Box(work)
            if let thread = start(box) { pthread_join(thread, nil) } else { box.run() }
            return box.result ?? work()
        }
    }

    /// The same, and `copy` makes what stays of the result, on the thread of the caller. The other one lets go of the result itself: who frees
    /// a piece of another thread's part of the heap keeps it at hand for the next one of its size, and with it the page that it is on.
    package static func run<Original, Copy>(_ work: () -> Original, copying copy: (Original) -> Copy) -> Copy {
        withoutActuallyEscaping(work) { work in
            let box = CopiedBox(work)
            guard let thread = start(box) else { return copy(work()) }
            box.isDone.wait()
            defer {
                box.isCopied.open()
                pthread_join(thread, nil)
            }
            return box.result.map(copy) ?? copy(work())
        }
    }

    private static func start(_ box: AnyBox) -> pthread_t? {
        supd_hold_back_little_memory()
        var thread = pthread_t()
        let error = pthread_create(
            &thread, nil,
            { argument in
                argument.map { Unmanaged<AnyBox>.fromOpaque($0).takeUnretainedValue().run() }
                return nil
            }, Unmanaged.passUnretained(box).toOpaque())
        return error == 0 ? thread : nil
    }

    private class AnyBox {
        func run() {}
    }

    private class Box<Result>: AnyBox {
        private let work: () -> Result
        var result: Result?

        init(_ work: @escaping () -> Result) { self.work = work }

        override func run() { result = work() }
    }

    private final class CopiedBox<Result>: Box<Result> {
        let isDone = Latch()
        let isCopied = Latch()

        override func run() {
            super.run()
            isDone.open()
            isCopied.wait()
            result = nil
            supd_give_back_own_heap()
        }
    }
}
