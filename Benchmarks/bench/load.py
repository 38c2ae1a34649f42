"""Load by wrk, and the requests that it sends."""

import http.client
import json
import pathlib
import re
import subprocess

CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "echo", "arguments": {"text": "hello"}}}
CONNECTIONS = 32


def exchange(port, body, headers):
    """One request; its status, fields and body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("POST", "/mcp", body, headers)
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response, content


def open_session(port, token):
    """The fields of every later request: with a session, where the server gives one out."""
    headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    hello = {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}}}
    response, content = exchange(port, json.dumps(hello), headers)
    if response.status != 200:
        raise RuntimeError(f"initialize: {response.status} {content[:300]}")
    if response.getheader("Mcp-Session-Id"):
        headers["Mcp-Session-Id"] = response.getheader("Mcp-Session-Id")
    headers["MCP-Protocol-Version"] = "2025-11-25"
    exchange(port, json.dumps({"jsonrpc": "2.0", "method": "notifications/initialized"}), headers)
    return headers


def raw_reply(port, body, headers):
    """The reply to one request as it goes over the wire."""
    response, content = exchange(port, body, headers)
    head = "".join(f"{name}: {value}\r\n" for name, value in response.getheaders())
    return f"HTTP/1.1 {response.status} {response.reason}\r\n{head}\r\n".encode() + content


def script(path, body, headers, tokens=None):
    """A wrk script that sends the request; with tokens, each time with the next of them."""
    quoted = "".join(f"wrk.headers[{json.dumps(name)}] = {json.dumps(value)}\n" for name, value in headers.items())
    lines = f'wrk.method = "POST"\nwrk.path = "/mcp"\nwrk.body = {json.dumps(body)}\n{quoted}'
    if tokens:
        file = path.with_suffix(".tokens")
        file.write_text("\n".join(tokens) + "\n")
        lines += f"""
local tokens = {{}}
for line in io.lines({json.dumps(str(file))}) do tokens[#tokens + 1] = line end
local place = 0
function request()
    place = place % #tokens + 1
    wrk.headers["Authorization"] = "Bearer " .. tokens[place]
    return wrk.format()
end
"""
    path.write_text(lines)
    return path


def run(port, script_file, seconds):
    """How many requests were answered, all of them well."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(script_file), f"http://127.0.0.1:{port}/mcp"]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    answered = re.search(r"(\d+) requests in", output)
    if "Non-2xx" in output or "Socket errors" in output or not answered:
        raise RuntimeError(f"not every request was served:\n{output}")
    return int(answered.group(1))
