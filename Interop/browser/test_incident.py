"""The incident in a real browser: judged by the server's record and by the browser's own log of its network."""

import time

import pytest

from browsing import shifted_clock

FRONT_END = """
import { DynamicAuthManager, MCPClient } from "/web/vestibule.js";

const auth = new DynamicAuthManager({ tokenEndpoint: "/auth/token" });
const client = new MCPClient({ url: "/mcp", getToken: () => auth.getCurrentToken(), logLevel: "info", era: "ERA" });
globalThis.auth = auth;
globalThis.client = client;
globalThis.list = async () => (await client.callTool("bucket_objects_list", { bucket: "demo-bucket" })).isError;
"""

# What opens the conversation, and what the console says of it.
OPENING = {
    "legacy": (["initialize", "notifications/initialized"], [200, 202], "MCP session established"),
    "modern": (["server/discover"], [200], "MCP server of 2026-07-28 discovered"),
}


def host(person, server, name="host", era="legacy"):
    """The front end on a page of the server's origin; in the era with sessions, in which the incident happened."""
    return person.host(server, FRONT_END.replace("ERA", era), name=name)


# As the former front end kept it: readable by any script of the page, and older than the last rotation.
STORED_UNDER = "mcp_token"


@pytest.mark.parametrize("era", OPENING)
def test_a_stale_token_in_storage_is_gone_and_was_never_sent(serve, people, era):
    server = serve()
    stale = server.mint("--subject", "ada", "--bucket", "demo-bucket", "--permission", "s3:ListBucket", "--ttl", "1h")
    server.run("keys", "rotate", "--now")
    person = people()
    person.sign_in(server)
    person.context.add_init_script(
        f"localStorage.setItem('{STORED_UNDER}', '{stale}'); sessionStorage.setItem('{STORED_UNDER}', '{stale}');")
    loaded_at = int(time.time())
    page = host(person, server, era=era)
    assert page.evaluate("list()") is False
    assert page.evaluate(f"[localStorage.{STORED_UNDER}, sessionStorage.{STORED_UNDER}]") == [None, None]

    sent = person.messages()
    methods, statuses, said = OPENING[era]
    assert [message.method for message in sent] == methods + ["tools/call"]
    assert [message.status for message in sent] == statuses + [200]
    handshake, operations = sent[:-1], sent[-1:]
    assert all(message.authorization is None for message in handshake)
    assert all(stale not in (message.authorization or "") for message in sent)
    assert all(message.issued_at >= loaded_at for message in operations), "a token older than the page"

    records = server.wait_for(lambda records: any(record.get("tool") for record in records))
    mcp = [record for record in records if record.get("phase")]
    assert not [record for record in mcp if record["phase"] == "handshake" and record["status"] == 401]
    assert not [record for record in mcp if record["phase"] == "handshake" and record["token"]]
    assert [record["status"] for record in mcp if record["phase"] == "operation"] == [200]
    assert any(said in line and "token sent: no" in line for line in person.console)
    assert not any(stale in line for line in person.console)


def test_keys_rotated_while_five_tabs_are_busy_cost_no_call_and_one_refresh(serve, people):
    server = serve()
    person = people()
    person.sign_in(server)
    tabs = [host(person, server, name=f"tab{number}") for number in range(5)]
    for tab in tabs:
        assert tab.evaluate("list()") is False
    assert len(token_requests(person)) == 1, "five tabs start with one token"

    rotations = 2
    for rotation in range(rotations):
        # Each tab keeps calling until it is told to stop, so that the rotation falls into the middle of it.
        for tab in tabs:
            tab.evaluate("""() => {
                globalThis.calls = 0; globalThis.failures = []; globalThis.stop = false;
                globalThis.busy = (async () => {
                    while (!globalThis.stop) {
                        try { if (await list()) globalThis.failures.push("isError"); }
                        catch (error) { globalThis.failures.push(String(error)); }
                        globalThis.calls += 1;
                    }
                })();
            }""")
        for tab in tabs:
            tab.wait_for_function("globalThis.calls > 3")
        server.run("keys", "rotate", "--now")
        for tab in tabs:
            before = tab.evaluate("globalThis.calls")
            tab.wait_for_function(f"globalThis.calls > {before + 20}")
        for tab in tabs:
            tab.evaluate("globalThis.stop = true; globalThis.busy")
            assert tab.evaluate("globalThis.failures") == []
        assert len(token_requests(person)) == 2 + rotation, "one refresh for five tabs"

    refused = [record for record in server.records() if record.get("status") == 401]
    assert {record["reason"] for record in refused} == {"key_retired"}
    assert not [record for record in server.records() if record.get("phase") == "handshake" and record["token"]]


@pytest.mark.parametrize("era", OPENING)
def test_a_clock_ten_minutes_wrong_works_and_the_skew_is_known(serve, people, era):
    for minutes in (10, -10):
        server = serve()
        person = people()
        person.sign_in(server)
        person.context.add_init_script(shifted_clock(minutes * 60_000))
        page = host(person, server, era=era)
        assert page.evaluate("list()") is False
        assert page.evaluate("list()") is False
        assert abs(page.evaluate("client.clockOffset") + minutes * 60) < 3
        assert not [record for record in server.records() if record.get("status") == 401]
        assert len(token_requests(person)) == 1


def test_a_restarted_server_is_met_again_without_a_failed_call(serve, people):
    server = serve()
    person = people()
    person.sign_in(server)
    page = host(person, server)
    assert page.evaluate("list()") is False
    server.restart()
    assert page.evaluate("list()") is False, "the token is fresh still; only the session is new"
    statuses = [(message.method, message.status) for message in person.messages()][3:]
    assert statuses == [
        ("tools/call", 404), ("initialize", 200), ("notifications/initialized", 202), ("tools/call", 200)]


def test_a_restarted_server_of_the_modern_era_is_not_even_noticed(serve, people):
    server = serve()
    person = people()
    person.sign_in(server)
    page = host(person, server, era="automatic")
    assert page.evaluate("list()") is False
    server.restart()
    assert page.evaluate("list()") is False
    assert [(message.method, message.status) for message in person.messages()] == [
        ("server/discover", 200), ("tools/call", 200), ("tools/call", 200)]


def test_offline_says_so_and_recovers(serve, people):
    server = serve()
    person = people()
    person.sign_in(server)
    page = host(person, server)
    assert page.evaluate("list()") is False
    person.context.set_offline(True)
    failure = page.evaluate("list().then(() => null, (error) => error.message)")
    assert "offline" in failure
    person.context.set_offline(False)
    assert page.evaluate("list()") is False


def test_signed_out_in_one_tab_is_signed_out_in_all(serve, people):
    server = serve()
    person = people()
    person.sign_in(server)
    first, second = (host(person, server, name=name) for name in ("first", "second"))
    for tab in (first, second):
        assert tab.evaluate("list()") is False
    first.evaluate("auth.signOut()")
    second.wait_for_function("client.state === 'signed-out'")
    for tab in (first, second):
        assert tab.evaluate("list().then(() => null, (error) => error.remedy)") == "sign_in"
    # And signed in again, both go on.
    person.sign_in(server, "ada")
    for tab in (first, second):
        tab.evaluate("auth.refreshAllData()")
        assert tab.evaluate("list()") is False


def token_requests(person):
    return [request for request in person.requests if request.url.endswith("/auth/token")]
