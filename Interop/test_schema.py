"""Every kind of answer of `vestibule serve`, and every message of its client, against the published JSON Schemas."""

import http.server
import json
import subprocess
import threading
import urllib.error
import urllib.request

import jsonschema
import pytest

from server import ROOT, VESTIBULE

SPECIFICATION = ROOT.parent / "shared" / "spec"
VERSIONS = ["2025-03-26", "2025-06-18", "2025-11-25"]
ADA = [
    "--subject", "ada", "--bucket", "demo-bucket",
    *(word for right in (
        "s3:ListBucket", "s3:GetBucketLocation", "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject",
        "s3:PutObjectAcl", "s3:AbortMultipartUpload",
    ) for word in ("--permission", right)),
]
SCOPED = """
access:
  denials: http
  rules:
    - { tools: [echo], require: { scopes: [speak] } }
    - { tools: [whoami] }
"""


class Schema:
    """One revision's definitions."""

    def __init__(self, version):
        self.version = version
        path = SPECIFICATION / f"schema-{version}.json"
        if not path.exists():
            pytest.skip(f"the MCP schemas are not at {SPECIFICATION}")
        self.document = json.loads(path.read_text())
        self.key = "$defs" if "$defs" in self.document else "definitions"
        self.kind = jsonschema.validators.validator_for(self.document)

    def check(self, value, *names):
        """Valid as the first of these definitions that the revision has."""
        name = next(name for name in names if name in self.document[self.key])
        self.kind({**self.document, "$ref": f"#/{self.key}/{name}"}).validate(value)

    def check_result(self, message, name):
        self.check(message, "JSONRPCResultResponse", "JSONRPCResponse")
        self.check(message["result"], name)

    def check_error(self, message, code=None):
        # The schemas before 2025-11-25 ask for an id, which a message that could not be read has not.
        self.check({"id": 0, **message}, "JSONRPCErrorResponse", "JSONRPCError")
        assert message["error"]["message"]
        if code is not None:
            assert message["error"]["code"] == code


class Peer:
    """Speaks HTTP, and one revision of MCP."""

    def __init__(self, url, version):
        self.url, self.version, self.session = url, version, None

    def post(self, body, token=None):
        """Status, headers and the body as JSON, if there is one."""
        headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if self.session:
            headers["Mcp-Session-Id"] = self.session
            if self.version != "2025-03-26":
                headers["MCP-Protocol-Version"] = self.version
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(self.url, data, headers, method="POST")
        try:
            answer = urllib.request.urlopen(request, timeout=20)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            content = answer.read()
            return answer.status, answer.headers, json.loads(content) if content else None

    def ask(self, method, params=None, token=None, id=1):
        message = {"jsonrpc": "2.0", "id": id, "method": method}
        return self.post(message if params is None else {**message, "params": params}, token)

    def call(self, tool, token, /, **arguments):
        status, _, message = self.ask("tools/call", {"name": tool, "arguments": arguments}, token)
        assert status == 200, message
        return message

    def open(self, token=None):
        status, headers, message = self.ask("initialize", {
            "protocolVersion": self.version, "capabilities": {}, "clientInfo": {"name": "schema", "version": "1"},
        }, token, id="first")
        assert status == 200
        self.session = headers["Mcp-Session-Id"]
        return message


@pytest.fixture(params=VERSIONS)
def schema(request):
    return Schema(request.param)


@pytest.fixture
def peer(serve, schema):
    server = serve()
    peer = Peer(server.url, schema.version)
    peer.server = server
    return peer


# requirement: A-32, B-09, B-50, B-53
def test_handshake(peer, schema):
    message = peer.open()
    schema.check_result(message, "InitializeResult")
    assert message["id"] == "first"
    assert message["result"]["protocolVersion"] == schema.version
    assert all(0x21 <= ord(character) <= 0x7E for character in peer.session)
    status, _, body = peer.post({"jsonrpc": "2.0", "method": "notifications/initialized"})
    assert (status, body) == (202, None)
    schema.check_result(peer.ask("ping")[2], "EmptyResult")


# requirement: E-10
def test_catalogue(peer, schema):
    peer.open()
    for token in (None, peer.server.mint(*ADA)):
        message = peer.ask("tools/list", token=token)[2]
        schema.check_result(message, "ListToolsResult")
        for tool in message["result"]["tools"]:
            for name in ("inputSchema", "outputSchema"):
                if name in tool:
                    jsonschema.Draft202012Validator.check_schema(tool[name])
                    assert tool[name]["type"] == "object"


# requirement: E-16
def test_results_of_every_tool(peer, schema):
    peer.open()
    token = peer.server.mint(*ADA)
    tools = {tool["name"]: tool for tool in peer.ask("tools/list", token=token)[2]["result"]["tools"]}
    # Before 2025-06-18 there is no structured content; the text is the same.
    listed = json.loads(peer.call("bucket_objects_list", token, bucket="demo-bucket")["result"]["content"][0]["text"])
    objects = [entry["s3_uri"] for entry in listed["objects"]]
    calls = [
        ("echo", {"text": "hi"}), ("whoami", {}), ("bucket_list", {}),
        ("bucket_objects_list", {"bucket": "s3://demo-bucket", "max_keys": 1}),
        ("bucket_objects_search", {"bucket": "demo-bucket", "query": "a"}),
        ("bucket_objects_put", {"bucket": "demo-bucket", "items": [{"key": "new é.txt", "text": "x"}]}),
        ("bucket_object_link", {"s3_uri": objects[0]}),
        *(("bucket_object_info", {"s3_uri": uri}) for uri in objects),
        *(("bucket_object_text", {"s3_uri": uri, "max_bytes": 64}) for uri in objects),
        *(("bucket_object_fetch", {"s3_uri": uri, "max_bytes": 64}) for uri in objects),
        *(("bucket_object_fetch", {"s3_uri": uri, "base64_encode": False}) for uri in objects),
    ]
    assert {name for name, _ in calls} == set(tools)
    for name, arguments in calls:
        message = peer.call(name, token, **arguments)
        schema.check_result(message, "CallToolResult")
        result = message["result"]
        if "outputSchema" in tools[name] and not result.get("isError"):
            jsonschema.Draft202012Validator(tools[name]["outputSchema"]).validate(result["structuredContent"])
            assert any(block["type"] == "text" for block in result["content"])


def test_failures_of_tools(peer, schema):
    peer.open()
    token = peer.server.mint(*ADA)
    for name, arguments in [
        ("bucket_objects_list", {"bucket": "payroll"}), ("bucket_object_info", {"s3_uri": "s3://demo-bucket/none"}),
        ("bucket_object_info", {"s3_uri": 7}), ("echo", {}), ("no_such_tool", {}),
    ]:
        message = peer.call(name, token, **arguments)
        schema.check_result(message, "CallToolResult")
        assert message["result"]["isError"] is True
        assert message["result"]["content"][0]["text"]


# requirement: B-55, G-01, G-10
def test_errors(peer, schema):
    peer.open()
    token = peer.server.mint(*ADA)
    for status, code, answer in [
        (200, -32601, peer.ask("no/such", token=token)), (200, -32602, peer.ask("tools/call", {}, token)),
        (200, -32602, peer.ask("tools/list", {"cursor": "?"})), (401, 401, peer.ask("tools/call", {"name": "echo"})),
        (401, 401, peer.ask("tools/list", token="a.b.c")), (400, -32700, peer.post(b"{")),
        (400, -32600, peer.post({"jsonrpc": "2.0", "id": None, "method": "ping"})),
        (400, -32600, peer.post({"jsonrpc": "2.0", "method": "tools/list"})),
    ]:
        assert answer[0] == status
        schema.check_error(answer[2], code)
    peer.session = "unknown"
    status, _, message = peer.ask("ping")
    assert status == 404
    schema.check_error(message, 404)


# requirement: F-13, F-14, F-16
def test_refusals_over_http(serve, schema):
    server = serve(SCOPED)
    peer = Peer(server.url, schema.version)
    peer.open()
    token = server.mint("--subject", "ada")
    for tool, scope, sent, expected in [
        ("echo", "speak", None, 401), ("echo", "speak", token, 403), ("bucket_list", None, token, 403),
    ]:
        status, headers, message = peer.ask("tools/call", {"name": tool, "arguments": {}}, sent)
        assert status == expected
        schema.check_error(message, expected)
        assert (f'scope="{scope}"' in (headers["WWW-Authenticate"] or "")) == (scope is not None)


# requirement: G-07, G-08
def test_batches(peer, schema):
    peer.open()
    status, _, answers = peer.post([{"jsonrpc": "2.0", "id": id, "method": "ping"} for id in (1, "two")])
    if schema.version != "2025-03-26":
        assert status == 400
        return schema.check_error(answers, -32600)
    assert status == 200
    schema.check(answers, "JSONRPCBatchResponse")
    assert [answer["id"] for answer in answers] == [1, "two"]


# requirement: F-10, F-11
@pytest.mark.parametrize("path", ["/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"])
def test_metadata_names_the_issuer_and_the_scopes(serve, path):
    server = serve(SCOPED)
    origin = server.url.removesuffix("/mcp")
    with urllib.request.urlopen(origin + path, timeout=20) as answer:
        metadata = json.load(answer)
    assert metadata["resource"] == server.url
    assert metadata["authorization_servers"] == [origin]
    assert metadata["scopes_supported"] == ["speak"]


class OtherServer(http.server.BaseHTTPRequestHandler):
    """A small server that negotiates `version` and notes what it is sent."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.seen.append((self.headers, message))
        result = {
            "initialize": {
                "protocolVersion": self.server.version, "capabilities": {"tools": {}},
                "serverInfo": {"name": "other", "version": "1"},
            },
            "tools/list": {"tools": [{"name": "echo", "inputSchema": {"type": "object"}}]},
            "tools/call": {"content": [{"type": "text", "text": "hi"}]},
        }.get(message.get("method"))
        answer = {"jsonrpc": "2.0", "id": message.get("id"), "result": result}
        self.answer(202 if result is None else 200, b"" if result is None else json.dumps(answer).encode())

    def do_DELETE(self):
        self.server.seen.append((self.headers, None))
        self.answer(405, b"")

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Mcp-Session-Id", "one")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


# requirement, C-02, C-10, C-11
def test_messages_of_the_client(schema, wire):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), OtherServer) as server:
        server.version, server.seen = schema.version, []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = wire.http(f"http://127.0.0.1:{server.server_address[1]}/mcp", ours="client")
        for command in (["tools", url], ["call", url, "echo", "--arg", "text=hi"]):
            done = subprocess.run([VESTIBULE, *command], capture_output=True, text=True, timeout=60)
            assert done.returncode == 0, done.stderr
        server.shutdown()
    methods = [message and message["method"] for _, message in server.seen]
    # Whether the server is a modern one is asked first; what this one answers says that it is not.
    assert methods[:4] == ["server/discover", "initialize", "notifications/initialized", "tools/list"]
    assert "tools/call" in methods and methods[-1] is None
    for headers, message in server.seen:
        method = message and message["method"]
        is_before = method in ("server/discover", "initialize")
        assert headers["Mcp-Session-Id"] == (None if is_before else "one")
        assert headers["MCP-Protocol-Version"] == {"server/discover": "2026-07-28", "initialize": None}.get(
            method, schema.version)
        if message is not None:
            assert {"application/json", "text/event-stream"} <= set(headers["Accept"].split(", "))
