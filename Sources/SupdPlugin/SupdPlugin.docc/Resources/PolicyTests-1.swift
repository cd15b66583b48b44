import Greeter
import SupdPlugin
import SupdTesting
import Testing

@Suite struct PolicyTests {
    @Test func thePoliciesAreSound() {
        #expect(PluginChecks.faults(of: Greeter()) == [])
    }
}
