import Glibc
import SupdPlugin
import Testing

@Suite struct ErrorNumberTests {
    @Test func everyErrorOfLinuxHasItsName() {
        // 41 and 58 are EWOULDBLOCK and EDEADLOCK of other machines.
        for number in Int32(1)...133 where number != 41 && number != 58 {
            let name = ErrorNumber(number).name
            #expect(name.wholeMatch(of: /E[A-Z0-9]*[A-Z][A-Z0-9]*/) != nil, "\(number) is \(name)")
        }
        let known: [(Int32, String)] = [
            (EPERM, "EPERM"), (EDEADLK, "EDEADLK"), (ENOTSOCK, "ENOTSOCK"), (EADDRNOTAVAIL, "EADDRNOTAVAIL"),
            (EAFNOSUPPORT, "EAFNOSUPPORT"), (ESTALE, "ESTALE"), (EDQUOT, "EDQUOT"), (ECANCELED, "ECANCELED"),
            (EHWPOISON, "EHWPOISON"),
        ]
        for (number, name) in known { #expect(ErrorNumber(number).name == name) }
    }

    @Test func aNumberThatIsNoErrorIsSaidAsOne() {
        #expect(ErrorNumber(0).name == "E0")
        #expect(ErrorNumber(-5).name == "E-5")
        #expect(ErrorNumber(523).name == "E523")
    }

    @Test func whatSupdFoundItselfStandsInTheErrorsPlace() {
        let own = SpawnFailure(
            stage: .environment, error: ErrorNumber(EINVAL), subject: "file /x", problem: "it is a FIFO")
        #expect(own.description == "environment of file /x: it is a FIFO")
        let limit = SpawnFailure(stage: .limits, error: ErrorNumber(EINVAL), subject: "nofile")
        #expect(limit.description.hasSuffix("the soft limit is above the hard one, or this kernel has no such limit"))
    }

    /// Root has no capability where a container took it away.
    @Test func whatACapabilityTakesIsSaidByItsName() {
        let limit = SpawnFailure(stage: .limits, error: ErrorNumber(EPERM), subject: "core")
        #expect(limit.description.hasSuffix("; to raise a hard limit takes CAP_SYS_RESOURCE, which this supd has not"))
        // setrlimit(2) refuses it to whoever has the capability, too.
        let files = SpawnFailure(stage: .limits, error: ErrorNumber(EPERM), subject: "nofile")
        #expect(files.description.hasSuffix("and more than /proc/sys/fs/nr_open says nobody may have"))
        let nice = SpawnFailure(stage: .nice, error: ErrorNumber(EACCES), subject: "-5")
        #expect(nice.description.contains("CAP_SYS_NICE"))
    }
}
