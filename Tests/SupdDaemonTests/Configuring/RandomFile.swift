import SupdPlugin
import TestChance

/// A configuration file that changes at random, and is always without a fault.
struct RandomFile {
    private struct Service {
        var number: Int
        var keys: [String: String]
    }

    private var services: [Service] = []
    private var level = 1

    init(_ random: inout SeededRandom) {
        for _ in 0..<Int.random(in: 1...5, using: &random) { add(&random) }
    }

    /// Names that there are, and one that there never is.
    var names: [String] { services.map { "s\($0.number)" } + ["nobody"] }

    /// How many services take their lines to the plugin's sink.
    var sinks: Int { services.count { $0.keys["log"]?.contains("pool") == true } }

    var text: String {
        "[plugins.versatile]\nlevel = \(level)\n"
            + services.map { service in
                table("s\(service.number)")
                    + service.keys.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)\n" }.joined()
            }.joined()
    }

    mutating func change(_ random: inout SeededRandom) {
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            switch Int.random(in: 0..<10, using: &random) {
            case 0, 1: add(&random)
            case 2, 3: remove(&random)
            case 4:
                // It has another name from now on.
                remove(&random)
                add(&random)
            case 5: services.shuffle(using: &random)
            case 6: level = Int.random(in: 0...9, using: &random)
            default:
                guard let place = services.indices.randomElement(using: &random) else { continue }
                draw(place, &random)
            }
        }
    }

    /// A name that was there before comes back sooner or later.
    private mutating func add(_ random: inout SeededRandom) {
        let free = (0..<7).filter { number in !services.contains { $0.number == number } }
        guard let number = free.randomElement(using: &random) else { return }
        let place = Int.random(in: 0...services.count, using: &random)
        services.insert(Service(number: number, keys: [:]), at: place)
        for _ in 0..<6 { draw(place, &random) }
    }

    private mutating func remove(_ random: inout SeededRandom) {
        guard let place = services.indices.randomElement(using: &random) else { return }
        let name = "\"s\(services.remove(at: place).number)\""
        for place in services.indices {
            for key in ["requires", "after", "part_of"] where services[place].keys[key] == name {
                services[place].keys[key] = nil
            }
        }
    }

    /// One key of a service is another from now on.
    private mutating func draw(_ place: Int, _ random: inout SeededRandom) {
        let samples: [(String, [String?])] = [
            ("type", ["\"oneshot\"", nil, nil]), ("enabled", ["false", nil, nil]), ("instances", ["1", "2", "3", nil]),
            ("restart", ["\"no\"", "\"on-failure\"", "\"always\""]), ("timeout_stop", ["1", "2", "3"]),
            ("kill_mode", ["\"control-group\"", "\"mixed\"", nil]), ("umask", ["\"0027\"", "\"0077\"", nil]),
            ("nice", ["1", "2", nil]), ("tags", ["[\"a\"]", "[\"b\"]", nil]), ("min_uptime", ["1", nil, nil]),
            ("exec_start_pre", ["\"/bin/tool\"", nil, nil]), ("exec_start_post", ["\"/bin/tool\"", nil, nil]),
            ("exec_reload", ["\"/bin/tool\"", nil]), ("exec_stop_post", ["\"/bin/tool\"", nil, nil]),
            ("timeout_start", ["5", "10", "20"]), ("runtime_max", ["10", nil, nil]),
            (
                "hooks",
                ["[{ run = \"leave\", at = \"before-stop\" }]", "[{ run = \"leave\", at = \"after-stop\" }]", nil]
            ),
            ("health", ["{ type = \"asks\", period = 1 }", nil]),
            ("ready", ["{ type = \"asks\", period = 1 }", nil, nil]),
            ("log", ["{ sink = \"pool\" }", "{ sink = \"none\" }", nil]),
            ("sockets", ["{ listen = \"/run/\(services[place].number).sock\" }", nil]),
            ("requires", [other(before: place, &random)]), ("after", [other(before: place, &random)]),
            ("part_of", [other(before: place, &random), nil]),
        ]
        guard let (key, values) = samples.randomElement(using: &random) else { return }
        services[place].keys[key] = values.randomElement(using: &random) ?? nil
        guard services[place].keys["type"] != nil else { return }
        // What ends is not asked how it is, and has nothing to be reloaded.
        for key in ["health", "ready", "exec_reload", "min_uptime", "runtime_max", "sockets"] {
            services[place].keys[key] = nil
        }
        if services[place].keys["restart"] == "\"always\"" { services[place].keys["restart"] = nil }
    }

    /// One of a lower number, so that there is no circle.
    private func other(before place: Int, _ random: inout SeededRandom) -> String? {
        services.map(\.number).filter { $0 < services[place].number }.randomElement(using: &random).map { "\"s\($0)\"" }
    }
}
