"""Starts the real server for tests with other people's clients."""

import json
import os
import subprocess

import pytest

import provider
from pythons import PYTHON_MCP1, PYTHON_MCP2
from server import ROOT, Server
from wire import wire  # noqa: F401  (a fixture)

# Each with the mode in which it speaks: `legacy` opens a session, `auto` asks first whether the server is modern.
CLIENTS = {
    "mcp 1.x": [PYTHON_MCP1, "mcp1.py", "legacy"],
    "mcp 2.x": [PYTHON_MCP2, "mcp2.py", "legacy"],
    "mcp 2.x modern": [PYTHON_MCP2, "mcp2.py", "auto"],
    "fastmcp 4": [PYTHON_MCP2, "fastmcp4.py", "auto"],
}


@pytest.fixture
def serve(tmp_path_factory):
    """Starts servers and stops them, asserting that each ends in good order."""
    running = []

    def start(configuration=None):
        server = Server(tmp_path_factory.mktemp("vestibule"), configuration)
        running.append(server)
        return server

    yield start
    codes = [server.stop() for server in running]
    assert all(code == 0 for code in codes), f"exit codes {codes}"


@pytest.fixture(params=CLIENTS, ids=lambda name: name.replace(" ", "-"))
def client(request, wire):
    """Runs steps with each client in turn, in a process of its own; what the server answers is held against the schemas."""
    python, script, mode = CLIENTS[request.param]

    def run(url, steps, **environment):
        heard = wire.http(url)
        done = subprocess.run(
            [python, script, heard], input=json.dumps(steps), capture_output=True, text=True, timeout=120,
            cwd=ROOT / "Interop" / "clients", env={**os.environ, "MODE": mode, **environment})
        assert done.stdout.strip(), f"{script} printed nothing: {done.stderr[-2000:]}"
        return json.loads(done.stdout.strip().splitlines()[-1].replace(heard, url))

    run.name, run.modern = request.param, mode == "auto"
    return run


@pytest.fixture(scope="session")
def oidc_provider():
    """A real identity provider, for all tests that leave it running: each registers a client of its own."""
    running = provider.Provider()
    yield running
    running.stop()


@pytest.fixture
def serve_with_sign_in(serve, tmp_path):
    """Starts servers whose people sign in with a provider; `server.client` is what it knows them by."""

    def start(identity_provider, method="client_secret_basic", secret=None, **changes):
        client = identity_provider.register(method=method)
        file = None
        if client["client_secret"]:
            file = tmp_path / f"secret-{client['client_id']}"
            file.touch(mode=0o600)
            file.write_text((secret or client["client_secret"]) + "\n")
        server = serve(provider.configuration(identity_provider, client, file, **changes))
        identity_provider.redirect_to(client, f"{server.origin}/auth/callback")
        server.client = client
        return server

    return start
