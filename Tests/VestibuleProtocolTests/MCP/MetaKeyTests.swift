import Testing
import VestibuleProtocol

@Suite("Keys of _meta")
struct MetaKeyTests {
    /// requirement: A-19
    @Test(
        "what a key may be",
        arguments: [
            ("a", true), ("progressToken", true), ("a-b_c.d", true), ("7", true), ("com.example/key", true),
            ("com.example/", true), ("io.modelcontextprotocol/clientInfo", true), ("a1.b-2/x", true), ("a/7", true),
            ("", false), ("/a", false), ("-a", false), ("a-", false), (".a", false), ("a b", false), ("é", false),
            ("1com/x", false), ("com-/x", false), ("com..example/x", false), (".com/x", false), ("com./x", false),
            ("com.example/x/y", false), ("com.example/-x", false), ("com_x/y", false), ("com.example/x y", false),
        ])
    func grammar(_ key: String, _ isValid: Bool) {
        #expect(MetaKey.isValid(key) == isValid)
    }

    /// requirement
    @Test(
        "which keys belong to MCP, by revision",
        arguments: [
            ("io.modelcontextprotocol/x", ProtocolVersion.v2026_07_28, true), ("dev.mcp/x", .v2025_11_25, true),
            ("dev.mcp.tools/x", .v2026_07_28, true), ("modelcontextprotocol.io/x", .v2026_07_28, false),
            ("com.example.mcp/x", .v2026_07_28, false), ("mcp.dev/x", .v2025_11_25, false),
            ("modelcontextprotocol.io/x", .v2025_06_18, true), ("api.mcp.dev/x", .v2025_06_18, true),
            ("dev.mcp/x", .v2025_06_18, false), ("mcp/x", .v2026_07_28, false), ("progressToken", .v2025_03_26, true),
            ("traceparent", .v2026_07_28, true), ("tracestate", .v2026_07_28, true), ("baggage", .v2026_07_28, true),
            ("traceparent", .v2025_11_25, false), ("other", .v2026_07_28, false),
        ])
    func reserved(_ key: String, _ version: ProtocolVersion, _ isReserved: Bool) {
        #expect(MetaKey.isReserved(key, in: version) == isReserved)
    }

    /// requirement: A-17
    @Test(
        "what can name an extension",
        arguments: [
            (MetaKey.tasksExtension, true), ("com.example/thing", true), ("thing", false), ("com.example/", false),
            ("/thing", false), ("com example/thing", false),
        ])
    func extensions(_ text: String, _ isIdentifier: Bool) {
        #expect(MetaKey.isExtensionIdentifier(text) == isIdentifier)
    }

    /// requirement: A-21
    @Test(
        "what a traceparent looks like",
        arguments: [
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true),
            ("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-the-future-brings", true),
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more", false),
            ("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", false),
            ("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false),
            ("00-00000000000000000000000000000000-b7ad6b7169203331-01", false),
            ("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", false), ("00-1-2-03", false), ("", false),
        ])
    func traceparent(_ text: String, _ isValid: Bool) {
        #expect(MetaKey.isTraceparent(text) == isValid)
    }
}
