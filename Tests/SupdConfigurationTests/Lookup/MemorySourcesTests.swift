import Glibc
import SupdConfiguration
import SupdPlugin
import Testing

@Suite struct MemorySourcesTests {
    @Test func itAnswersAsTheMachineWould() throws {
        var sources = MemorySources(["/e/a.toml": "1", "/e/d/b.toml": "2", "/e/d/a.toml": "3", "/e/d/.h.toml": "4"])
        sources.unreadable = ["/e/d/c.toml": ErrorNumber(EACCES)]
        sources.users.append(UserRecord(name: "jo", uid: 7, gid: 8, home: "/home/jo", shell: "/bin/sh"))
        sources.groups = ["root": 0, "jo": 8, "adm": 4]
        sources.members = ["adm": ["jo"]]
        #expect(try sources.read("/e/a.toml", limit: 1).get().bytes == [0x31])
        #expect(sources.read("/e/a.toml", limit: 0) == .failure(ErrorNumber(EFBIG)))
        #expect(sources.read("/e", limit: 1) == .failure(ErrorNumber(ENOENT)))
        #expect(sources.read("/e/d/c.toml", limit: 1) == .failure(ErrorNumber(EACCES)))
        #expect(try sources.glob("d/*.toml", in: "/e").get() == ["/e/d/a.toml", "/e/d/b.toml", "/e/d/c.toml"])
        #expect(try sources.glob("*.toml", in: "/e").get() == ["/e/a.toml"])
        #expect(try sources.glob("/e/*/a.toml", in: "/x").get() == ["/e/d/a.toml"])
        #expect(try sources.user(named: "jo").get() == sources.user(id: 7).get())
        #expect(try sources.user(named: "al").get() == nil)
        #expect(try sources.groups(of: "jo", primary: 8).get() == [4, 8])
    }
}
