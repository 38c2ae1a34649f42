"""The everything-server with the clients of the official Python SDK, 1.x and 2.x: every feature, in both eras, over HTTP and stdio."""

import json
import os
import pathlib
import subprocess

import pytest

import wire as wires
from pythons import PYTHON_MCP1, PYTHON_MCP2
from server import ROOT

EVERYTHING = os.environ.get("EVERYTHING_SERVER", str(ROOT / ".build" / "debug" / "everything-server"))
PAGE = 5
# Of each client: its program, its mode, and the revision that it comes to speak with our server.
CLIENTS = {
    "mcp-1.x": (PYTHON_MCP1, "tour1.py", "legacy", "2025-11-25"),
    "mcp-2.x-legacy": (PYTHON_MCP2, "tour2.py", "legacy", "2025-11-25"),
    "mcp-2.x-modern": (PYTHON_MCP2, "tour2.py", "2026-07-28", "2026-07-28"),
    "mcp-2.x-auto": (PYTHON_MCP2, "tour2.py", "auto", "2026-07-28"),
}


class Walked:
    """What one client came to with one server."""

    def __init__(self, report, version, problems):
        self.report, self.version, self.problems = report, version, problems

    def __getitem__(self, name):
        outcome = self.report.get(name)
        assert not (isinstance(outcome, dict) and "exception" in outcome), f"{name}: {outcome}"
        return outcome


@pytest.fixture(scope="module", params=["http", "stdio"])
def transport(request):
    return request.param


@pytest.fixture(scope="module", params=CLIENTS)
def walked(request, transport, tmp_path_factory):
    python, script, mode, version = CLIENTS[request.param]
    wire = wires.Wire(tmp_path_factory.mktemp("wire"))
    process = None
    if transport == "http":
        process = subprocess.Popen(
            [EVERYTHING, "0", "--page-size", str(PAGE)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        target = process.stdout.readline().strip()
        assert target.startswith("http://127.0.0.1:"), process.stderr.read()
        target = wire.http(target)
    else:
        target = json.dumps(wire.stdio([EVERYTHING, "--stdio", "--page-size", str(PAGE)]))
    try:
        done = subprocess.run(
            [python, script, target], capture_output=True, text=True, timeout=180,
            cwd=pathlib.Path(__file__).parent / "clients", env={**os.environ, "MODE": mode})
    finally:
        wire.close()
        if process:
            process.terminate()
            assert process.wait(20) == 0
    assert done.stdout.strip(), f"{script} printed nothing: {done.stderr[-2000:]}"
    problems = wire.problems() if wires.SPECIFICATION.exists() else None
    return Walked(json.loads(done.stdout.strip().splitlines()[-1]), version, problems)


# requirement
def test_the_era_is_the_one_that_the_client_prefers_and_the_session_ends_well(walked):
    assert walked["version"] == walked.version
    assert walked["session"] == "closed"


# requirement: G-01, G-05, E-06
def test_every_message_of_the_server_fits_the_schema_of_its_version(walked):
    if walked.problems is None:
        pytest.skip(f"the MCP schemas are not at {wires.SPECIFICATION}")
    assert not walked.problems, "\n".join(walked.problems[:10])


# requirement: D-30, D-33, E-10, E-30, E-40
def test_lists_come_in_pages_and_whole(walked):
    tools = walked["tools"]
    assert tools["names"][0] == "test_simple_text" and "greet" in tools["names"]
    assert tools["pages"] == -(-len(tools["names"]) // PAGE) > 1
    assert len(set(tools["names"])) == len(tools["names"])
    assert walked["resources"]["names"] == ["test://static-text", "test://static-binary", "test://watched-resource"]
    assert walked["templates"]["names"] == ["test://template/{id}/data"]
    assert walked["prompts"]["names"][0] == "test_simple_prompt"


# requirement: E-15, E-18
def test_content_of_every_kind(walked):
    assert walked["text"] == ["This is a simple text response for testing."]
    assert walked["kinds"] == {
        "test_image_content": ["image"], "test_audio_content": ["audio"], "test_embedded_resource": ["resource"],
        "test_resource_link": ["resource_link"], "test_multiple_content_types": ["text", "image", "resource"],
    }


# requirement: E-16, E-17, E-20
def test_structured_content_and_failures(walked):
    assert walked["structured"] == [{"sum": 3.5}, '{"sum":3.5}']
    assert walked["failure"] == [True, "This tool intentionally returns an error for testing"]
    failed, line = walked["misfit"]
    assert failed and "a has to be" in line


# requirement: B-96, B-99, C-32, C-34
def test_an_argument_that_a_header_repeats(walked):
    assert walked["header"] == ["Looked in Zürich"]


# requirement: D-08, D-09, D-10
def test_progress_arrives_before_the_answer(walked):
    assert walked["progress"] == [[step, 100, f"{step} of 100"] for step in (0, 50, 100)]


# requirement: D-20, D-21, D-22, D-23
def test_log_messages_arrive(walked):
    assert walked["logging"] == [
        ["info", "Tool execution started"], ["info", "Tool processing data"], ["info", "Tool execution completed"]]


# requirement: D-50, D-52, D-56, E-50, E-51
def test_the_client_is_asked_and_its_answers_are_used(walked):
    assert walked["sampling"] == ["LLM response: sampled by the client"]
    (line,) = walked["elicitation"]
    assert line.startswith("User response: action: accept") and "ada@example.com" in line
    assert walked["roots"] == ["file:///home/ada"]


# requirement: E-31, E-32
def test_resources_are_read_and_missing_ones_are_not_there(walked):
    static, blob, templated = walked["reading"]
    assert static["text"] == "This is the content of the static text resource." and static["mimeType"] == "text/plain"
    assert blob == "iVBORw0K"
    assert templated == {"id": "123", "templateTest": True, "data": "Data for ID: 123"}
    assert walked.report["missing"]["code"] == (-32602 if walked.version >= "2026" else -32002)


# requirement: E-40, D-34, D-35
def test_prompts_and_completions(walked):
    plain, filled, kinds = walked["getting"]
    assert plain == "This is a simple prompt for testing."
    assert filled == "Prompt with arguments: arg1='hello', arg2='world'"
    assert kinds == ["resource", "text", "image", "text"]
    assert walked["completion"] == [["paris", "park", "party"], ["123", "124"]]


# requirement: D-65, D-66, D-67, D-69, E-34
def test_a_changed_resource_is_told_to_whoever_subscribed(walked):
    assert walked["subscription"] == "test://watched-resource"


# requirement: D-04, D-05, B-74, C-52
def test_a_call_is_given_up_and_the_session_goes_on(walked):
    assert walked["cancellation"] == ["This is a simple text response for testing."]


# requirement: C-50
def test_what_the_program_prints_does_not_get_among_the_messages(walked):
    assert walked["printing"] == ["Printed"]
