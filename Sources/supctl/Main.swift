import Glibc

@main
struct Main {
    static func main() {
        let terminal = Terminal.current()
        let outcome: Outcome
        switch Arguments.parse(Array(CommandLine.arguments.dropFirst())) {
        case .success(let invocation): outcome = Session(terminal: terminal).run(invocation)
        case .failure(let answer): outcome = answer.outcome
        }
        exit(outcome.write().rawValue)
    }
}
