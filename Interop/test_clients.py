"""The official Python client (1.x and 2.x) and FastMCP against `vestibule serve`: lazy authentication as they see it."""

import os


from server import ROOT

ADA = [
    "--subject", "ada", "--bucket", "demo-bucket",
    "--permission", "s3:ListBucket", "--permission", "s3:GetBucketLocation", "--permission", "s3:GetObject",
]
LIST_DEMO = {"call": "bucket_objects_list", "arguments": {"bucket": "demo-bucket"}}
LIST_PAYROLL = {"call": "bucket_objects_list", "arguments": {"bucket": "payroll"}}


def test_connects_and_lists_without_a_token_and_calls_with_one(serve, client):
    server = serve()
    report = client(server.url, [{"list": True}, {"token": server.mint(*ADA)}, LIST_DEMO])
    listed, called = report["steps"]
    assert report["connected"]
    assert "bucket_objects_list" in listed["tools"]
    assert called["ok"] and not called["isError"]
    assert called["structured"]["bucket"] == "demo-bucket"
    assert report["session"] == "closed"


# requirement, B-81
def test_each_client_is_served_in_the_era_that_it_speaks(serve, client, wire):
    server = serve()
    report = client(server.url, [{"token": server.mint(*ADA)}, {"list": True}, LIST_DEMO])
    assert report["steps"][-1]["structured"]["bucket"] == "demo-bucket"
    posts = [exchange for exchange in wire.exchanges() if exchange.method == "POST"]
    methods = {message["method"] for exchange in posts for message in exchange.sent if "id" in message}
    assert ("initialize" in methods) == (not client.modern)
    assert ("server/discover" in methods) == client.modern
    calls = [exchange for exchange in posts if exchange.sent[0].get("method") == "tools/call"]
    expected = "2026-07-28" if client.modern else "2025-11-25"
    assert [exchange.headers["mcp-protocol-version"] for exchange in calls] == [expected]
    sessions = {exchange.answer_headers.get("mcp-session-id") for exchange in posts}
    assert (sessions == {None}) == client.modern


def test_no_request_of_the_handshake_carries_a_token_or_is_refused(serve, client):
    server = serve()
    client(server.url, [{"list": True}])
    handshake = [record for record in server.records() if record.get("phase") == "handshake"]
    assert handshake and all(record["token"] in (False, "none") for record in handshake)
    assert not [record for record in handshake if record.get("status") == 401]


# requirement: F-13
def test_a_call_without_a_token_is_refused_with_401(serve, client):
    server = serve()
    report = client(server.url, [{"list": True}, LIST_DEMO])
    refused = [record for record in server.records() if record.get("tool") == "bucket_objects_list"]
    assert [(record["status"], record["reason"]) for record in refused] == [(401, "token_missing")]
    assert not any(step.get("ok") and "structured" in step for step in report["steps"]), "a refusal looked like success"


# requirement: F-86, H-05
def test_after_a_401_the_client_goes_on_with_a_token(serve, client):
    server = serve()
    token = server.mint(*ADA)
    report = client(server.url, [{"list": True}, LIST_DEMO, {"token": token}, LIST_DEMO])
    if report["session"] != "closed":
        # This client tears its session down on a 401; a new one, with the token, is its way on.
        report = client(server.url, [{"token": token}, LIST_DEMO])
    assert report["steps"][-1]["structured"]["bucket"] == "demo-bucket"


def test_an_s3_uri_is_judged_as_its_bucket(serve, client):
    server = serve()
    call = {"call": "bucket_objects_list", "arguments": {"bucket": "s3://demo-bucket"}}
    report = client(server.url, [{"token": server.mint(*ADA)}, call])
    assert report["steps"][0]["structured"]["bucket"] == "demo-bucket"


def test_a_bucket_that_the_token_does_not_list_is_refused_in_band_and_the_session_lives_on(serve, client):
    server = serve()
    report = client(server.url, [{"token": server.mint(*ADA)}, LIST_PAYROLL, LIST_DEMO])
    refused, called = report["steps"]
    assert refused["isError"]
    assert refused["structured"]["reason"] == "argument_forbidden"
    assert refused["structured"]["remedy"] == "none"
    assert "payroll" in refused["text"] and "demo-bucket" in refused["text"]
    assert called["ok"] and not called["isError"]
    assert report["session"] == "closed"


def test_a_rotation_is_seen_by_the_running_server(serve, client):
    server = serve()
    before = server.mint(*ADA)
    server.run("keys", "rotate", "--overlap", "0s", "--now")
    report = client(server.url, [{"token": server.mint(*ADA)}, LIST_DEMO])
    assert report["steps"][0]["ok"]
    client(server.url, [{"list": True}, {"token": before}, LIST_DEMO])
    assert server.records()[-1] is not None
    assert "key_retired" in [record.get("reason") for record in server.records()]


HTTP_DENIALS = "access:\n  denials: http\n"


def observe(serve, client):
    """What a client makes of each kind of refusal, as one row a kind."""
    quiet, strict = serve(), serve(HTTP_DENIALS)
    token = quiet.mint(*ADA)
    strict_token = strict.mint(*ADA)
    cases = {
        "401 `token_missing`": (quiet.url, [{"list": True}, LIST_DEMO, {"list": True}]),
        "`argument_forbidden` in band": (quiet.url, [{"token": token}, LIST_PAYROLL, {"list": True}]),
        "`argument_forbidden` as HTTP 403": (strict.url, [{"token": strict_token}, LIST_PAYROLL, {"list": True}]),
    }
    rows = []
    for kind, (url, steps) in cases.items():
        report = client(url, steps)
        outcomes = report["steps"]
        refusal = next((step for step in outcomes if step.get("exception") or step.get("isError")), None)
        if refusal is None:
            seen = "no answer to the call: " + describe(report["session"])
        elif refusal.get("exception"):
            seen = describe(refusal)
        else:
            seen = f"result with `isError`: {refusal['text']}"
        lives = report["session"] == "closed" and outcomes[-1].get("tools") is not None
        fate = "goes on" if lives else f"torn down, {describe(report['session'])}"
        rows.append((kind, seen.replace(url, "URL"), fate.replace(url, "URL")))
    return rows


def describe(outcome):
    if isinstance(outcome, dict):
        return f"`{outcome['exception']}`: {outcome['text']}"
    return str(outcome)


def test_what_the_client_makes_of_refusals_is_what_the_documentation_says(serve, client):
    """`UPDATE_DOCS=1 make interop` writes the rows anew."""
    rows = observe(serve, client)
    head = "| refusal | what the caller gets | the session |\n|---|---|---|\n"
    table = head + "\n".join(f"| {kind} | {seen} | {fate} |" for kind, seen, fate in rows)
    document = ROOT / "docs" / "clients.md"
    text = document.read_text()
    begin, end = f"<!-- begin {client.name} -->\n", f"\n<!-- end {client.name} -->"
    assert begin in text and end in text, f"docs/clients.md has no place for {client.name}"
    before, rest = text.split(begin)
    committed, after = rest.split(end)
    if os.environ.get("UPDATE_DOCS"):
        document.write_text(before + begin + table + end + after)
        return
    assert committed == table, "docs/clients.md differs from what was just seen; run UPDATE_DOCS=1 make interop"
