import SupdPlugin
import SupdProtocol
import Testing

@Suite struct MethodTests {
    /// The table of the contract, written out once more: a new method must be given a class on purpose.
    static let contract: [String: AccessClass] = [
        "supervisor.status": .observe, "supervisor.ping": .observe, "supervisor.version": .observe,
        "service.status": .observe, "tasks.list": .observe, "logs.read": .observe,
        "service.start": .operate, "service.stop": .operate, "service.restart": .operate,
        "service.signal": .operate, "service.reload": .operate, "service.scale": .operate, "service.tree": .observe,
        "service.reset_failed": .operate,
        "supervisor.drain": .admin, "supervisor.shutdown": .admin, "supervisor.resume": .admin,
        "plugins.list": .observe,
    ]

    @Test(arguments: Method.allCases)
    func everyMethodHasTheAccessClassOfTheContract(_ method: Method) {
        #expect(Self.contract[method.rawValue] == method.accessClass)
    }

    @Test func theContractNamesNoMethodThatIsNotThere() {
        #expect(Set(Self.contract.keys) == Set(Method.allCases.map(\.rawValue)))
    }

    @Test func eachClassIncludesThoseBelow() {
        #expect(AccessClass.observe < .operate)
        #expect(AccessClass.operate < .admin)
        #expect(!(AccessClass.admin < .observe))
    }
}
