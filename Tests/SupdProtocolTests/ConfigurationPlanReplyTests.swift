import SupdJSON
import SupdProtocol
import Testing

@Suite struct ConfigurationPlanReplyTests {
    private typealias Plan = ConfigurationPlanReply

    private static let plan = Plan(
        token: "3f2a", path: "/etc/supd/supd.toml", counts: .init(added: 1, restarted: 1, scaled: 1, unchanged: 12),
        services: [
            .init(
                name: "web", kind: .restarted,
                keys: [
                    .init(key: "exec_start", old: "web --port 80", new: "web --port 81", effect: .nextStart),
                    .init(key: "environment.TOKEN", old: nil, new: nil, effect: .nextStart),
                ]),
            .init(name: "cache", kind: .added),
            .init(name: "worker", kind: .scaled, instances: .init(old: 3, new: 5)),
        ],
        supervisor: [.init(key: "socket", old: "/a", new: nil, effect: .daemonRestart)],
        plugins: [.init(name: "lb", keys: [.init(key: "share", old: nil, new: "2", effect: .atOnce)])])

    @Test func aPlanHasTheKeysOfTheProtocol() {
        let expected =
            #"{"token":"3f2a","path":"/etc/supd/supd.toml","#
            + #""counts":{"added":1,"removed":0,"restarted":1,"changed":0,"scaled":1,"unchanged":12},"#
            + #""services":[{"name":"web","kind":"restarted","keys":["#
            + #"{"key":"exec_start","old":"web --port 80","new":"web --port 81","effect":"next-start"},"#
            + #"{"key":"environment.TOKEN","old":null,"new":null,"effect":"next-start"}]},"#
            + #"{"name":"cache","kind":"added","keys":[]},"#
            + #"{"name":"worker","kind":"scaled","keys":[],"instances":{"old":3,"new":5}}],"#
            + #""supervisor":[{"key":"socket","old":"/a","new":null,"effect":"daemon-restart"}],"#
            + #""plugins":[{"name":"lb","keys":[{"key":"share","old":null,"new":"2","effect":"at-once"}]}]}"#
        #expect(text(Self.plan) == expected)
    }

    @Test func aPlanComesBackCarriedOutOrNot() throws {
        #expect(try roundTrip(Self.plan) == Self.plan)
        var carriedOut = Self.plan
        carriedOut.outcome = .init(
            applied: true, deferred: ["web"], failed: [.init(name: "cache", reason: "FATAL: exit code 1")])
        let end = #""applied":true,"deferred":["web"],"failed":[{"name":"cache","reason":"FATAL: exit code 1"}]}"#
        #expect(text(carriedOut).hasSuffix(end))
        #expect(try roundTrip(carriedOut) == carriedOut)
        carriedOut.outcome = .init(applied: false)
        #expect(try roundTrip(carriedOut) == carriedOut)
    }

    @Test func whatIsToBeDoneIsTold() {
        var plan = Plan(token: "t", path: "/c", counts: .init(unchanged: 3))
        #expect(plan.isEmpty && !plan.waitsForRestart)
        plan.supervisor = Self.plan.supervisor
        #expect(!plan.isEmpty && plan.waitsForRestart)
        plan.services = [.init(name: "web", kind: .removed)]
        #expect(!plan.isEmpty && !plan.waitsForRestart)
        plan.services = []
        plan.hidden = 1
        #expect(!plan.isEmpty && !plan.waitsForRestart)
        plan.supervisor = []
        #expect(!plan.isEmpty && !plan.waitsForRestart)
        #expect(text(plan).contains(#""services":[],"hidden_services":1,"#))
    }

    @Test func whatIsWrongInAPlanIsNamedByItsPlace() throws {
        let line = text(Self.plan).replacing(#""next-start""#, with: "7")
        let error = #expect(throws: WireError.self) { try Plan(from: json(line)) }
        #expect(error?.path == "services[0].keys[0].effect")
    }

    @Test func theNumberOfReopenedFilesComesBack() throws {
        #expect(text(ReopenedLogs(files: 3)) == #"{"files":3}"#)
        #expect(try roundTrip(ReopenedLogs(files: 3)) == ReopenedLogs(files: 3))
    }
}
