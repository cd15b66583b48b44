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
}
