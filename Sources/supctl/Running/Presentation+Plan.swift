import SupdProtocol

extension Presentation {
    /// What would be done, and how to have just that done.
    func plan(_ plan: ConfigurationPlanReply) -> Outcome {
        var text = PlanText.text(plan, terminal: terminal) + older(plan.older)
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
        outcome.output += older(came.deferred + plan.older)
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

    /// Those that run by an older definition; nothing where there are none.
    private func older(_ names: [String]) -> String {
        guard !names.isEmpty else { return "" }
        let list = names.map(DisplayText.safe).joined(separator: ", ")
        return "\n" + wrapped("by an older definition until the next start: \(list)")
    }

    private func wrapped(_ sentence: String) -> String {
        guard let width = terminal.width else { return sentence + "\n" }
        return DisplayText.wrapped(sentence, to: width).map { $0 + "\n" }.joined()
    }
}
