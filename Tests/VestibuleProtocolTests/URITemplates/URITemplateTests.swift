import Testing
import VestibuleProtocol

@Suite("URI templates")
struct URITemplateTests {
    private static let values: [String: URITemplate.Value] = [
        "var": "value", "hello": "Hello World!", "path": "/foo/bar", "list": ["red", "green"], "empty": "",
        "keys": .pairs(["semi", ";", "dot", "."]), "none": [], "accent": "é", "x": "1024", "y": "768",
    ]

    @Test(
        "a template makes a URI of its variables",
        arguments: [
            ("a{var}b", "avalueb"), ("{hello}", "Hello%20World%21"), ("{+hello}", "Hello%20World!"),
            ("{+path}/here", "/foo/bar/here"), ("{path}", "%2Ffoo%2Fbar"), ("{#path}", "#/foo/bar"),
            ("{x,y}", "1024,768"), ("{.list}", ".red,green"), ("{.list*}", ".red.green"), ("{/var,x}", "/value/1024"),
            ("{/list*}", "/red/green"), ("{;x,empty}", ";x=1024;empty"), ("{?x,empty}", "?x=1024&empty="),
            ("?f{&list*}", "?f&list=red&list=green"), ("{?keys*}", "?semi=%3B&dot=."), ("{keys}", "semi,%3B,dot,."),
            ("{var:3}", "val"), ("{accent:1}", "%C3%A9"), ("{missing}", ""), ("{?missing,x}", "?x=1024"),
            ("{none}", ""), ("é{var}", "%C3%A9value"), ("a%20b%2", "a%20b%252"), ("", ""),
        ])
    func expands(_ template: String, _ uri: String) throws {
        #expect(try URITemplate(template).expand(Self.values) == uri)
    }

    /// requirement: E-30
    @Test(
        "and finds the variables of a URI that it can have made",
        arguments: [
            ("test://template/{id}/data", "test://template/123/data", ["id": "123"]),
            ("test://template/{id}/data", "test://template/a%20b/data", ["id": "a b"]),
            ("{a}-{b}", "x-y-z", ["a": "x", "b": "y-z"]), ("file:///{+path}", "file:///a/b.txt", ["path": "a/b.txt"]),
            ("s3://{bucket}/{+key}", "s3://b/x/y%2Fz", ["bucket": "b", "key": "x/y/z"]),
            ("/u{?a,b}", "/u?b=2&a=1", ["a": "1", "b": "2"]), ("/u{?a,b}", "/u", [:]), ("/u{?a}", "/u?a=", ["a": ""]),
            ("/u{/p*}", "/u/x/y", ["p": ["x", "y"]]), ("{a}{b}", "xyz", ["a": "x", "b": "yz"]),
            ("/{a}/{a}", "/x/x", ["a": "x"]), ("/u{#frag}", "/u#x/y", ["frag": "x/y"]), ("{;x,y}", ";y=2", ["y": "2"]),
            ("/s{?q*}", "/s?q=1&q=2", ["q": ["1", "2"]]), ("fixed", "fixed", [:]),
            ("{x,y}", "1,2", ["x": "1", "y": "2"]),
        ] as [(String, String, [String: URITemplate.Value])])
    func matches(_ template: String, _ uri: String, _ values: [String: URITemplate.Value]) throws {
        #expect(try URITemplate(template).match(uri) == values)
    }

    @Test(
        "and none of one that it cannot",
        arguments: [
            ("test://template/{id}/data", "test://template/1/2/data"),
            ("test://template/{id}/data", "test://template//data"),
            ("test://template/{id}", "test://template/1/"), ("{a}", "é"), ("{a}", "%FF"), ("{a}", "%4"), ("{a}", "a b"),
            ("/u{?a}", "/u?b=1"), ("/u{?a}", "/u?a=1&a=2"), ("/{a}/{a}", "/x/y"), ("fixed", "fixe"),
            ("fixed", "fixed!"),
            ("{+p}", ""), ("A{x}", "a1"),
        ])
    func matchesNot(_ template: String, _ uri: String) throws {
        #expect(try URITemplate(template).match(uri) == nil)
    }

    @Test(
        "what is not a template of RFC 6570 is refused",
        arguments: [
            "{", "}", "{a", "a}", "{}", "{a b}", "{!a}", "{=a}", "{a:0}", "{a:10000}", "{a:x}", "{a*:2}", "{a.}",
            "{a..b}",
            "{?}", "{a,}", "{{a}}", "{%2x}",
        ])
    func malformed(_ template: String) {
        #expect(throws: MalformedMessage.self) { try URITemplate(template) }
    }

    @Test("a list has no prefix")
    func prefixOfList() {
        #expect(throws: MalformedMessage.self) { try URITemplate("{list:2}").expand(Self.values) }
    }

    @Test("its bounds: length, expressions, the length of a URI, and attempts")
    func bounds() throws {
        let long = String(repeating: "a", count: URITemplate.maximumLength)
        #expect(try URITemplate(long).match(long) == [:])
        #expect(throws: MalformedMessage.self) { try URITemplate(long + "a") }
        let many = String(repeating: "{a}", count: URITemplate.maximumExpressions)
        #expect(try URITemplate(many).variableNames == ["a"])
        #expect(throws: MalformedMessage.self) { try URITemplate(many + "{a}") }
        let template = try URITemplate("{+a}")
        #expect(template.match(String(repeating: "x", count: URITemplate.maximumURILength)) != nil)
        #expect(template.match(String(repeating: "x", count: URITemplate.maximumURILength + 1)) == nil)
        // Every way to share the text out fails at its end; each is given up once.
        let greedy = try URITemplate((0..<8).map { "{+v\($0)}" }.joined() + "!end")
        #expect(greedy.match(String(repeating: "a", count: URITemplate.maximumURILength)) == nil)
    }
}
