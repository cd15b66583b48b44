import SupdConfiguration
import SupdPlugin
import Testing

@Suite struct InstanceTests {
    private func log(_ name: String, _ file: String, instances: Int = 1) -> String {
        "[service.\(name)]\nexec_start = \"x\"\ninstances = \(instances)\nlog = { sink = \"file\", file = \"\(file)\" }\n"
    }

    @Test func instancesCannotShareALogFile() {
        #expect(
            Load.faults(log("web", "/l/%n.log", instances: 2)) == [
                "4:31: 'log.file' is one file for all 2 instances of 'web': put %i into its name"
            ])
        #expect(Load.faults(log("web", "/l/%n@%i.log", instances: 2)) == [])
        #expect(Load.faults(log("web", "/l/web.log")) == [])
    }

    @Test func twoServicesCannotShareALogFile() {
        #expect(
            Load.faults(log("a", "/l/x1.log") + log("b", "/l/x%i.log", instances: 2)) == [
                "8:31: 'log.file' of 'b' is the file of 'a' too (/etc/supd/supd.toml:4:31): two services cannot rotate one file; %n puts the service's name into it"
            ])
    }

    @Test func twoSpellingsOfALogFileAreOne() {
        for other in ["/l/./x.log", "/l//x.log", "/l/y/../x.log"] {
            #expect(Load.faults(log("a", "/l/x.log") + log("b", other)).count == 1, "\(other)")
        }
    }

    /// `supctl stop tag:x` would never mean it.
    @Test func aNameThatIsASelectorIsRefused() {
        for name in ["tag:x", "state:fatal"] {
            let faults = Load.faults("[service.\"\(name)\"]\nexec_start = \"x\"\ntags = \"\(name)\"\n")
            #expect(
                faults == [
                    "1:10: \"\(name)\" cannot name a service: use letters, digits and _ . : -, not - or . first, at most 64; "
                        + "what begins with tag: or state: selects services by that, and none by its name"
                ])
        }
    }

    @Test func thereIsALimitOnAllInstancesTogether() {
        let services = (1...101).map { "[service.s\($0)]\nexec_start = \"x\"\ninstances = 1000\n" }
        #expect(Load.faults(services.dropLast().joined()) == [])
        #expect(
            Load.faults(services.joined()) == ["303:13: with 's101' there are over 100000 instances in all"])
    }

    @Test func thereIsALimitOnServices() {
        let services = (1...10_002).map { "[service.s\($0)]\nexec_start = \"x\"\n" }
        let faults = Load.faults(services.joined())
        #expect(faults == ["20001:1: there are more than 10000 services"])
    }
}
