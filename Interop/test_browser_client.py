"""The browser's client outside of a browser: what it sends in its own tests, and all that it can do with our server."""

import json
import os
import subprocess

import pytest
from playwright._impl._driver import compute_driver_executable

from pythons import PYTHON_MCP1, PYTHON_MCP2
from server import ROOT
from wire import problem_of

EVERYTHING = os.environ.get("EVERYTHING_SERVER", str(ROOT / ".build" / "debug" / "everything-server"))
# Debian 12 has Node 18, which is too old; the tool that drives the browser brings one along.
NODE, _ = compute_driver_executable()


def test_whatever_the_browsers_client_sends_fits_the_schema_of_its_version(tmp_path):
    file = tmp_path / "sent.jsonl"
    tests = sorted((ROOT / "Web" / "tests").glob("*.test.js"))
    done = subprocess.run(
        [NODE, "--test", *tests], env={**os.environ, "VESTIBULE_SENT_MESSAGES": str(file)}, capture_output=True,
        text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-4000:]
    noted = [json.loads(line) for line in file.read_text().splitlines()]
    versions = {one["version"] for one in noted}
    assert {"2025-11-25", "2026-07-28"} <= versions and len(noted) > 500
    found = []
    for one in noted:
        problem = problem_of(one["message"], "client", one["version"], one.get("answered"))
        if problem:
            found.append(f"{problem}: {json.dumps(one['message'])[:300]}")
    assert not found, "\n".join(found)


@pytest.fixture
def everything(wire):
    """The URL of an everything-server, whose lists have pages; what goes to and fro is held against the schemas."""
    process = subprocess.Popen(
        [EVERYTHING, "0", "--page-size", "2"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        yield wire.http(process.stdout.readline().strip(), ours="both")
    finally:
        process.terminate()
        process.wait(30)


# requirement: C-02, C-16, C-19, C-38, D-08, D-30, D-56, D-65, D-66
@pytest.mark.parametrize("era, version", [("modern", "2026-07-28"), ("legacy", "2025-11-25")])
def test_the_browsers_client_goes_through_everything_that_the_server_has(everything, era, version):
    script = ROOT / "Interop" / "clients" / "browser_client.mjs"
    done = subprocess.run([NODE, script, everything, era], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-4000:]
    seen = json.loads(done.stdout)
    assert (seen["era"], seen["version"]) == (era, version)
    assert seen["tools"] > 30 and seen["prompts"] >= 4, "every page of the lists"
    assert "test://static-text" in seen["resources"]
    assert seen["templates"] == ["test://template/{id}/data"]
    assert seen["text"] == "This is the content of the static text resource."
    assert seen["missing"] == (-32602 if era == "modern" else -32002)
    assert seen["prompt"] == "Prompt with arguments: arg1='a', arg2='b'"
    assert seen["completion"] == ["paris", "park", "party"]
    assert seen["progress"] == [0, 50, 100]
    assert seen["logs"] == ["Tool execution started", "Tool processing data", "Tool execution completed"]
    assert '"username":"my username"' in seen["elicited"]
    for default in ('"name":"John Doe"', '"age":30', '"score":95', '"status":"active"', '"verified":true'):
        assert default in seen["defaults"]
    assert seen["sampled"] == "LLM response: you said hello"
    assert seen["roots"] == "file:///home/ada"
    assert seen["consent"].startswith("action: decline")
    assert seen["rounds"] == "my name likes my color"
    assert "https://example.com/confirm" in seen["asked"]
    assert seen["reconnected"] == "Reconnection test completed successfully"
    assert seen["cancelled"] == "AbortError"
    assert seen["changes"][:2] == ["subscribed", "toolsListChanged"]
    if era == "modern":
        assert seen["changes"][2] == "test://watched-resource"
    assert seen["failed"] == []


# requirement, C-16, C-31, C-35
@pytest.mark.parametrize("server, era", [("mcp1", "legacy"), ("mcp2", "modern")])
def test_the_browsers_client_finds_out_what_other_peoples_servers_speak(wire, server, era):
    python = {"mcp1": PYTHON_MCP1, "mcp2": PYTHON_MCP2}[server]
    process = subprocess.Popen(
        [python, ROOT / "Interop" / "servers" / f"{server}.py", "http"], stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True)
    try:
        url = wire.http(process.stdout.readline().strip(), ours="client")
        script = ROOT / "Interop" / "clients" / "browser_client_elsewhere.mjs"
        done = subprocess.run([NODE, script, url], capture_output=True, text=True, timeout=120)
    finally:
        process.terminate()
        process.wait(30)
    assert done.returncode == 0, done.stderr[-4000:]
    seen = json.loads(done.stdout)
    assert seen["era"] == era
    tools = seen["tools"]
    assert tools["add"] == '{"sum": 2}'
    assert tools["fail"].startswith("failed: ")
    assert (tools["sample"], tools["elicit"], tools["elicit_url"]) == ("none: hm", "accept", "decline")
    assert (tools["roots"], tools["two_rounds"], tools["reconnect"]) == ("file:///home/ada", "1 accept", "still here")
    assert "invalid_mirror" not in tools or era == "legacy"
    assert (seen["resources"], seen["templates"], seen["prompts"]) == (7, 1, 4)
