import Glibc
import SupdHost
import Testing

@Suite struct PassingThreadTests {
    @Test func theWorkIsDoneElsewhereAndWaitedFor() {
        let here = pthread_self()
        let (sum, there) = PassingThread.run { ((1...1_000).reduce(0, +), pthread_self()) }
        #expect(sum == 500_500)
        #expect(pthread_equal(here, there) == 0)
    }

    @Test func whatIsCopiedIsCopiedHereAndLetGoOfThere() {
        /// Notes in which thread it goes.
        final class Original {
            let numbers = Array(1...1_000)
            let grave: UnsafeMutablePointer<pthread_t>
            init(_ grave: UnsafeMutablePointer<pthread_t>) { self.grave = grave }
            deinit { grave.pointee = pthread_self() }
        }
        let here = pthread_self()
        var (made, gone) = (here, here)
        let copy = withUnsafeMutablePointer(to: &gone) { grave in
            PassingThread.run {
                made = pthread_self()
                return Original(grave)
            } copying: { original in
                #expect(pthread_equal(pthread_self(), here) != 0)
                return original.numbers.reduce(0, +)
            }
        }
        #expect(copy == 500_500)
        #expect(pthread_equal(made, here) == 0)
        #expect(pthread_equal(gone, made) != 0)
    }
}
