import HTTPCalls
import SupdPlugin
import Testing

@Suite struct OptionTests {
    private func refusal(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch {
            return (error as? OptionError).map { "\($0.option): \($0.message)" } ?? "\(error)"
        }
    }

    private func url(_ text: String) -> String? {
        refusal { _ = try HTTPURL(PluginOptions(["url": .text(text)]), "url") }
    }

    @Test(arguments: [
        "http://lb", "https://lb.example:8443/drain?pool=web&id=%20", "HTTP://127.0.0.1:1/", "http://[::1]:80/x",
        "http://[::1]", "http://lb?x=a:b@c",
    ])
    func aURLIsTaken(text: String) throws {
        #expect(url(text) == nil)
        #expect(try HTTPURL(PluginOptions(["url": .text(text)]), "url").text == text)
    }

    @Test(arguments: [
        ("", "must start with 'http://' or 'https://'"), ("lb.example/drain", "must start with"),
        ("ftp://lb", "must start with"), ("http://", "must name a host after 'http://'"),
        ("https:///drain", "must name a host after 'https://'"), ("http://:80/", "must name a host"),
        ("http://[]/", "must name a host"), ("http://[::1/", "must name a host"),
        ("http://lb:0/", "must have a port of 1…65535"), ("http://lb:65536", "must have a port"),
        ("http://lb:80x", "must have a port"), ("http://lb:", "must have a port"),
        ("http://[::1]80", "must have a port"),
        ("http://me:secret@lb/", "must have no user and password in it"), ("http://lb/a b", "must consist of"),
        ("http://lb/#top", "must consist of"), ("http://lb/\r\nHost: other", "must consist of"),
        ("http://lb/ü", "must consist of"),
    ])
    func whatIsNoURLIsRefused(text: String, problem: String) {
        let said = url(text)
        #expect(said?.hasPrefix("url: \(problem)") == true, "\(said ?? "taken")")
        #expect(said?.hasSuffix("; found '\(text)'") == true)
    }

    @Test func aMessageDoesNotShowTheQuery() throws {
        let url = try HTTPURL(PluginOptions(["url": .text("http://lb/drain?token=secret")]), "url")
        #expect("\(HTTPRequest("PUT", url))" == "PUT http://lb/drain")
    }

    @Test func headersAreNamesAndValues() throws {
        let options = PluginOptions(["headers": .texts(["Authorization: Bearer a:b ", "X-Empty:", "x:\ty"])])
        #expect(
            try HTTPHeader.list(options) == [
                HTTPHeader(name: "Authorization", value: "Bearer a:b"), HTTPHeader(name: "X-Empty", value: ""),
                HTTPHeader(name: "x", value: "y"),
            ])
    }

    @Test(arguments: ["no colon", ": no name", "a name: x", "a:b\r\nc:d", "ü: x", "a: \u{0}"])
    func whatIsNoHeaderIsRefusedWithoutItsValue(line: String) {
        let said = refusal { _ = try HTTPHeader.list(PluginOptions(["headers": .texts([line])])) }
        let name = line.prefix { $0 != ":" }
        #expect(said == "headers: must be texts like 'Name: value' (RFC 9110, 5); found '\(name)…'")
    }

    @Test func aMethodIsAWordInCapitalLetters() throws {
        let parse = { (text: String) in try HTTPMethod.parse(PluginOptions(["method": .text(text)])) }
        #expect(try parse("PATCH") == "PATCH")
        for text in ["", "post", "GET /", "GÉT", "A\r\nB"] {
            #expect(
                refusal { _ = try parse(text) }
                    == "method: must be a method in capital letters, like 'POST'; found '\(text)'")
        }
    }

    @Test func statusesAreNumbersAndClasses() throws {
        let parse = { (words: [String]) in try HTTPStatuses(PluginOptions(["expect": .texts(words)]), "expect") }
        let statuses = try parse(["204", "4xx"])
        #expect([199, 200, 204, 205, 399, 400, 499, 500].filter(statuses.contains) == [204, 400, 499])
        #expect("\(statuses)" == "204 or 4xx")
        for word in ["", "20x", "6xx", "0xx", "99", "600", "2000", "+20", "xxx", "２００"] {
            #expect(
                refusal { _ = try parse([word]) }
                    == "expect: must be of statuses like '204' and classes like '2xx'; found '\(word)'")
        }
        #expect(refusal { _ = try parse([]) }?.hasSuffix("found none") == true)
    }

    @Test func anAnswerSaysItsStatusAndItsFirstLine() {
        let body = "\r\n \nstill 3 sessions\nmore\n"
        #expect("\(HTTPAnswer(status: 503, reason: "Busy", body: Array(body.utf8)))" == "503 Busy: still 3 sessions")
        #expect("\(HTTPAnswer(status: 204, reason: ""))" == "204")
        let long = HTTPAnswer(status: 500, reason: "", body: Array(repeating: UInt8(ascii: "x"), count: 4096))
        #expect(long.text.count == 200)
    }
}
