public import SupdPlugin

/// What every policy must hold to, for a plugin's own tests: `#expect(PluginChecks.faults(of: MyPlugin()).isEmpty)`.
public enum PluginChecks {
    /// Makes everything that `plugin` brings with its standard options, and answers what was wrong, as sentences. Empty
    /// means sound: a restart policy has an answer to every exit code, signal and failed start, a backoff to every
    /// restart; the same question, chance included, has the same answer; a delay is between 0 and
    /// `RestartDecision.longestDelay`; who gives up says why; a standard value is of its option's type; and nobody asks for an
    /// option that was not declared, or as what it was not declared.
    ///
    /// Also validates and activates the plugin. Options without a standard value are made up: what then is refused is no fault.
    public static func faults(of plugin: any Plugin) -> [String] {
        let registrar = PluginRegistrar([plugin])
        var faults = registrar.conflicts
        check(registrar.restartPolicies, &faults, check)
        check(registrar.backoffs, &faults, check)
        check(registrar.shutdownHooks, &faults)
        check(registrar.readinessProbes, &faults)
        check(registrar.healthProbes, &faults)
        check(registrar.logSinks, &faults)
        checkItself(plugin, &faults)
        return faults
    }

    private static func check<Value>(
        _ table: PluginTable<Value>, _ faults: inout [String],
        _ checkValue: (Value, String, inout [String]) -> Void = { _, _, _ in }
    ) {
        for entry in table.entries.values.sorted(by: { $0.name < $1.name }) {
            let whose = "\(table.kind) '\(entry.name)'"
            guard let trials = OptionTrials(entry.options, whose, &faults) else { continue }
            trials.run(&faults) { options, isStandard, faults throws(OptionError) in
                let value = try entry.make(options)
                if isStandard { checkValue(value, entry.name, &faults) }
            }
        }
    }

    private static func checkItself(_ plugin: any Plugin, _ faults: inout [String]) {
        guard let trials = OptionTrials(plugin.options, "plugin '\(plugin.name)'", &faults) else { return }
        trials.run(&faults) { options, isStandard, faults throws(OptionError) in
            do throws(OptionError) {
                try plugin.validate(options)
            } catch {
                // Whoever has to be configured may say so.
                return
            }
            var activation = PluginActivation()
            try activation.activate(plugin, options: options)
            if isStandard { faults += activation.conflicts }
        }
    }

    private static func check(_ policy: any RestartPolicy, _ name: String, _ faults: inout [String]) {
        for context in PolicyQuestions.all {
            let first = policy.decide(context)
            if policy.decide(context) != first {
                faults.append("restart policy '\(name)' answers the same question in two ways: \(context)")
                return
            }
            let longest = RestartDecision.longestDelay
            switch first {
            case .restartAfter(let delay) where delay < .zero || delay > longest:
                faults.append(
                    "restart policy '\(name)' answers a delay of \(delay.text), which is not between 0 and "
                        + "\(longest.text): \(context)")
                return
            case .giveUp(let reason) where reason.isEmpty:
                faults.append("restart policy '\(name)' gives up without a reason: \(context)")
                return
            case .restart, .restartAfter, .stay, .giveUp: break
            }
        }
    }

    private static func check(_ backoff: any Backoff, _ name: String, _ faults: inout [String]) {
        let longest = RestartDecision.longestDelay
        for restart in [1, 2, 3, 10, 64, 1000, 1_000_000_000] {
            for random in [0, 0.25, 0.5, 0.999_999_999] {
                for previous in [nil, Duration.zero, .milliseconds(100), .seconds(86_400)] {
                    let context = BackoffContext(restart: restart, previousDelay: previous, random: random)
                    let delay = backoff.delay(for: context)
                    if delay < .zero || delay > longest {
                        faults.append(
                            "backoff '\(name)' answers a delay of \(delay.text), which is not between 0 and "
                                + "\(longest.text): \(context)")
                        return
                    }
                    if backoff.delay(for: context) != delay {
                        faults.append("backoff '\(name)' answers the same question in two ways: \(context)")
                        return
                    }
                }
            }
        }
        if let stable = backoff.resetAfter, stable < .zero {
            faults.append("backoff '\(name)' has a negative reset_after")
        }
    }
}
