import Testing
import VestibuleProtocol

@Suite("Text in headers")
struct HeaderTextTests {
    /// requirement: C-34, B-96
    @Test(
        "plain text goes as it is, anything else as marked base64, and both come back",
        arguments: [
            ("us-west1", "us-west1"), ("two words", "two words"), ("", ""), ("a=?b", "a=?b"), ("~", "~"),
            ("=?base64?", "=?base64?"), ("=?base64?=", "=?base64?="), ("=?BASE64?eA==?=", "=?BASE64?eA==?="),
            ("Hello, 世界", "=?base64?SGVsbG8sIOS4lueVjA==?="), ("é", "=?base64?w6k=?="),
            (" x", "=?base64?IHg=?="), ("x ", "=?base64?eCA=?="), (" ", "=?base64?IA==?="),
            ("a\tb", "=?base64?YQli?="), ("a\r\nb", "=?base64?YQ0KYg==?="), ("\u{7F}", "=?base64?fw==?="),
            ("=?base64?eA==?=", "=?base64?PT9iYXNlNjQ/ZUE9PT89?="), ("=?base64??=", "=?base64?PT9iYXNlNjQ/Pz0=?="),
        ])
    func roundTrip(_ text: String, _ value: String) {
        #expect(HeaderText.encode(text) == value)
        #expect(HeaderText.decode(value) == text)
        #expect(HeaderText.decode(" \t\(value)\t ") == text)
    }

    /// requirement: B-95, B-97, B-98, B-102
    @Test(
        "what is marked as base64 and is none, or has characters that a header may not have, is nothing",
        arguments: [
            "=?base64?SGVsbG8?=", "=?base64?SGVs!!!bG8=?=", "=?base64?SGVsbG9=?=", "=?base64?SGVs bG8=?=",
            "=?base64?/w==?=", "=?base64?_w==?=", "=?base64?=?=", "é", "a\u{0}b", "a\tb", "a\r\nb",
        ])
    func malformed(_ value: String) {
        #expect(HeaderText.decode(value) == nil)
    }

    /// requirement: B-98
    @Test(
        "without exactly its marks a value is a literal",
        arguments: ["SGVsbG8=", "=?base64?SGVsbG8=", "SGVsbG8=?=", "=?Base64?SGVsbG8=?=", "?base64?SGVsbG8=?="])
    func literal(_ value: String) {
        #expect(HeaderText.decode(value) == value)
    }
}
