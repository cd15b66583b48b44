import Foundation
import SupdPlugin
import Testing

@testable import SupdConfiguration

/// What must hold of every key there is.
@Suite struct SchemaTests {
    /// A date is the right type of no key, so that a key which is not looked at is found out.
    private func faultsOfADate(at key: String, in table: String) -> [String] {
        Load.faults("\(table)\n\(key) = 1979-05-27\n").filter { $0.contains("found a date") }
    }

    @Test(arguments: ServiceKey.allCases.map(\.rawValue))
    func everyKeyOfAServiceIsLookedAt(key: String) {
        #expect(faultsOfADate(at: key, in: "[service.a]").count == 1)
    }

    @Test(arguments: Set(ServiceKey.allCases).subtracting(ServiceKey.notInDefaults).map(\.rawValue).sorted())
    func everyKeyOfTheDefaultsIsLookedAt(key: String) {
        #expect(faultsOfADate(at: key, in: "[defaults]").count == 1)
    }

    @Test func everyKeyOfTheOtherTablesIsLookedAt() {
        for key in SupervisorKey.allCases { #expect(faultsOfADate(at: key.rawValue, in: "[supervisor]").count == 1) }
        for key in DrainKey.allCases { #expect(faultsOfADate(at: key.rawValue, in: "[supervisor.drain]").count == 1) }
        for key in AccessKey.allCases { #expect(faultsOfADate(at: key.rawValue, in: "[supervisor.access]").count == 1) }
        for key in LogKey.allCases { #expect(faultsOfADate(at: key.rawValue, in: "[service.a.log]").count == 1) }
        for key in ResourceName.allCases {
            #expect(faultsOfADate(at: key.rawValue, in: "[service.a.limits]").count == 1)
        }
        for key in StopStepKey.allCases {
            #expect(faultsOfADate(at: key.rawValue, in: "[[service.a.stop_steps]]").count == 1)
        }
        for key in CommandKey.allCases {
            #expect(faultsOfADate(at: key.rawValue, in: "[[service.a.exec_start_pre]]").count == 1)
        }
        for key in SocketKey.allCases {
            #expect(faultsOfADate(at: key.rawValue, in: "[[service.a.sockets]]").count == 1)
        }
        for key in ResourceKey.allCases {
            #expect(faultsOfADate(at: key.rawValue, in: "[service.a.resources]").count == 1)
        }
        for key in HookKey.allCases {
            let run = key == .run ? "" : "\nrun = \"leave-pool\""
            #expect(faultsOfADate(at: key.rawValue, in: "[[service.a.hooks]]" + run).count == 1)
        }
        for key in ProbeKey.allCases {
            let type = key == .type ? "" : "\ntype = \"asks\""
            #expect(faultsOfADate(at: key.rawValue, in: "[service.a.health]" + type).count == 1)
            let isTaken = ProbeKey.ofReadiness.contains(key)
            #expect(faultsOfADate(at: key.rawValue, in: "[service.a.ready]" + type).count == (isTaken ? 1 : 0))
        }
        for key in RootKey.allCases { #expect(faultsOfADate(at: key.rawValue, in: "").count == 1) }
    }

    /// What people copy first.
    @Test func theFirstExampleOfTheReferenceIsGood() throws {
        let reference = try String(
            contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("../../docs/configuration.md"), encoding: .utf8)
        let example = try #require(reference.components(separatedBy: "```toml\n").dropFirst().first)
            .components(separatedBy: "```")[0]
        let configuration = try Load.good(example)
        #expect(configuration.services.count == 3 && configuration.warnings.isEmpty, "\(configuration.warnings)")
    }

    @Test(arguments: [
        ("command", "exec_start"), ("depends_on", "requires"), ("autostart", "enabled"), ("restart_sec", "backoff"),
        ("RestartSec", "backoff"), ("stdout-logfile", "log.file"), ("numprocs", "instances"),
        ("Cwd", "working_directory"), ("wait_ready", "ready"), ("LimitSTACK", "limits"), ("args", "exec_start"),
    ])
    func aKeyOfAnotherToolIsNamedAsItIsHere(foreign: String, own: String) throws {
        #expect(
            try Load.fault("\(foreign) = 1")
                == "3:1: unknown key '\(foreign)' in [service.web]; supd calls it '\(own)'")
    }

    @Test(arguments: [
        ("[program.web]", "unknown key 'program' at the top level; supd calls it 'service'"),
        ("[Unit]", "unknown key 'Unit' at the top level; supd calls it 'service'"),
        ("[supervisor]\nloglevel = 1", "unknown key 'loglevel' in [supervisor]; supd calls it '--log-level'"),
        (
            "[service]\nexec_start = \"/bin/web\"",
            "'exec_start' stands in [service] itself: a service has a table with its name, as in [service.web]"
        ),
        ("[service]\ncommand = \"/bin/web\"", "'command' stands in [service] itself: "),
        ("[service]\nweb = \"/bin/web\"", "'service.web' must be a table, as in [service.web], found "),
    ])
    func aTableOfAnotherToolIsNamedAsItIsHere(text: String, fault: String) throws {
        let faults = Load.faults(text + "\n")
        #expect(faults.count == 1 && faults[0].contains(fault), "\(faults)")
    }

    @Test func aCommandUnderAnothersNameIsNotAlsoMissing() {
        #expect(
            Load.faults("[service.web]\ncommand = \"/bin/web\"\n")
                == ["2:1: unknown key 'command' in [service.web]; supd calls it 'exec_start'"])
    }
}
