"""The browser's client and the front page, in both eras of the protocol."""

import json

import pytest

from test_page import accessible, contrast_settled
from workbench import run_tool

MODERN = "2026-07-28"
FRONT_END = """
import { MCPClient } from "/web/vestibule.js";

globalThis.start = (era, token) => {
    globalThis.client = new MCPClient({ url: "/mcp", era, getToken: () => token, logLevel: "info" });
};
globalThis.ready = true;
"""


def sent(person):
    """What was asked, and in which revision the headers say so."""
    return [
        (message.method, message.request.headers.get("mcp-protocol-version"), message.request.headers.get("mcp-method"))
        for message in person.messages()]


def front_end(person, server, era):
    page = person.host(server, FRONT_END)
    page.wait_for_function("globalThis.ready")
    page.evaluate(f"start('{era}', '{server.mint('--subject', 'ada')}')")
    return page


# requirement, C-31
def test_the_server_is_found_to_be_modern_and_no_session_is_opened(serve, people):
    server, person = serve(), people()
    page = front_end(person, server, "automatic")
    assert page.evaluate("client.callTool('echo', { text: 'hello' }).then((result) => result.isError)") is False
    assert "echo" in page.evaluate("client.listTools().then((tools) => tools.map((tool) => tool.name))")
    assert page.evaluate("[client.era, client.server.protocolVersion, client.server.serverInfo.name]") == [
        "modern", MODERN, "vestibule"]
    page.evaluate("client.close()")
    assert sent(person) == [(method, MODERN, method) for method in ("server/discover", "tools/call", "tools/list")]
    body = json.loads(person.messages()[1].request.post_data)
    assert body["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] == MODERN


def test_whoever_wants_a_session_gets_one_from_the_same_server(serve, people):
    server, person = serve(), people()
    page = front_end(person, server, "legacy")
    assert page.evaluate("client.callTool('echo', { text: 'hello' }).then((result) => result.isError)") is False
    assert page.evaluate("[client.era, client.server.protocolVersion]") == ["legacy", "2025-11-25"]
    page.evaluate("client.close()")
    assert [method for method, _, _ in sent(person)] == [
        "initialize", "notifications/initialized", "tools/call", "DELETE"]


@pytest.mark.parametrize("era", ("modern", "legacy"))
def test_the_front_page_says_how_it_speaks_and_lets_a_person_choose(serve, people, screenshot, era):
    server, person = serve(), people()
    person.sign_in(server)
    page = person.page(server.origin + "/")
    choice = page.get_by_role("combobox", name="How to speak with the server")
    facts = page.locator("#session")
    facts.get_by_text(f"MCP {MODERN}").wait_for()
    contrast_settled(page)
    choice.select_option(era)
    page.wait_for_url(f"**/?era={era}")
    facts.get_by_text(f"MCP {MODERN if era == 'modern' else '2025-11-25'}").wait_for()
    facts.get_by_text("none is needed" if era == "modern" else "open since").wait_for()
    assert "hello" in run_tool(page, "echo", text="hello").inner_text()
    assert accessible(page) == []
    screenshot(page, f"era-{era}", full_page=True)
    assert person.errors == []


def test_a_page_elsewhere_may_send_what_tools_want_in_headers(serve, people, other_site):
    server, person = serve(), people()
    page = person.page(other_site.publish(""))
    body = {"jsonrpc": "2.0", "id": 1, "method": "server/discover", "params": {"_meta": {
        "io.modelcontextprotocol/protocolVersion": MODERN, "io.modelcontextprotocol/clientCapabilities": {}}}}
    headers = {
        "Content-Type": "application/json", "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": MODERN, "Mcp-Method": "server/discover", "Mcp-Param-Region": "eu"}
    options = json.dumps({"method": "POST", "headers": headers, "body": json.dumps(body)})
    told = page.evaluate(f"""fetch("{server.url}", {options}).then((answer) => answer.status, (error) => error.name)""")
    assert told == 200
