import Foundation
import SupdJSON
import SupdPlugin
import SupdProtocol
import Testing

@testable import supctl

/// `-o FIELD,…`.
@Suite struct FieldTests {
    private func text(_ line: String, _ result: some WireValue) throws -> String {
        let invocation = try #require(parse(line))
        var writer = JSONWriter()
        result.encode(into: &writer)
        let value = try JSONValue(parsing: writer.bytes, limits: .document)
        return try Presentation(json: false, terminal: Terminal(width: 20, hasColour: true), now: now)
            .outcome(of: invocation.verb, value, columns: invocation.columns).output
    }

    private static let services = ServiceList(services: [
        status(instance("web", 2), .running, pid: 12, reason: "started\twith supd"),
        status(instance("db"), .exited, ready: false, lastExit: exit(code: 3), reason: "exit code 3"),
    ])

    @Test func columnsAreInTheOrderOfTheLineWithTabsBetween() throws {
        #expect(
            try text("status -o state,name,pid,exit_code,reason", Self.services)
                == "RUNNING\tweb@2\t12\t-\tstarted\\twith supd\nEXITED\tdb\t-\t3\texit code 3\n")
        #expect(try text("status --output=ready,tags,exit", Self.services) == "true\t-\t-\nfalse\t-\texit code 3\n")
        let tags = ServiceList(services: [
            ServiceStatus(
                name: instance("a"), state: .running, desired: .up, since: now, reason: "", type: .exec,
                restartPolicy: "no", tags: ["b", "c"])
        ])
        #expect(try text("status -otags", tags) == "b,c\n")
    }

    @Test func ordersTasksAndProcessesHaveColumns() throws {
        let results = ServiceResults(services: [ServiceResult(status: status(instance("web"), .stopped))])
        #expect(try text("stop web -o name,state", results) == "web\tSTOPPED\n")
        let process = TreeProcess(
            pid: 7, parent: 1, command: "web a", state: "S", processorTime: .milliseconds(1500), residentBytes: 4096,
            age: .seconds(9))
        let trees = ServiceTrees(services: [
            ServiceTree(name: "web", state: .running, pid: 7, processes: [process]),
            ServiceTree(name: "db", state: .stopped, pid: nil, processes: []),
            ServiceTree(name: "log", state: .running, pid: 8, processes: nil, more: 2),
        ])
        // What is unknown is not left out, as if it used nothing.
        #expect(
            try text("tree -o name,pid,state,cpu,memory,command", trees)
                == "web\t7\tS\t1.5\t4096\tweb a\nlog\t-\t-\t-\t-\t-\n")
        let task = TaskStatus(
            name: "logs", kind: .service, phase: .flush, state: .running, age: .milliseconds(2500), deadline: nil,
            registeredAt: "a.swift:1")
        #expect(
            try text("tasks -o name,age,deadline", TaskList(registry: .open, tasks: [task])) == "logs\t2.5\t-\n")
    }

    @Test func aWrongFieldSuggestsTheNearestAndListsAll() {
        guard case .wrong(let error) = answer("status", "-o", "name,stat") else {
            Issue.record("it was taken")
            return
        }
        #expect(error.message.hasPrefix("there is no field 'stat'; did you mean 'state'?\nFields: name, service, "))
        #expect(error.message.hasSuffix(", reason") && error.verb == "status")
        for arguments in [
            ["status", "-o", ""], ["status", "-o", "name,"], ["ping", "-o", "name"], ["why", "a", "-o", "x"],
        ] {
            guard case .answer(.wrong) = Arguments.parse(arguments) else {
                Issue.record("\(arguments) was taken")
                continue
            }
        }
        #expect(answer("status", "--json", "-o", "name") != nil && answer("tasks", "--watch", "-o", "name") != nil)
    }

    /// Every field is there in what the daemon answers.
    @Test func everyFieldIsAMemberOfTheAnswer() throws {
        func keys(_ value: some WireValue) throws -> Set<String> {
            var writer = JSONWriter()
            value.encode(into: &writer)
            return Set(try JSONValue(parsing: writer.bytes, limits: .document).objectValue?.keys.map { $0 } ?? [])
        }
        var whole = status(instance("db"), .exited, lastExit: exit(code: 3))
        whole.outdated = true
        whole.blocked = ServiceBlock(by: ["cache"], forGood: false)
        whole.statusText = "x"
        #expect(Set(Field.ofServices.map { $0.path[0] }) == (try keys(whole)))
        let end = try keys(exit(code: 3))
        #expect(
            Field.ofServices.filter { $0.path.count > 1 }.allSatisfy {
                $0.path[0] == "blocked" ? $0.path[1] == "by" : end.contains($0.path[1])
            })
        let process = TreeProcess(
            pid: 7, parent: 1, command: "", state: "S", processorTime: .zero, residentBytes: 1, age: .zero)
        #expect(Set(Field.ofProcesses.map(\.name)) == (try keys(process)).union(["name"]))
        let task = TaskStatus(
            name: "logs", kind: .service, phase: .flush, state: .running, age: .seconds(2), deadline: nil,
            registeredAt: "a.swift:1")
        #expect(Set(Field.ofTasks.map(\.name)) == (try keys(task)))
    }

    /// docs/supctl.md has the fields, and no other, in the order of the help.
    @Test func theManualHasTheFields() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
        let manual = try String(contentsOfFile: "\(root)/docs/supctl.md", encoding: .utf8)
        func documented(_ verbs: String) throws -> [String] {
            let row = try #require(manual.split(separator: "\n").first { $0.hasPrefix("| \(verbs) |") })
            return row.split(separator: "`").enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
        }
        #expect(try documented("of services") == Field.ofServices.map(\.name))
        #expect(try documented("of processes") == Field.ofProcesses.map(\.name))
        #expect(try documented("of tasks") == Field.ofTasks.map(\.name))
    }
}
