internal import Synchronization

/// Calls that may wait for a file system, made elsewhere while the thread that asks waits for them.
package struct FileCalls: Sendable {
    private final class Answer<Value: Sendable>: Sendable {
        let value = Mutex<Value?>(nil)
    }

    private let make: @Sendable (@escaping @Sendable () -> Void) -> Void

    /// Those that `make` makes; it returns when the call has, which may be never.
    package init(make: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void) { self.make = make }

    /// Makes `call`, which leaves nothing open and takes little stack, and answers its result.
    package func callAsFunction<Value: Sendable>(_ call: @escaping @Sendable () -> Value) -> Value {
        let answer = Answer<Value>()
        make {
            let value = call()
            answer.value.withLock { $0 = value }
        }
        // It is there; the compiler cannot know.
        return answer.value.withLock { $0 } ?? call()
    }
}
