import SupdProtocol
import Testing

@testable import supctl

/// What `cat` says beside the keys.
@Suite struct DefinitionTextTests {
    private static func service(_ name: String, outdated: Bool = false, changed: Bool?) -> DefinedService {
        let key = DefinedKey(key: "nice", value: "5", origin: .changed)
        return DefinedService(name: name, outdated: outdated, changed: changed, keys: [key])
    }

    private static let byStart =
        "# the older definition that web@2 runs by until its next start, as by 'supctl restart web@2'\n"
    private static let byFiles =
        "# the files say something else by now: 'supctl plan' shows what, 'supctl apply' takes it over\n"

    /// What the files say of it is taken over already, or is not: by what is in force.
    @Test(arguments: [(false, true, ""), (true, true, byFiles), (true, false, "")])
    func anOlderDefinitionGoesWithTheNextStart(_ inForce: Bool, _ older: Bool, expected: String) {
        let services = [
            Self.service("db", changed: true), Self.service("web", changed: inForce),
            Self.service("web@2", outdated: true, changed: older),
        ]
        let text = DefinitionText.text(services, showsStandards: false)
        let last = text.ranges(of: Self.byStart).first.map { String(text[$0.lowerBound...]) }
        #expect(last == "\(Self.byStart)\(expected)[service.web]\nnice = 5  # of the older definition\n", "\(text)")
    }
}
