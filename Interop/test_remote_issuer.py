"""Tokens of a real identity provider: found by discovery, through its rotations under load, and through its outage."""

import base64
import http.client
import json
import secrets
import threading
import time
import urllib.parse
import urllib.request

import pytest

import provider

JWKS = "/oauth/jwks.json"
COOL_DOWN = 10


@pytest.fixture
def idp():
    """A provider of this test's own, whose access tokens are JWTs."""
    running = provider.Provider("--jwt")
    yield running
    if running.process.poll() is None:
        running.stop()


@pytest.fixture
def server(serve, idp):
    """A server that accepts its tokens; `server.client` is for whom they are made."""
    client = idp.register()
    server = serve(f"""
issuers:
  - issuer: {idp.issuer}
    audience: {client["client_id"]}
    claims: {{ roles: groups }}
access: {{ rules: [] }}
limits: {{ refusedTokensPerMinute: 1000000 }}
""")
    server.client = client
    return server


class Connection:
    """One client with a session."""

    def __init__(self, server):
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(server.url).netloc, timeout=60)
        self.session = None
        status, answer = self.send("initialize", {
            "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "interop", "version": "1"}})
        assert status == 200, answer

    def send(self, method, params, token=None):
        headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if self.session:
            headers["Mcp-Session-Id"] = self.session
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        self.connection.request("POST", "/mcp", body, headers)
        reply = self.connection.getresponse()
        self.session = self.session or reply.headers.get("Mcp-Session-Id")
        return reply.status, json.loads(reply.read())

    def call(self, token):
        """`None` where the tool ran, else the refusal."""
        status, answer = self.send("tools/call", {"name": "bucket_list", "arguments": {}}, token)
        if status == 200 and answer.get("result", {}).get("isError") is not True and "error" not in answer:
            return None
        return answer.get("error", {}).get("data") or answer


class Load:
    """Callers that go on until they are told to stop, each time with the newest token."""

    def __init__(self, server, token, callers=8):
        self.token, self.calls, self.failures = token, 0, []
        self.slowest = 0
        self._stopping, self._answered = threading.Event(), threading.Condition()
        self._threads = [threading.Thread(target=self._run, args=(server,), daemon=True) for _ in range(callers)]
        for thread in self._threads:
            thread.start()

    def _run(self, server):
        connection = Connection(server)
        while not self._stopping.is_set():
            begun = time.monotonic()
            refusal = connection.call(self.token)
            with self._answered:
                self.calls += 1
                self.slowest = max(self.slowest, time.monotonic() - begun)
                if refusal is not None:
                    self.failures.append(refusal)
                self._answered.notify_all()

    def go_on(self, calls=200):
        """Until so many more calls have been answered."""
        with self._answered:
            goal = self.calls + calls
            assert self._answered.wait_for(lambda: self.calls >= goal, timeout=60), "the callers are stuck"

    def stop(self):
        self._stopping.set()
        for thread in self._threads:
            thread.join(60)
        assert self.failures == [], self.failures[:3]


def encoded(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def with_made_up_kid(token):
    """The token with a `kid` that nobody ever had, and a signature that nobody made."""
    header, claims, _ = token.split(".")
    parsed = json.loads(base64.urlsafe_b64decode(header + "=="))
    parsed["kid"] = secrets.token_hex(16)
    return ".".join([encoded(parsed), claims, base64.urlsafe_b64encode(secrets.token_bytes(256)).rstrip(b"=").decode()])


def by_password(idp, client, person="ada"):
    """An access token as the provider gives it to whoever asks over HTTP."""
    form = urllib.parse.urlencode({
        "grant_type": "password", "username": person, "password": idp.passwords[person],
        "scope": "openid profile groups"})
    credentials = base64.b64encode(f"{client['client_id']}:{client['client_secret']}".encode()).decode()
    request = urllib.request.Request(
        f"{idp.issuer}/oauth/token", form.encode(), {"Authorization": f"Basic {credentials}"})
    with urllib.request.urlopen(request) as reply:
        return json.load(reply)["access_token"]


def ready(server):
    try:
        with urllib.request.urlopen(f"{server.origin}/readyz") as reply:
            return reply.status
    except urllib.error.HTTPError as error:
        return error.code


def test_its_tokens_are_accepted_and_say_who_it_is(server, idp):
    token = by_password(idp, server.client)
    assert Connection(server).call(token) is None
    assert idp.count("/.well-known/openid-configuration") == 1 and idp.count(JWKS) == 1
    configuration = ["--config", str(server.directory / "vestibule.yaml")]
    verdict = json.loads(server.run("token", "verify", token, "--json", *configuration).stdout)
    assert verdict["accepted"] and verdict["principal"]["subject"] == "ada", verdict
    assert verdict["principal"]["roles"] == ["analysts", "operators"], verdict
    with urllib.request.urlopen(f"{server.origin}/.well-known/oauth-protected-resource/mcp") as reply:
        assert json.load(reply)["authorization_servers"] == [idp.issuer]
    other = idp.mint(idp.register())
    assert Connection(server).call(other)["reason"] == "audience_mismatch"


def test_rotations_under_load_refuse_nobody_and_cost_one_fetch_each_cool_down(server, idp):
    load = Load(server, idp.mint(server.client))
    load.go_on()
    assert idp.count(JWKS) == 1
    begun, rotations = time.monotonic(), 3
    for _ in range(rotations):
        idp.rotate(keep=True)
        load.token = idp.mint(server.client)
        load.go_on()
    load.stop()
    elapsed = time.monotonic() - begun
    fetches = idp.count(JWKS) - 1
    print(f"{load.calls} calls, {rotations} rotations in {elapsed:.1f} s: {fetches} fetches, slowest {load.slowest:.1f} s")
    assert fetches <= 1 + elapsed // COOL_DOWN
    assert load.slowest < COOL_DOWN + 5


def test_made_up_kids_cost_one_fetch_each_cool_down_and_disturb_nobody(server, idp):
    token = idp.mint(server.client)
    load = Load(server, token)
    load.go_on()
    before, begun = idp.count(JWKS), time.monotonic()
    refused, stopping = [], threading.Event()

    def flood():
        connection = Connection(server)
        while not stopping.is_set():
            refused.append(connection.call(with_made_up_kid(token))["reason"])

    threads = [threading.Thread(target=flood, daemon=True) for _ in range(80)]
    for thread in threads:
        thread.start()
    # The second fetch for them comes a cool-down after the first.
    while idp.count(JWKS) < before + 2:
        assert time.monotonic() < begun + 6 * COOL_DOWN, "made-up kids were asked after once and never again"
        load.go_on(50)
    # A rotation in the middle of it still refuses nobody.
    idp.rotate(keep=True)
    load.token = idp.mint(server.client)
    load.go_on(100)
    stopping.set()
    for thread in threads:
        thread.join(60)
    load.stop()
    elapsed = time.monotonic() - begun
    fetches = idp.count(JWKS) - before
    print(f"{len(refused)} made-up kids in {elapsed:.1f} s: {fetches} fetches; {load.calls} good calls")
    assert len(refused) >= len(threads) and set(refused) == {"key_unknown"}
    assert fetches <= 1 + elapsed // COOL_DOWN


def test_a_key_that_is_withdrawn_is_named_as_retired(server, idp):
    old = idp.mint(server.client)
    connection = Connection(server)
    assert connection.call(old) is None
    idp.rotate()
    assert connection.call(idp.mint(server.client)) is None
    refusal = connection.call(old)
    assert (refusal["reason"], refusal["remedy"]) == ("key_retired", "refresh"), refusal
    assert "publishes no more" in refusal["detail"], refusal


def test_the_server_goes_on_through_an_outage_and_says_so_where_it_cannot(server, idp):
    token = idp.mint(server.client)
    load = Load(server, token)
    load.go_on()
    assert ready(server) == 200
    idp.stop()
    assert Connection(server).call(with_made_up_kid(token))["reason"] == "key_unknown"
    server.wait_for(lambda records: any(r.get("message") == "keys not fetched" for r in records))
    load.go_on(500)
    load.stop()

    server.restart()
    refusal = Connection(server).call(token)
    assert (refusal["reason"], refusal["remedy"]) == ("issuer_unavailable", "wait"), refusal
    assert "could not be fetched" in refusal["detail"] and "try again in" in refusal["detail"], refusal
    assert ready(server) == 503
