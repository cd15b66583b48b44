import SupdPlugin
import SupdProtocol
import Testing

@Suite struct MethodTests {
    /// The table of the contract, written out once more: a new method must be given a class on purpose.
    static let contract: [String: AccessClass] = [
        "supervisor.status": .observe, "supervisor.ping": .observe, "supervisor.version": .observe,
        "service.status": .observe, "service.why": .observe, "tasks.list": .observe, "logs.read": .observe,
        "logs.follow": .observe,
        "events.subscribe": .observe,
        "service.start": .operate, "service.stop": .operate, "service.restart": .operate,
        "service.signal": .operate, "service.reload": .operate, "service.scale": .operate, "service.tree": .observe,
        "service.definition": .observe, "service.dependencies": .observe, "service.timing": .observe,
        "service.reset_failed": .operate,
        "supervisor.drain": .admin, "supervisor.shutdown": .admin, "supervisor.resume": .admin,
        "plugins.list": .observe,
        "config.plan": .admin, "config.reload": .admin, "logs.reopen": .operate,
    ]

    @Test(arguments: Method.allCases)
    func everyMethodHasTheAccessClassOfTheContract(_ method: Method) {
        #expect(Self.contract[method.rawValue] == method.accessClass)
    }

    @Test func theContractNamesNoMethodThatIsNotThere() {
        #expect(Set(Self.contract.keys) == Set(Method.allCases.map(\.rawValue)))
    }

    /// A param that no method takes is one that nobody can give.
    @Test func everyParameterBelongsToAMethod() {
        let taken = Set(Method.allCases.flatMap(\.parameters))
        #expect(taken == Set(Method.Parameter.allCases))
    }

    /// What a client may leave out, and what it has to give, is read by the same method that it is written for.
    @Test(arguments: Method.allCases)
    func aMethodTakesWhatItSaysAndNothingElse(_ method: Method) {
        let error = rejection(#"{"id":1,"method":"\#(method.rawValue)","params":{"nothing of the kind":1}}"#)?.error
        let takes = method.parameters.isEmpty ? "no params" : method.parameters.map(\.rawValue).joined(separator: ", ")
        #expect(error?.message.hasSuffix(": it takes \(takes)") == true, "\(String(describing: error))")
        for parameter in method.parameters {
            let line = #"{"id":1,"method":"\#(method.rawValue)","params":{"\#(parameter.rawValue)":{}}}"#
            let refusal = rejection(line)?.error.message
            #expect(refusal?.contains("has no param") == false, "\(parameter)")
        }
    }

    @Test func eachClassIncludesThoseBelow() {
        #expect(AccessClass.observe < .operate)
        #expect(AccessClass.operate < .admin)
        #expect(!(AccessClass.admin < .observe))
    }
}
