"""What the servers of other people's SDKs offer here: the same of each, so that one test serves all.

Everything is in the form of the wire. `Peer` is what a request needs of the SDK that it came by.
"""

import asyncio
import base64

MODERN = "2026-07-28"
LEVELS = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"]
PIXEL = base64.b64encode(
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89").decode()
SOUND = base64.b64encode(b"RIFF$\x00\x00\x00WAVEfmt ").decode()
PAGE = 3


class Failure(Exception):
    """A JSON-RPC error of ours."""

    def __init__(self, code, message, data=None):
        super().__init__(message)
        self.code, self.message, self.data = code, message, data


class Peer:
    """The client behind one request. Each SDK's server has its own."""

    version = MODERN

    async def progress(self, progress, total, message):
        raise NotImplementedError

    async def log(self, level, data):
        raise NotImplementedError

    async def ask(self, key, method, params):
        """The result of a question to the client, in the form of the wire."""
        return (await self.ask_all({key: (method, params)}))[key]

    async def ask_all(self, questions):
        """The results of several questions: at once where the era has that, else one after another."""
        raise NotImplementedError

    async def changed(self, uri):
        """Tells that lists and this resource have changed."""
        raise NotImplementedError

    async def close_stream(self):
        """Closes the connection of this request's stream, and not the stream."""

    def headers(self):
        """The fields of the HTTP request; none over stdio."""
        return {}

    def client(self):
        """What the client says of itself: name and capabilities."""
        return {}


class State:
    """What lasts over requests."""

    def __init__(self):
        self.cancelled, self.level, self.extra = 0, "debug", []


def tool(name, properties=None, required=(), **more):
    schema = {"type": "object", "properties": properties or {}, "required": list(required)}
    return {"name": name, "description": f"Shows what {name} is.", "inputSchema": schema, **more}


TEXT, NUMBER = {"type": "string"}, {"type": "number"}
TOOLS = [
    tool("add", {"a": NUMBER, "b": NUMBER}, ("a", "b"), title="Addition", annotations={"readOnlyHint": True}, outputSchema={
        "type": "object", "properties": {"sum": NUMBER}, "required": ["sum"]}),
    tool("kinds"), tool("fail"), tool("progress", {"steps": {"type": "integer"}}), tool("log"), tool("sample", {"prompt": TEXT}),
    tool("elicit"), tool("elicit_url"), tool("roots"), tool("two_rounds"),
    tool("all_at_once"), tool("slow"), tool("cancelled"), tool("change"),
    tool("reconnect"), tool("client"), tool("large", {"size": {"type": "integer"}}),
]
MIRRORED = tool("mirrored", {
    "region": {**TEXT, "x-mcp-header": "Region"}, "count": {"type": "integer", "x-mcp-header": "Count"},
    "dry": {"type": "boolean", "x-mcp-header": "Dry-Run"}, "note": TEXT})
# A client over HTTP has to leave this one out.
INVALID = tool("invalid_mirror", {"rate": {"type": "number", "x-mcp-header": "Rate"}})

RESOURCES = [
    {"uri": "demo://text", "name": "text", "title": "A text", "mimeType": "text/plain", "size": 5},
    {"uri": "demo://binary", "name": "binary", "mimeType": "image/png"},
    {"uri": "demo://watched", "name": "watched", "mimeType": "text/plain"},
    *({"uri": f"demo://page/{number}", "name": f"page {number}"} for number in range(4)),
]
TEMPLATES = [{"uriTemplate": "demo://greet/{name}", "name": "greet", "mimeType": "text/plain"}]
PROMPTS = [
    {"name": "greet", "title": "A greeting", "description": "Greets somebody.", "arguments": [
        {"name": "name", "description": "Who", "required": True}, {"name": "style"}]},
    {"name": "with_resource"}, {"name": "with_image"}, {"name": "plain"},
]
STYLES = ["calm", "cheerful", "curt", "solemn"]
FORM = {"type": "object", "required": ["name"], "properties": {
    "name": {"type": "string", "title": "Name", "minLength": 1, "default": "Grace"},
    "age": {"type": "integer", "minimum": 0, "default": 36},
    "score": {"type": "number", "default": 0.5},
    "member": {"type": "boolean", "default": True},
    "colour": {"type": "string", "enum": ["red", "green"], "default": "green"},
}}


def page(name, items, cursor):
    """The empty string is the cursor of the second page: a client that takes it for the end misses the rest."""
    starts = {None: 0, "": PAGE, **{str(start): start for start in range(2 * PAGE, len(items), PAGE)}}
    if cursor not in starts:
        raise Failure(-32602, f"no such cursor: {cursor}")
    start = starts[cursor]
    result = {name: items[start:start + PAGE]}
    if start + PAGE < len(items):
        result["nextCursor"] = "" if start == 0 else str(start + PAGE)
    return result


def tools(state, modern):
    return TOOLS + ([MIRRORED, INVALID] if modern else []) + state.extra


def text(value, **more):
    return {"content": [{"type": "text", "text": value}], **more}


async def call(state, peer, name, arguments):
    match name:
        case "add":
            total = arguments["a"] + arguments["b"]
            return text(f'{{"sum": {total}}}', structuredContent={"sum": total})
        case "kinds":
            return {"content": [
                {"type": "text", "text": "plain", "annotations": {"audience": ["user"], "priority": 0.5}},
                {"type": "image", "data": PIXEL, "mimeType": "image/png"},
                {"type": "audio", "data": SOUND, "mimeType": "audio/wav"},
                *([] if peer.version == "2025-03-26" else [
                    {"type": "resource_link", "uri": "demo://text", "name": "text", "mimeType": "text/plain"}]),
                {"type": "resource", "resource": {"uri": "demo://text", "mimeType": "text/plain", "text": "hello"}},
                {"type": "resource", "resource": {"uri": "demo://binary", "mimeType": "image/png", "blob": PIXEL}},
            ]}
        case "fail":
            return text("this tool always fails", isError=True)
        case "progress":
            steps = arguments.get("steps", 3)
            for step in range(1, steps + 1):
                await peer.progress(step, steps, f"step {step}")
            return text(f"{steps} steps")
        case "log":
            for level in ("debug", "info", "warning", "error"):
                if peer.version >= MODERN or LEVELS.index(level) >= LEVELS.index(state.level):
                    await peer.log(level, {"said": level})
            return text("logged")
        case "sample":
            answer = await peer.ask("model", "sampling/createMessage", {
                "messages": [{"role": "user", "content": {"type": "text", "text": arguments.get("prompt", "hello")}}],
                "systemPrompt": "Be brief.", "maxTokens": 50})
            return text(f'{answer["model"]}: {answer["content"]["text"]}')
        case "elicit":
            answer = await peer.ask("form", "elicitation/create", {
                **({} if peer.version == "2025-06-18" else {"mode": "form"}), "message": "Who are you?", "requestedSchema": FORM})
            return text(answer["action"], structuredContent={"answer": answer})
        case "elicit_url":
            unique = {} if peer.version >= MODERN else {"elicitationId": "one"}
            answer = await peer.ask("page", "elicitation/create", {
                "mode": "url", "message": "Please look", "url": "https://example.com/form?id=1", **unique})
            return text(answer["action"])
        case "roots":
            answer = await peer.ask("roots", "roots/list", None)
            return text("\n".join(root["uri"] for root in answer["roots"]))
        case "two_rounds":
            roots = await peer.ask("roots", "roots/list", None)
            question = f'Which of {len(roots["roots"])}?'
            answer = await peer.ask("form", "elicitation/create", {"message": question, "requestedSchema": FORM})
            return text(f'{len(roots["roots"])} {answer["action"]}')
        case "all_at_once":
            answers = await peer.ask_all({
                "roots": ("roots/list", None),
                "form": ("elicitation/create", {"message": "And?", "requestedSchema": FORM}),
                "model": ("sampling/createMessage", {
                    "messages": [{"role": "user", "content": {"type": "text", "text": "hi"}}], "maxTokens": 5}),
            })
            return text(f'{len(answers["roots"]["roots"])} {answers["form"]["action"]} {answers["model"]["model"]}')
        case "slow":
            try:
                await peer.progress(0.5, 1, "waiting")
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                state.cancelled += 1
                raise
            return text("nobody cancelled")
        case "cancelled":
            return text(str(state.cancelled))
        case "change":
            if not state.extra:
                state.extra.append(tool("added"))
            await peer.changed("demo://watched")
            return text("changed")
        case "reconnect":
            await peer.progress(1, 2, "before")
            await peer.close_stream()
            await asyncio.sleep(0.1)
            await peer.progress(2, 2, "after")
            return text("still here")
        case "client":
            return text("client", structuredContent={"client": peer.client(), "version": peer.version})
        case "large":
            return text("x" * arguments.get("size", 1_000_000))
        case "mirrored":
            fields = {key.lower(): value for key, value in peer.headers().items() if key.lower().startswith("mcp-")}
            return text("mirrored", structuredContent={"headers": fields, "arguments": arguments})
        case "invalid_mirror" | "added":
            return text(name)
    raise Failure(-32602, f"Unknown tool: {name}")


def read(uri, version):
    if uri == "demo://text":
        return {"contents": [{"uri": uri, "mimeType": "text/plain", "text": "hello"}]}
    if uri == "demo://binary":
        return {"contents": [{"uri": uri, "mimeType": "image/png", "blob": PIXEL}]}
    if uri == "demo://watched" or uri.startswith("demo://page/"):
        return {"contents": [{"uri": uri, "mimeType": "text/plain", "text": uri.rpartition("/")[2]}]}
    if uri.startswith("demo://greet/"):
        return {"contents": [{"uri": uri, "mimeType": "text/plain", "text": "Hello, " + uri.removeprefix("demo://greet/")}]}
    raise Failure(-32602 if version >= MODERN else -32002, "Resource not found", {"uri": uri})


def prompt(name, arguments):
    def message(content, role="user"):
        return {"role": role, "content": content}

    match name:
        case "greet":
            if "name" not in arguments:
                raise Failure(-32602, "greet needs the argument name")
            words = f'Greet {arguments["name"]} in a {arguments.get("style", "calm")} way.'
            return {"description": "Greets somebody.", "messages": [
                message({"type": "text", "text": words}), message({"type": "text", "text": "Gladly."}, "assistant")]}
        case "with_resource":
            return {"messages": [message({"type": "resource", "resource": {"uri": "demo://text", "text": "hello"}})]}
        case "with_image":
            return {"messages": [message({"type": "image", "data": PIXEL, "mimeType": "image/png"})]}
        case "plain":
            return {"messages": [message({"type": "text", "text": "plain"})]}
    raise Failure(-32602, f"Unknown prompt: {name}")


def complete(reference, argument, others):
    if reference.get("type") == "ref/prompt" and reference.get("name") == "greet" and argument["name"] == "style":
        values = [style for style in STYLES if style.startswith(argument["value"])]
    elif reference.get("uri") == "demo://greet/{name}":
        values = [name for name in ("Ada", "Alan", "Grace") if name.startswith(argument["value"])]
    else:
        values = []
    return {"completion": {"values": values, "total": len(values), "hasMore": False}}


INSTRUCTIONS = "Try everything."


async def serve_over_http(make_application, host="127.0.0.1"):
    """Serves what is made for the endpoint's URL, on a free port, and prints that URL."""
    import socket

    import uvicorn

    listener = socket.create_server((host, 0))
    url = f"http://{host}:{listener.getsockname()[1]}/mcp"
    server = uvicorn.Server(
        uvicorn.Config(make_application(url), log_level="warning", timeout_graceful_shutdown=1))
    print(url, flush=True)
    await server.serve(sockets=[listener])
