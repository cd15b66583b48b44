import Testing

/// Lets only a few tests that run daemons run at once, so that none of them waits for the processor when it
/// measures, and on threads of their own.
struct Slots: SuiteTrait, TestTrait, TestScoping {
    var isRecursive: Bool { true }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        guard testCase != nil else { return try await function() }
        await Gate.shared.enter()
        do {
            try await withTaskExecutorPreference(OwnThreads.shared) {
                try await LeftToOthers.check { try await function() }
            }
        } catch {
            await Gate.shared.leave()
            if test.isParameterized, Task.isCancelled { Self.announceCancelledCase(of: test, error) }
            throw error
        }
        await Gate.shared.leave()
    }

    /// The runner says of a case that cancels itself that it has passed. This is what contrib/lib/not-run.sh looks for.
    private static func announceCancelledCase(of test: Test, _ error: any Error) {
        let comment = Mirror(reflecting: error).children.first { $0.label == "comment" }?.value as? Comment
        print("\u{279C} Test case of \(test.name) was cancelled: \"\(comment?.rawValue ?? "\(error)")\"")
    }
}

extension Trait where Self == Slots {
    /// For every suite here.
    static var daemons: Slots { Slots() }
}

private actor Gate {
    static let shared = Gate()
    private var free = 4
    private var queue: [CheckedContinuation<Void, Never>] = []

    func enter() async {
        if free > 0 {
            free -= 1
            return
        }
        await withCheckedContinuation { queue.append($0) }
    }

    func leave() {
        if queue.isEmpty { free += 1 } else { queue.removeFirst().resume() }
    }
}
