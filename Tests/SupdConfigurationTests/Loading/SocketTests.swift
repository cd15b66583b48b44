import SupdConfiguration
import SupdPlugin
import Testing

@Suite struct SocketTests {
    private func sockets(_ value: String) throws -> [ListenSocket] {
        try Load.service("sockets = \(value)").sockets
    }

    @Test func aSocketThatSaysOnlyWhereHasTheStandardValues() throws {
        #expect(
            try sockets("{ listen = \"127.0.0.1:8080\" }")
                == [ListenSocket(name: "web", address: .internet(host: "127.0.0.1", port: 8080))])
    }

    @Test func everyKeyReachesItsPlace() throws {
        #expect(
            try sockets(
                """
                [
                    { name = "http", listen = "[0:0::1]:65535", type = "stream", backlog = 65535, reuse_port = true },
                    { name = "local.sock", listen = "/run/web", type = "datagram", mode = "0600" },
                    { name = "x", listen = "@name", backlog = 1, reuse_port = false },
                ]
                """) == [
                    ListenSocket(
                        name: "http", address: .internet(host: "::1", port: 65_535), backlog: 65_535, reusesPort: true),
                    ListenSocket(name: "local.sock", address: .path("/run/web"), kind: .datagram, mode: 0o600),
                    ListenSocket(name: "x", address: .abstract("name"), backlog: 1),
                ])
    }

    @Test func anAddressHolds107Bytes() throws {
        let longest = String(repeating: "s", count: 106)
        #expect(try sockets("{ listen = \"/\(longest)\" }").map(\.address) == [.path("/\(longest)")])
        #expect(try sockets("{ listen = \"@a\(longest)\" }").map(\.address) == [.abstract("a\(longest)")])
        #expect(try Load.fault("sockets = { listen = \"/s\(longest)\" }").hasSuffix("holds 107"))
        #expect(try Load.fault("sockets = { listen = \"@sa\(longest)\" }").hasSuffix("holds 107"))
    }

    @Test func oneAddressMayBeSharedOfAnotherKindOrWithReusePort() throws {
        #expect(
            try sockets(
                """
                [
                    { name = "a", listen = "0.0.0.0:53" }, { name = "b", listen = "0.0.0.0:53", type = "datagram" },
                    { name = "c", listen = "[::]:80", reuse_port = true }, { name = "d", listen = "[::]:80", reuse_port = true },
                    { name = "e", listen = "@x" }, { name = "f", listen = "@x", type = "datagram" },
                ]
                """
            ).count == 6)
    }

    @Test func twoOfOneNameAreTold() throws {
        #expect(
            try Load.fault("sockets = [{ listen = \"127.0.0.1:1\" }, { listen = \"127.0.0.1:2\" }]")
                == "3:40: two sockets of 'web' are named 'web': give each a 'name' of its own")
    }
}
