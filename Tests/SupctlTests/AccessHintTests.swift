import Glibc
import Testing

@testable import supctl

@Suite struct AccessHintTests {
    @Test(arguments: [
        (0o600, "its mode keeps your user out"), (0o640, "its mode keeps your user out"),
        (0o660, "its mode lets in who is in the group 'supd'"),
    ])
    func whoMayConnectIsTold(mode: mode_t, begins: String) {
        let groups = "root:x:0:\nbroken\nsupd:x:995:a,b\nother:x:99:\n"
        #expect(AccessHint.text(mode: mode, group: 995, groups: groups).hasPrefix(begins))
    }

    @Test func aGroupWithoutANameIsANumber() {
        #expect(AccessHint.text(mode: 0o660, group: 7, groups: "").contains("the group 7:"))
    }
}
