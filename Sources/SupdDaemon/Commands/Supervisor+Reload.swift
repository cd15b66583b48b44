import SupdPlugin

extension Supervisor {
    func reloadEnded(_ number: Int, failure: ExitOutcome?) {}
}
