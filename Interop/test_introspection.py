"""Opaque tokens: a real server asks an issuer's introspection endpoint over HTTP (RFC 7662)."""

import base64
import http.server
import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest

SECRET = "s&cret with+signs"


class Issuer:
    """Knows a few opaque tokens, and answers whoever shows the right secret."""

    def __init__(self):
        self.active, self.questions, self.status = {}, [], 200
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                """The description: where to ask, by discovery."""
                self.answer(200 if self.path == "/.well-known/openid-configuration" else 404, {
                    "issuer": issuer.url, "jwks_uri": f"{issuer.url}/jwks",
                    "introspection_endpoint": f"{issuer.url}/introspect"})

            def do_POST(self):
                form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                name, _, secret = base64.b64decode(self.headers["Authorization"].split()[1]).decode().partition(":")
                shown = urllib.parse.unquote_plus(name), urllib.parse.unquote_plus(secret)
                issuer.questions.append(form["token"][0])
                if issuer.status != 200 or shown != ("mcp server", SECRET) or self.path != "/introspect":
                    return self.answer(issuer.status if issuer.status != 200 else 401, {})
                self.answer(200, issuer.active.get(form["token"][0], {"active": False}))

            def answer(self, status, body):
                body = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def grant(self, token, **claims):
        self.active[token] = {
            "active": True, "sub": "ada", "aud": "mcp", "iss": self.url, "exp": int(time.time()) + 300, **claims}


@pytest.fixture
def issuer():
    running = Issuer()
    yield running
    running.server.shutdown()
    running.server.server_close()


def start(serve, issuer, tmp_path, endpoint="", cache="2s"):
    secret = tmp_path / "client-secret"
    secret.touch(mode=0o600)
    secret.write_text(SECRET + "\n")
    return serve(f"""
access: {{ rules: [] }}
issuers:
  - issuer: {issuer.url}
    audience: mcp
    claims: {{ roles: groups }}
    introspection: {{ clientID: mcp server, clientSecretFile: {secret}, cache: {cache}, tokens: all{endpoint} }}
""")


def call(server, token):
    """The status of a call, and the refusal's data."""
    def post(body, session=None):
        headers = {
            "Content-Type": "application/json", "Accept": "application/json, text/event-stream",
            "MCP-Protocol-Version": "2025-11-25"}
        if session:
            headers |= {"Mcp-Session-Id": session, "Authorization": f"Bearer {token}"}
        request = urllib.request.Request(server.url, json.dumps({"jsonrpc": "2.0", **body}).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, response.headers, response.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    _, headers, _ = post({"id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}})
    status, headers, body = post(
        {"id": 2, "method": "tools/call", "params": {"name": "bucket_list", "arguments": {}}},
        headers["Mcp-Session-Id"])
    data = json.loads(body).get("error", {}).get("data", {}) if status != 200 else {}
    return status, data.get("reason"), headers


@pytest.mark.parametrize("discovered", [False, True], ids=["configured", "discovered"])
def test_an_opaque_token_is_judged_by_its_issuer(serve, issuer, tmp_path, discovered):
    endpoint = "" if discovered else f', endpoint: "{issuer.url}/introspect"'
    server = start(serve, issuer, tmp_path, endpoint)
    issuer.grant("good+token/=")
    assert [call(server, "good+token/=")[0] for _ in range(3)] == [200, 200, 200]
    assert issuer.questions == ["good+token/="], "asked once, for as long as the answer counts"
    assert call(server, "made-up")[:2] == (401, "token_expired")
    issuer.grant("elsewhere", aud="another")
    assert call(server, "elsewhere")[:2] == (401, "audience_mismatch")
    assert not any("good+token" in line or "made-up" in line or SECRET in line for line in server.lines)


def test_a_revoked_token_is_refused_once_its_answer_no_longer_counts(serve, issuer, tmp_path):
    server = start(serve, issuer, tmp_path, cache="0s")
    issuer.grant("token")
    assert call(server, "token")[0] == 200
    del issuer.active["token"]
    assert call(server, "token")[:2] == (401, "token_revoked")


def test_an_outage_is_told_as_such_and_ends(serve, issuer, tmp_path):
    server = start(serve, issuer, tmp_path, cache="5m")
    issuer.grant("before"), issuer.grant("after")
    assert call(server, "before")[0] == 200
    issuer.status = 503
    status, reason, headers = call(server, "after")
    assert (status, reason) == (503, "issuer_unavailable") and int(headers["Retry-After"]) >= 1
    assert headers["WWW-Authenticate"] is None, "nothing is said about the token"
    assert call(server, "before")[0] == 200, "an answer that counts serves on"
    issuer.status = 200
    assert call(server, "after")[0] == 200
    said = [json.loads(line).get("message") for line in server.lines if line.startswith("{")]
    assert "introspection failed" in said and "introspection recovered" in said
