import CSupd
import Glibc

@main
struct Main {
    static func main() {
        let arguments = (1..<max(1, supd_argument_count())).map { String(cString: supd_argument($0)) }
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
        case .answer(let answer): outcome = answer.outcome
        }
        exit(outcome.write().rawValue)
    }
}
