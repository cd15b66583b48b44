import SupdProtocol

extension Presentation {
    /// What would be done, and how to have just that done.
    func plan(_ plan: ConfigurationPlanReply) -> Outcome {
        var text = PlanText.text(plan, terminal: terminal)
        if plan.waitsForRestart {
            text += "\n" + wrapped("Nothing of this is done before supd itself is restarted.")
        } else if !plan.isEmpty {
            // In one piece whatever the width: it is there to be copied.
            text += "\n'supctl apply --expect \(DisplayText.safe(plan.token))' does this.\n"
        }
        return Outcome(output: text)
    }

    /// What was done, and what came of it.
    func applied(_ plan: ConfigurationPlanReply, waited: Bool, isDeferred: Bool) -> Outcome {
        var outcome = Outcome(output: PlanText.text(plan, terminal: terminal, isDeferred: isDeferred))
        let came = plan.outcome ?? .init(applied: false)
        if !came.deferred.isEmpty {
            let names = came.deferred.map(DisplayText.safe).joined(separator: ", ")
            outcome.output += "\n" + wrapped("by an older definition until the next start: \(names)")
        }
        if !came.applied {
            outcome.status = .failed
            outcome.errors += "supctl: this was not carried out: supd runs by its older configuration\n"
        }
        for failure in came.failed {
            outcome.status = .failed
            outcome.errors += "supctl: \(DisplayText.safe("\(failure.name): \(failure.reason)"))\n"
        }
        if outcome.status == .done, !plan.isEmpty, !plan.waitsForRestart {
            outcome.output += waited ? "\ndone\n" : "\nbegun; 'supctl status' shows how far it is\n"
        }
        return outcome
    }

    private func wrapped(_ sentence: String) -> String {
        guard let width = terminal.width else { return sentence + "\n" }
        return DisplayText.wrapped(sentence, to: width).map { $0 + "\n" }.joined()
    }
}
