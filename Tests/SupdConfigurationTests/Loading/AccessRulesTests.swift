import SupdPlugin
import Testing

@testable import SupdConfiguration

/// `[supervisor.access]`: who may do what at the control socket.
@Suite struct AccessRulesTests {
    private func rules(_ lines: String) throws -> AccessRules {
        try Load.good("[supervisor.access]\n\(lines)\n").supervisor.access
    }

    @Test func nobodyMayDoAnythingWhereNothingIsSaid() throws {
        let rules = try Load.good("").supervisor.access
        #expect(rules.access(ofUser: 1000, groups: [1000]) == nil)
        #expect(rules.names(for: .observe) == [])
    }

    @Test func usersAndGroupsAreMeantByNameAndById() throws {
        let rules = try rules(
            """
            observe = ["*"]
            operate = ["@adm", "jo", 33]
            admin = ["@44", "1001"]
            """)
        #expect(rules.access(ofUser: 7, groups: [7]) == .observe)
        #expect(rules.access(ofUser: 7, groups: [7, 4]) == .operate)
        #expect(rules.access(ofUser: 1000, groups: [1000]) == .operate)
        #expect(rules.access(ofUser: 33, groups: []) == .operate)
        #expect(rules.access(ofUser: 33, groups: [44]) == .admin)
        #expect(rules.access(ofUser: 1001, groups: []) == .admin)
        // A number is no other one's: 4 is a group, and no user.
        #expect(rules.access(ofUser: 4, groups: [1000]) == .observe)
        #expect(rules.names(for: .operate) == ["@44", "1001", "@adm", "jo", "33"])
        #expect(rules.names(for: .observe).last == "everybody")
    }

    @Test func oneMayStandInPlaceOfAList() throws {
        #expect(try rules("operate = \"jo\"").access(ofUser: 1000, groups: []) == .operate)
    }

    @Test(arguments: [
        ("operate = [\"nobody-here\"]", "there is no user 'nobody-here'"),
        ("operate = [\"@nothing\"]", "there is no group 'nothing'"),
        ("operate = [\"@\"]", "a user, \"@GROUP\" or \"*\""), ("operate = [\"\"]", "a user, \"@GROUP\" or \"*\""),
        ("operate = [4294967295]", "a user, \"@GROUP\" or \"*\""), ("operate = [true]", "a user, \"@GROUP\" or \"*\""),
        ("operator = [\"jo\"]", "did you mean 'access.operate'"),
    ])
    func whoIsNobodyIsRefused(line: String, says: String) {
        let faults = Load.faults("[supervisor.access]\n\(line)\n")
        #expect(faults.count == 1 && faults.first?.contains(says) == true, "\(faults)")
    }
}
