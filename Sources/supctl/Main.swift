import Glibc
import SupdArguments

@main
struct Main {
    static func main() {
        let arguments = ProgramArguments.words
        if arguments.first == Completion.option {
            exit(Completion.outcome(Array(arguments.dropFirst())).write().rawValue)
        }
        let terminal = Terminal.current()
        let outcome: Outcome
        switch Arguments.parse(arguments) {
        case .invocation(let invocation):
            let session = Session(
                terminal: terminal, output: .of(STDOUT_FILENO), outputDescriptor: STDOUT_FILENO,
                errors: .of(STDERR_FILENO))
            outcome = session.run(invocation)
        case .answer(let answer): outcome = answer.outcome(terminal)
        }
        UntilTheEnd.keep(outcome)
        // Nothing is left to be done: what is written was written by write(2).
        _exit(outcome.write().rawValue)
    }
}
