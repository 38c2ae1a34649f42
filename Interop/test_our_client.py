"""Our client against the servers of the official Python SDK, every feature, in both eras, over HTTP and stdio."""

import base64
import json
import time

import pytest

from pythons import PYTHON_MCP1, PYTHON_MCP2
from theirs import SERVERS, Driver, Theirs

MODERN = "2026-07-28"
# What their server is, how it is reached, what our client is told of eras, and the version that comes of it.
PAIRS = {
    "2.x-http": ("mcp2.py", "http", [], MODERN),
    "2.x-stdio": ("mcp2.py", "stdio", [], MODERN),
    "2.x-http-modern-only": ("mcp2.py", "http", ["--era", "modern"], MODERN),
    "2.x-http-legacy": ("mcp2.py", "http", ["--era", "legacy"], "2025-11-25"),
    "2.x-stdio-legacy": ("mcp2.py", "stdio", ["--era", "legacy"], "2025-11-25"),
    "1.x-http": ("mcp1.py", "http", [], "2025-11-25"),
    "1.x-stdio": ("mcp1.py", "stdio", [], "2025-11-25"),
    "1.x-http-2025-06-18": ("mcp1.py", "http", ["--version", "2025-06-18"], "2025-06-18"),
    "1.x-http-2025-03-26": ("mcp1.py", "http", ["--version", "2025-03-26"], "2025-03-26"),
    "1.x-stdio-2025-03-26": ("mcp1.py", "stdio", ["--version", "2025-03-26"], "2025-03-26"),
}


@pytest.fixture(scope="module")
def servers():
    """One server of a kind over HTTP, for all tests."""
    running = {}

    def get(script):
        if script not in running:
            running[script] = Theirs(PYTHON_MCP1 if script == "mcp1.py" else PYTHON_MCP2, script)
        return running[script].url

    yield get
    for server in running.values():
        server.stop()


@pytest.fixture(params=PAIRS)
def ours(request, servers, wire):
    """Our client, connected; what it sends is held against the schemas."""
    script, transport, options, version = PAIRS[request.param]
    if transport == "http":
        target = [wire.http(servers(script), ours="client")]
    else:
        python = PYTHON_MCP1 if script == "mcp1.py" else PYTHON_MCP2
        target = ["--", *wire.stdio([python, str(SERVERS / script), "stdio"], ours="client")]
    driver = Driver(*options, *target)
    driver.version, driver.modern, driver.http, driver.wire = version, version == MODERN, transport == "http", wire
    driver.server = "python 1.x" if script == "mcp1.py" else "python 2.x"
    yield driver
    assert driver.close() == 0


# requirement, C-31, C-50
def test_meets_the_server_in_the_newest_version_that_both_speak(ours):
    met = ours.do("connect")
    assert met["version"] == ours.version
    assert met["server"]["serverInfo"]["name"] == ours.server
    assert met["server"]["instructions"] == "Try everything."
    assert {"tools", "resources", "prompts", "completions"} <= set(met["server"]["capabilities"])
    ours.do("ping")
    assert ours.text("client") == "client"
    seen = ours.call("client")[0].get("structuredContent")
    if ours.version != "2025-03-26":
        assert seen["version"] == ours.version and seen["client"]["name"] == "interop-client"
        assert {"sampling", "elicitation", "roots"} <= set(seen["client"]["capabilities"])


# requirement: C-35, D-30, D-31, D-32
def test_reads_every_page_of_every_list(ours):
    tools = ours.do("tools")
    assert tools["names"][:4] == ["add", "kinds", "fail", "progress"] and "large" in tools["names"]
    # What may not be mirrored into header fields is left out where there are such.
    assert ("mirrored" in tools["names"]) == ours.modern
    assert ("invalid_mirror" in tools["names"]) == (ours.modern and not ours.http)
    assert tools["dropped"] == (["invalid_mirror"] if ours.modern and ours.http else [])
    assert [item["uri"] for item in ours.do("resources")] == [
        "demo://text", "demo://binary", "demo://watched", *(f"demo://page/{number}" for number in range(4))]
    assert [item["uriTemplate"] for item in ours.do("templates")] == ["demo://greet/{name}"]
    assert [item["name"] for item in ours.do("prompts")] == ["greet", "with_resource", "with_image", "plain"]


# requirement: E-16, E-18, E-21
def test_reads_every_kind_of_content_and_structured_output(ours):
    ours.do("tools")
    added, _ = ours.call("add", {"a": 1, "b": 2.5})
    assert added["content"][0]["text"] == '{"sum": 3.5}' and not added.get("isError")
    if ours.version != "2025-03-26":
        assert added["structuredContent"] == {"sum": 3.5}
    blocks = ours.call("kinds")[0]["content"]
    kinds = ["text", "image", "audio", "resource_link", "resource", "resource"]
    assert [block["type"] for block in blocks] == [
        kind for kind in kinds if kind != "resource_link" or ours.version != "2025-03-26"]
    assert blocks[0]["annotations"] == {"audience": ["user"], "priority": 0.5}
    assert blocks[1]["mimeType"] == "image/png" and blocks[-1]["resource"]["blob"] == blocks[1]["data"]
    failed, _ = ours.call("fail")
    assert failed["isError"] and failed["content"][0]["text"] == "this tool always fails"
    unknown = ours.answer("call", tool="no_such_tool")
    assert unknown["error"] == "serverError" and unknown["rpc"]["code"] == -32602, unknown


# requirement: D-08
def test_hears_the_progress_of_a_call(ours):
    result, progress = ours.call("progress", {"steps": 4})
    assert result["content"][0]["text"] == "4 steps"
    assert [(step["progress"], step["total"]) for step in progress] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    if ours.version != "2025-03-26":
        assert progress[0]["message"] == "step 1"


# requirement: D-21
def test_hears_the_log_at_the_level_that_it_asked_for(ours):
    if ours.modern:
        assert ours.text("log", logLevel="warning") == "logged"
        refused = ours.answer("level", level="warning")
        assert refused["error"] == "unsupported"
    else:
        ours.do("level", level="warning")
        assert ours.text("log") == "logged"
    ours.do("heard", kind="notification log", count=2)
    # Nothing is sent with a call that does not ask for it.
    if ours.modern:
        ours.call("log")
    logged = [entry["what"] for entry in ours.do("heard") if entry["kind"] == "notification log"]
    assert [(entry["level"], entry["data"]) for entry in logged] == [
        ("warning", {"said": "warning"}), ("error", {"said": "error"})]
    if not ours.modern:
        ours.do("level", level="debug")


# requirement: C-19, C-30, D-56, E-14, E-50
def test_answers_what_the_server_asks(ours):
    assert ours.text("sample", {"prompt": "how are you?"}) == "interop-model: an answer"
    assert ours.text("roots") == "file:///interop/root"
    if ours.version == "2025-03-26":
        return
    answered = ours.call("elicit")[0]["structuredContent"]["answer"]
    assert answered["action"] == "accept"
    assert answered["content"] == {"name": "Grace", "age": 36, "score": 0.5, "member": True, "colour": "green"}
    assert ours.text("two_rounds") == "1 accept"
    assert ours.text("all_at_once") == "1 accept interop-model"
    if ours.version >= "2025-11-25":
        assert ours.text("elicit_url") == "accept"
    asked = [entry for entry in ours.do("heard") if entry["kind"] == "elicitation/create"]
    assert asked[0]["what"]["message"] == "Who are you?"
    if ours.version >= "2025-11-25":
        assert asked[-1]["what"]["url"] == "https://example.com/form?id=1"


def test_reads_resources_and_says_when_there_is_none(ours):
    assert ours.do("read", uri="demo://text")["contents"] == [
        {"uri": "demo://text", "mimeType": "text/plain", "text": "hello"}]
    assert "blob" in ours.do("read", uri="demo://binary")["contents"][0]
    assert ours.do("read", uri="demo://greet/Ada")["contents"][0]["text"] == "Hello, Ada"
    missing = ours.answer("read", uri="demo://none")
    assert missing["error"] == "serverError"
    assert missing["rpc"] == {"code": -32602 if ours.modern else -32002, "data": {"uri": "demo://none"}}


def test_fills_in_prompts_and_completes_arguments(ours):
    filled = ours.do("prompt", name="greet", arguments={"name": "Ada", "style": "curt"})
    assert [message["role"] for message in filled["messages"]] == ["user", "assistant"]
    assert filled["messages"][0]["content"]["text"] == "Greet Ada in a curt way."
    assert ours.do("prompt", name="with_resource")["messages"][0]["content"]["type"] == "resource"
    assert ours.do("prompt", name="with_image")["messages"][0]["content"]["type"] == "image"
    assert ours.answer("prompt", name="greet")["rpc"]["code"] == -32602
    styles = ours.do("complete", ref={"type": "ref/prompt", "name": "greet"}, name="style", value="c")
    assert styles["values"] == ["calm", "cheerful", "curt"]
    names = ours.do("complete", ref={"type": "ref/resource", "uri": "demo://greet/{name}"}, name="name", value="A")
    assert names["values"] == ["Ada", "Alan"]


# requirement: C-18, C-38, C-52
def test_calls_off_what_it_does_not_want_any_more(ours):
    before = int(ours.text("cancelled"))
    assert ours.do("cancel", tool="slow") == "cancelled"
    for _ in range(100):
        if int(ours.text("cancelled")) > before:
            break
    assert int(ours.text("cancelled")) == before + 1, "the server was not told"
    assert ours.text("add", {"a": 1, "b": 1}) == '{"sum": 2}'


# requirement: D-65, D-66, D-71
def test_hears_of_changes_that_it_subscribed_to(ours):
    honoured = ours.do("subscribe", filter={
        "toolsListChanged": True, "promptsListChanged": True, "resourceSubscriptions": ["demo://watched"]})
    assert honoured["toolsListChanged"] and honoured["resourceSubscriptions"] == ["demo://watched"]
    assert ours.text("change") == "changed"
    for kind in ("tools", "prompts", "resource"):
        ours.do("heard", kind=f"subscription {kind}", count=1)
    heard = [entry for entry in ours.do("heard") if entry["kind"] == "subscription resource"]
    assert heard[0]["what"] == "demo://watched"
    if ours.modern:
        assert not [entry for entry in ours.do("heard") if entry["kind"] == "subscription resources"]


# requirement: C-16, C-17
def test_finds_its_answer_again_where_the_server_closes_the_connection(ours):
    result, progress = ours.call("reconnect")
    assert result["content"][0]["text"] == "still here"
    assert [step["progress"] for step in progress] == [1, 2]
    if ours.http and ours.version == "2025-11-25":
        resumed = [
            exchange for exchange in ours.wire.exchanges()
            if exchange.method == "GET" and "last-event-id" in exchange.headers]
        assert resumed, "the connection was never closed"


def test_reads_a_large_result(ours):
    assert len(ours.text("large", {"size": 1_000_000})) == 1_000_000


# requirement: C-32, C-33, C-34
@pytest.mark.parametrize("ours", [name for name, pair in PAIRS.items() if pair[3] == MODERN], indirect=True)
def test_mirrors_marked_arguments_into_header_fields(ours):
    ours.do("tools")
    arguments = {"region": " Zürich", "count": 42, "dry": False, "note": "n"}
    mirrored, _ = ours.call("mirrored", arguments)
    assert mirrored["structuredContent"]["arguments"] == arguments
    fields = mirrored["structuredContent"]["headers"]
    if not ours.http:
        assert fields == {}
        return
    assert fields["mcp-method"] == "tools/call" and fields["mcp-name"] == "mirrored"
    assert {name: value for name, value in fields.items() if name.startswith("mcp-param-")} == {
        "mcp-param-region": "=?base64?IFrDvHJpY2g=?=", "mcp-param-count": "42", "mcp-param-dry-run": "false"}


def jwt(**claims):
    """Something of the form of a token; their server compares it as a whole."""
    parts = [json.dumps(part).encode() for part in ({"alg": "none", "kid": "k1"}, {**claims, "iat": int(time.time())})]
    return ".".join([*(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts), "c2lnbmVk"])


# requirement: A-80, C-03, F-40, F-66, H-07
@pytest.mark.parametrize("era, version", [("automatic", MODERN), ("legacy", "2025-11-25")])
def test_brings_its_token_where_the_server_wants_one(era, version, wire):
    token = jwt(exp=int(time.time()) + 300)
    server = Theirs(PYTHON_MCP2, "mcp2.py", token)
    try:
        url = wire.http(server.url, ours="client")
        driver = Driver("--era", era, "--token", token, url)
        assert driver.do("connect")["version"] == version
        assert driver.text("add", {"a": 1, "b": 2}) == '{"sum": 3}'
        assert driver.text("sample", {"prompt": "hi"}) == "interop-model: an answer"
        assert driver.close() == 0
        seen = wire.exchanges()
        # It is asked for once, at the first request of all; from then on everything carries it, and nothing is refused.
        refused = [exchange for exchange in seen if exchange.status == 401]
        assert len(refused) == 1 and "authorization" not in refused[0].headers
        others = [exchange for exchange in seen if exchange is not refused[0]]
        assert {exchange.headers.get("authorization") for exchange in others} == {f"Bearer {token}"}
        assert not any(token in exchange.path for exchange in seen)

        without = Driver("--era", era, wire.http(server.url, ours="client"))
        error = without.answer("call", tool="add", arguments={"a": 1, "b": 2})
        assert error["error"] == "unauthorized" and error["status"] == 401
        assert without.close() == 0
    finally:
        server.stop()
