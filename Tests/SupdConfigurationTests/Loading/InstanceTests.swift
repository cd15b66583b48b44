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

    /// Each rotation of the one would replace what the other has written.
    @Test func aRotatedFileOfAnotherServiceCannotBeALogFile() {
        func pair(_ file: String, _ rule: String = "rotate_keep = 2") -> String {
            log("f", file) + log("a", "/l/x.log").replacing(" }", with: ", \(rule) }")
        }
        for file in ["/l/x.log.1", "/l/x.log.2", "/l//x.log.2"] {
            let name = file.replacing("//", with: "/")
            #expect(
                Load.faults(pair(file)) == [
                    "4:31: 'log.file' of 'f' is \(name), which is a rotated file of 'a' (/etc/supd/supd.toml:8:31): "
                        + "what is in it would be lost; take another name, or a lower 'rotate_keep' there"
                ])
        }
        for file in ["/l/x.log.3", "/l/x.log.0", "/l/x.log.01", "/l/x.log.1x", "/l/y.log.1"] {
            #expect(Load.faults(pair(file)) == [], "\(file)")
        }
        #expect(Load.faults(pair("/l/x.log.1", "rotate_size = 0")) == [])
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
