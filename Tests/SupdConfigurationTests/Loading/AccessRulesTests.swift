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

    @Test func whoIsOfSeveralClassesIsNamedOnce() throws {
        let rules = try rules(
            """
            operate = ["jo", "@adm", "jo"]
            admin = ["jo"]
            """)
        #expect(rules.names(for: .operate) == ["jo", "@adm"])
    }

    /// `[service.NAME.access]`: a class that it names is as it names it, and another as for all.
    @Test func aServiceReplacesWhatItNames() throws {
        let configuration = try Load.good(
            """
            [supervisor.access]
            observe = "*"
            operate = "jo"
            admin = "@adm"
            [service.plain]
            exec_start = "/bin/web"
            [service.web]
            exec_start = "/bin/web"
            access = { observe = [], operate = "@44" }
            """)
        #expect(configuration.services[0].conduct.access == nil)
        let rules = try #require(configuration.services[1].conduct.access).over(configuration.supervisor.access)
        #expect(rules.access(ofUser: 7, groups: [7]) == nil)
        #expect(rules.access(ofUser: 1000, groups: [1000]) == nil)
        #expect(rules.access(ofUser: 7, groups: [44]) == .operate)
        #expect(rules.access(ofUser: 7, groups: [4]) == .admin)
        #expect(rules.names(for: .operate) == ["@adm", "@44"])
        let faults = Load.faults("[service.web]\nexec_start = \"/bin/web\"\naccess = { operator = \"jo\" }\n")
        #expect(faults.count == 1 && faults.first?.contains("did you mean 'access.operate'") == true, "\(faults)")
        #expect(Load.faults("[defaults]\naccess = { operate = \"jo\" }\n").count == 1)
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
