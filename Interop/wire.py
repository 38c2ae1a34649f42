"""Looks over the shoulder of a client and a server, and holds every message of ours against the published schemas.

A test asks for the fixture `wire` and lets the two talk through it:

    url = wire.http(server.url)                      what the server of ours sends (`ours="server"`, the default)
    url = wire.http(theirs, ours="client")           what the client of ours sends to their server
    command = wire.stdio([…], ours="client")         the same for a server that the client starts

When the test is over, a message that does not fit the schema of its version fails it, in one line that says which.
Connections are passed through byte by byte, so that streams, breaks and closings stay what they are.
"""

import dataclasses
import functools
import gzip
import json
import pathlib
import select
import socket
import sys
import threading
import urllib.parse

import jsonschema
import pytest

SPECIFICATION = pathlib.Path(__file__).resolve().parent.parent.parent / "shared" / "spec"
VERSIONS = ["2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"]
LATEST_LEGACY, MODERN = "2025-11-25", "2026-07-28"
CLAIM = "io.modelcontextprotocol/protocolVersion"

RESULTS = {
    "initialize": "InitializeResult", "server/discover": "DiscoverResult", "ping": "EmptyResult",
    "logging/setLevel": "EmptyResult", "resources/subscribe": "EmptyResult", "resources/unsubscribe": "EmptyResult",
    "tools/list": "ListToolsResult", "tools/call": "CallToolResult", "resources/list": "ListResourcesResult",
    "resources/templates/list": "ListResourceTemplatesResult", "resources/read": "ReadResourceResult",
    "prompts/list": "ListPromptsResult", "prompts/get": "GetPromptResult", "completion/complete": "CompleteResult",
    "subscriptions/listen": "SubscriptionsListenResult", "sampling/createMessage": "CreateMessageResult",
    "elicitation/create": "ElicitResult", "roots/list": "ListRootsResult",
}
ERRORS = {
    -32020: "HeaderMismatchError", -32021: "MissingRequiredClientCapabilityError",
    -32022: "UnsupportedProtocolVersionError", -32042: "URLElicitationRequiredError",
}
# What extensions add, of which the schemas know nothing.
EXTENSIONS = {"tasks/get", "tasks/update", "tasks/cancel", "notifications/tasks", "notifications/tasks/status"}


class Schema:
    """The definitions of one revision."""

    def __init__(self, version):
        self.version = version
        self.document = json.loads((SPECIFICATION / f"schema-{version}.json").read_text())
        self.key = "$defs" if "$defs" in self.document else "definitions"
        self.kind = jsonschema.validators.validator_for(self.document)
        # The specification says that an answer may hold numbers; its JSON form says integers.
        answers = self.document[self.key].get("ElicitResult", {}).get("properties", {}).get("content", {})
        for part in [answers.get("additionalProperties", {}), *answers.get("additionalProperties", {}).get("anyOf", [])]:
            if "integer" in part.get("type", []):
                part["type"] = [*part["type"], "number"]
        self.methods = {}
        for name, definition in self.document[self.key].items():
            method = definition.get("properties", {}).get("method", {}).get("const")
            if method:
                self.methods[method] = name

    def has(self, name):
        return name in self.document[self.key]

    def members(self, name):
        """The names that a union has as its parts, or the one that it stands for."""
        definition = self.document[self.key].get(name, {})
        if "anyOf" in definition:
            return {part["$ref"].rpartition("/")[2] for part in definition["anyOf"]}
        method = definition.get("properties", {}).get("method", {}).get("const")
        return {self.methods[method]} if method else set()

    def first(self, *names):
        return next(name for name in names if self.has(name))

    @functools.lru_cache
    def validator(self, name):
        return self.kind({**self.document, "$ref": f"#/{self.key}/{name}"})

    def problem(self, value, name):
        """What of the value does not fit the definition, in one line; None where it fits."""
        error = jsonschema.exceptions.best_match(self.validator(name).iter_errors(value))
        if error is None:
            return None
        place = "/".join(str(part) for part in error.absolute_path) or "the message"
        return f"{self.version} {name}: {place}: {error.message.splitlines()[0][:300]}"


@functools.cache
def schema(version):
    return Schema(version)


def kind_of(value):
    if "method" in value:
        return "request" if "id" in value else "notification"
    return "response"


def problem_of(value, side, version, answered=None):
    """What is wrong with a message of this side; `answered` is the method that a response is for."""
    definitions = schema(version)
    if not isinstance(value, dict):
        return f"{version}: the message is no object: {json.dumps(value)[:100]}"
    if value.get("jsonrpc") != "2.0":
        return f"{version}: jsonrpc is {value.get('jsonrpc')!r}"
    kind = kind_of(value)
    if kind == "response":
        return problem_of_response(value, side, definitions, answered)
    method = value["method"]
    if kind == "request":
        problem = definitions.problem(value, "JSONRPCRequest")
        if problem or method in EXTENSIONS:
            return problem
        union = "ClientRequest" if side == "client" else "ServerRequest"
    else:
        problem = definitions.problem(value, "JSONRPCNotification")
        if problem or method in EXTENSIONS:
            return problem
        union = "ClientNotification" if side == "client" else "ServerNotification"
    name = definitions.methods.get(method)
    if name is None or name not in definitions.members(union):
        return f"{version} {union}: there is no {method}"
    return definitions.problem(value, name)


def problem_of_response(value, side, definitions, answered):
    if "error" in value:
        name = definitions.first("JSONRPCErrorResponse", "JSONRPCError")
        # The schemas before 2025-11-25 ask for an id, which a message that could not be read has not.
        filled = value if "id" in value or definitions.version >= LATEST_LEGACY else {"id": 0, **value}
        problem = definitions.problem(filled, name)
        special = ERRORS.get(value["error"].get("code")) if problem is None else None
        if special and not definitions.has(special):
            return f"{definitions.version}: there is no error {value['error']['code']}"
        return definitions.problem(filled, special) if special else problem
    problem = definitions.problem(value, definitions.first("JSONRPCResultResponse", "JSONRPCResponse"))
    if problem:
        return problem
    if side == "client" and definitions.version >= MODERN:
        return f"{definitions.version}: a client sends no responses"
    if answered is None:
        return f"{definitions.version}: nothing was asked under the id {value.get('id')!r}"
    result = value["result"]
    name = RESULTS.get(answered, "Result")
    if definitions.version >= MODERN:
        if result.get("resultType") == "input_required":
            name = "InputRequiredResult"
        elif result.get("resultType") != "complete":
            name = "Result"
    return definitions.problem(result, name) if definitions.has(name) else None


@dataclasses.dataclass
class Exchange:
    """One HTTP request and what came back of its answer."""

    method: str
    path: str
    headers: dict
    body: bytes
    status: int = 0
    answer_headers: dict = dataclasses.field(default_factory=dict)
    answer: bytes = b""

    @property
    def sent(self):
        return messages_of(self.headers, self.body)

    @property
    def received(self):
        return messages_of(self.answer_headers, self.answer)


def messages_of(headers, body):
    """The JSON-RPC messages in a body of JSON or of events; of a batch each."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if headers.get("content-encoding") == "gzip":
        body = gzip.decompress(body)
    texts = []
    if kind == "application/json":
        texts = [body.decode()] if body.strip() else []
    elif kind == "text/event-stream":
        stream = body.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
        # What stands behind the last empty line is an event that was cut off.
        for event in stream.split("\n\n")[:-1]:
            lines = [line[5:].removeprefix(" ") for line in event.split("\n") if line.startswith("data:")]
            if any(lines):
                texts.append("\n".join(lines))
    found = []
    for text in texts:
        try:
            value = json.loads(text)
        except ValueError:
            continue
        found.extend(value if isinstance(value, list) else [value])
    return [value for value in found if not isinstance(value, dict) or "jsonrpc" in value or "method" in value]


class Reader:
    """Takes HTTP/1.1 messages out of the bytes of one direction."""

    def __init__(self, data):
        self.data, self.position = bytes(data), 0

    def head(self):
        end = self.data.find(b"\r\n\r\n", self.position)
        if end < 0:
            return None
        first, *fields = self.data[self.position:end].decode("latin-1").split("\r\n")
        self.position = end + 4
        headers = {}
        for field in fields:
            name, _, value = field.partition(":")
            headers[name.strip().lower()] = value.strip()
        return first, headers

    def body(self, headers, to_the_end=False):
        if "chunked" in headers.get("transfer-encoding", "").lower():
            return self.chunks()
        if "content-length" in headers:
            return self.take(int(headers["content-length"]))
        return self.take(len(self.data)) if to_the_end else b""

    def take(self, count):
        part = self.data[self.position:self.position + count]
        self.position += len(part)
        return part

    def chunks(self):
        whole = b""
        while True:
            end = self.data.find(b"\r\n", self.position)
            if end < 0:
                self.position = len(self.data)
                return whole
            size = int(self.data[self.position:end].partition(b";")[0] or b"0", 16)
            self.position = end + 2
            whole += self.take(size)
            self.position += 2
            if size == 0:
                return whole


class Connection:
    """One TCP connection that is passed on, with what went each way."""

    def __init__(self, client, server):
        self.client, self.server = client, server
        self.upward, self.downward = bytearray(), bytearray()

    def run(self):
        """Passes bytes on until both sides have said all; a side that breaks ends the other."""
        other = {self.client: self.server, self.server: self.client}
        notes = {self.client: self.upward, self.server: self.downward}
        open_sides = {self.client, self.server}
        try:
            while open_sides:
                ready, _, _ = select.select(list(open_sides), [], [])
                for side in ready:
                    part = side.recv(65536)
                    if part:
                        notes[side].extend(part)
                        other[side].sendall(part)
                        continue
                    open_sides.discard(side)
                    if side is self.client:
                        return
                    other[side].shutdown(socket.SHUT_WR)
        except (OSError, ValueError):
            pass
        finally:
            self.close()

    def close(self):
        for side in (self.client, self.server):
            try:
                side.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            side.close()

    def exchanges(self):
        up, down, found = Reader(self.upward), Reader(self.downward), []
        while (head := up.head()) is not None:
            method, path, *_ = head[0].split(" ")
            exchange = Exchange(method, path, head[1], up.body(head[1]))
            found.append(exchange)
            while (answer := down.head()) is not None:
                exchange.status = int(answer[0].split(" ")[1])
                if exchange.status >= 200:
                    exchange.answer_headers = answer[1]
                    if method != "HEAD" and exchange.status not in (204, 304):
                        exchange.answer = down.body(answer[1], to_the_end=True)
                    break
        return found


class Proxy:
    """Listens at a URL of its own and passes every connection on to the server behind it."""

    def __init__(self, url, ours):
        self.ours = ours
        parts = urllib.parse.urlsplit(url)
        self.place = (parts.hostname, parts.port)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = urllib.parse.urlunsplit(parts._replace(netloc=f"127.0.0.1:{self.listener.getsockname()[1]}"))
        self.connections = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self.place, timeout=10)
                server.settimeout(None)
            except OSError:
                client.close()
                continue
            connection = Connection(client, server)
            self.connections.append(connection)
            threading.Thread(target=connection.run, daemon=True).start()

    def close(self):
        self.listener.close()
        for connection in self.connections:
            connection.close()

    def exchanges(self):
        return [exchange for connection in self.connections for exchange in connection.exchanges()]

    def problems(self):
        exchanges = self.exchanges()
        versions, asked, questions, negotiated = {}, {}, {}, None
        for exchange in exchanges:
            session = exchange.headers.get("mcp-session-id")
            for message in exchange.sent:
                if isinstance(message, dict) and "method" in message and "id" in message:
                    asked[session, repr(message["id"])] = message["method"]
                    if message["method"] == "initialize":
                        for answer in exchange.received:
                            if "protocolVersion" in (answer.get("result") or {}):
                                negotiated = answer["result"]["protocolVersion"]
                                versions[exchange.answer_headers.get("mcp-session-id")] = negotiated
            for message in exchange.received:
                if isinstance(message, dict) and "method" in message and "id" in message:
                    questions[session, repr(message["id"])] = message["method"]
        for exchange in exchanges:
            session = exchange.headers.get("mcp-session-id")
            header = exchange.headers.get("mcp-protocol-version")
            version = versions.get(session) or (header if header in VERSIONS else None) or negotiated or LATEST_LEGACY
            own = {}
            for message in exchange.sent:
                if not isinstance(message, dict):
                    continue
                claim = claim_of(message)
                if claim is not None:
                    version = claim if claim in VERSIONS else MODERN
                elif message.get("method") == "initialize":
                    wanted = (message.get("params") or {}).get("protocolVersion")
                    version = wanted if wanted in VERSIONS and wanted < MODERN else LATEST_LEGACY
                own[repr(message.get("id"))] = message.get("method")
                if self.ours in ("client", "both"):
                    answered = questions.get((session, repr(message.get("id"))))
                    yield self.told("client", exchange, message, problem_of(message, "client", version, answered))
            if "initialize" in own.values():
                answers = [answer.get("result") or {} for answer in exchange.received if isinstance(answer, dict)]
                version = next((answer["protocolVersion"] for answer in answers if "protocolVersion" in answer), version)
            if self.ours in ("server", "both"):
                for message in exchange.received:
                    id = repr(message.get("id")) if isinstance(message, dict) else None
                    answered = own.get(id) or asked.get((session, id))
                    known = version if version in VERSIONS else LATEST_LEGACY
                    yield self.told("server", exchange, message, problem_of(message, "server", known, answered))

    def told(self, side, exchange, message, problem):
        if problem is None:
            return None
        place = f"{exchange.method} {exchange.path} → {exchange.status}"
        return f"{side} sent what does not fit: {problem} ({place}; {json.dumps(message)[:400]})"


def claim_of(message):
    """The version that a request of the modern era names."""
    params = message.get("params")
    meta = params.get("_meta") if isinstance(params, dict) else None
    claim = meta.get(CLAIM) if isinstance(meta, dict) else None
    return claim if isinstance(claim, str) else None


class Pipe:
    """A command that starts a server, with somebody between who notes the lines."""

    def __init__(self, notes, command, ours):
        self.notes, self.ours = notes, ours
        self.notes.touch()
        self.command = [sys.executable, str(pathlib.Path(__file__).with_name("wire_pipe.py")), str(notes), *command]

    def close(self):
        pass

    def lines(self):
        return [json.loads(line) for line in self.notes.read_text().splitlines()]

    def problems(self):
        version, asked, questions, is_modern = LATEST_LEGACY, {}, {}, False
        for noted in self.lines():
            side = noted["from"]
            try:
                message = json.loads(noted["line"])
            except ValueError:
                if self.ours in (side, "both"):
                    yield f"{side} wrote what is no message: {noted['line'][:200]!r}"
                continue
            for part in message if isinstance(message, list) else [message]:
                if not isinstance(part, dict):
                    continue
                id, current = repr(part.get("id")), version
                mine, theirs = (asked, questions) if side == "client" else (questions, asked)
                answered = None
                if "method" in part:
                    claim = claim_of(part)
                    if side == "client" and claim is not None:
                        current, is_modern = claim if claim in VERSIONS else MODERN, True
                    elif part["method"] == "initialize":
                        wanted = (part.get("params") or {}).get("protocolVersion")
                        current, is_modern = wanted if wanted in VERSIONS and wanted < MODERN else LATEST_LEGACY, False
                    elif side == "server" and is_modern:
                        current = MODERN
                    if "id" in part:
                        mine[id] = (part["method"], current)
                elif id in theirs:
                    answered, current = theirs[id]
                    if answered == "initialize" and "protocolVersion" in (part.get("result") or {}):
                        version = current = part["result"]["protocolVersion"]
                        if current not in VERSIONS:
                            version = current = LATEST_LEGACY
                if self.ours in (side, "both"):
                    problem = problem_of(part, side, current, answered)
                    if problem:
                        yield f"{side} wrote what does not fit: {problem} ({json.dumps(part)[:400]})"


class Wire:
    """What a test lets its clients and servers talk through."""

    def __init__(self, directory):
        self.directory, self.parts = directory, []

    def http(self, url, ours="server"):
        """The URL at which the server can be reached so that what is said is heard."""
        self.parts.append(Proxy(url, ours))
        return self.parts[-1].url

    def stdio(self, command, ours="server"):
        """The command that starts the server so that what is said is heard."""
        self.parts.append(Pipe(self.directory / f"lines-{len(self.parts)}.jsonl", command, ours))
        return self.parts[-1].command

    def exchanges(self):
        """Every HTTP exchange so far."""
        return [exchange for part in self.parts if isinstance(part, Proxy) for exchange in part.exchanges()]

    def close(self):
        for part in self.parts:
            part.close()

    def problems(self):
        return [problem for part in self.parts for problem in part.problems() if problem is not None]


@pytest.fixture
def wire(tmp_path_factory):
    """Every message of ours that passes is held against the schema of its version when the test is over."""
    wire = Wire(tmp_path_factory.mktemp("wire"))
    yield wire
    wire.close()
    if not SPECIFICATION.exists():
        pytest.skip(f"messages were not checked: the MCP schemas are not at {SPECIFICATION}")
    problems = wire.problems()
    assert not problems, f"{len(problems)} messages: " + "\n".join(problems[:10])
