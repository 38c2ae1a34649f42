"""The check of what goes over the wire finds what it is there to find."""

import http.server
import json
import subprocess
import sys
import threading
import urllib.request

import pytest

import wire as wires

META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {},
}
needs_schemas = pytest.mark.skipif(
    not wires.SPECIFICATION.exists(), reason=f"the MCP schemas are not at {wires.SPECIFICATION}")


def message(**members):
    return {"jsonrpc": "2.0", **members}


@needs_schemas
@pytest.mark.parametrize("version, side, answered, value, words", [
    ("2025-11-25", "server", "ping", message(id=1, result={}), None),
    ("2025-11-25", "server", "initialize", message(id=1, result={}), "'capabilities' is a required property"),
    ("2025-11-25", "server", None, message(id=1, result={}), "nothing was asked"),
    ("2025-06-18", "server", None, message(error={"code": -32700, "message": "no JSON"}), None),
    ("2025-11-25", "server", None, message(id=None, error={"code": 1, "message": "x"}), "None is not of type"),
    ("2025-06-18", "server", None, message(method="notifications/elicitation/complete", params={}), "there is no"),
    ("2025-11-25", "server", None, message(id=2, method="elicitation/create", params={"message": "?"}), "not valid under any"),
    ("2026-07-28", "server", "tools/list", message(id=1, result={"tools": []}), "'resultType' is a required property"),
    ("2026-07-28", "server", None, message(id=2, method="roots/list"), "there is no roots/list"),
    ("2026-07-28", "server", "tools/call", message(id=1, result={"resultType": "input_required"}), None),
    ("2026-07-28", "server", None, message(id=1, error={"code": -32022, "message": "x"}), "'data' is a required"),
    ("2026-07-28", "client", None, message(id=1, method="ping", params={"_meta": META}), "there is no ping"),
    ("2026-07-28", "client", None, message(id=1, method="tools/list", params={}), "'_meta' is a required property"),
    ("2026-07-28", "client", None, message(id=1, method="tools/list", params={"_meta": META}), None),
    ("2026-07-28", "client", "roots/list", message(id=1, result={"resultType": "complete"}), "sends no responses"),
    ("2026-07-28", "client", None, message(id=1, method="tasks/get", params={"_meta": META, "taskId": "t"}), None),
    ("2025-11-25", "client", "elicitation/create", message(
        id=1, result={"action": "accept", "content": {"a": 0.5, "b": ["c"], "d": True}}), None),
    ("2025-11-25", "client", "elicitation/create", message(
        id=1, result={"action": "accept", "content": {"a": {}}}), "not valid under any"),
    ("2025-11-25", "client", "roots/list", message(id=1, result={"roots": [{}]}), "'uri' is a required property"),
])
def test_what_does_not_fit_is_named(version, side, answered, value, words):
    problem = wires.problem_of(value, side, version, answered)
    assert (problem is None) == (words is None), problem
    assert words is None or (words in problem and "\n" not in problem), problem


class Server(http.server.BaseHTTPRequestHandler):
    """Answers every POST with the events of its server, in chunks."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for event in self.server.events:
            text = f": comment\nid: 1\ndata: {json.dumps(event)}\n\n".encode()
            for part in (text[:7], text[7:]):
                self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_):
        pass


@needs_schemas
def test_streams_over_http_are_heard_on_their_way(tmp_path):
    good = message(method="notifications/progress", params={"progressToken": 1, "progress": 1})
    bad = message(id=7, result={"resultType": "complete", "tools": 3, "ttlMs": 0, "cacheScope": "private"})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        server.events = [good, bad]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        wire = wires.Wire(tmp_path)
        url = wire.http(f"http://127.0.0.1:{server.server_address[1]}/mcp", ours="both")
        body = json.dumps(message(id=7, method="tools/list", params={"_meta": META})).encode()
        for _ in range(2):
            with urllib.request.urlopen(
                    urllib.request.Request(url, body, {"Content-Type": "application/json"}), timeout=20) as answer:
                assert b"progressToken" in answer.read()
        wire.close()
        server.shutdown()
    problems = wire.problems()
    assert len(problems) == 2 and all("tools: 3 is not of type 'array'" in problem for problem in problems), problems
    assert [len(exchange.received) for exchange in wire.exchanges()] == [2, 2]


@needs_schemas
def test_lines_over_stdio_are_heard_on_their_way(tmp_path):
    server = "import sys\nfor line in sys.stdin: print('{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"x\":1}}', flush=True); print('log')"
    wire = wires.Wire(tmp_path)
    command = wire.stdio([sys.executable, "-c", server])
    asked = json.dumps(message(id=1, method="tools/list")) + "\n"
    done = subprocess.run(command, input=asked, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0 and done.stdout.endswith("log\n"), done
    problems = wire.problems()
    assert len(problems) == 2 and "'tools' is a required property" in problems[0] and "no message" in problems[1], problems
