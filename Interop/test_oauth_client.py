"""`vestibule call` signs in with a real identity provider, from the challenge to the tool's result, without a screen."""

import json
import re
import socket
import stat
import subprocess
import threading
import urllib.parse

import pytest

import provider
from server import VESTIBULE
from webclient import Browser


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def idp():
    running = provider.Provider("--jwt", "--open-registration")
    yield running
    if running.process.poll() is None:
        running.stop()


class Caller:
    """One `vestibule call`, and the person in front of it."""

    def __init__(self, data, *arguments):
        self.process = subprocess.Popen(
            [VESTIBULE, *arguments, "--no-browser", "--data", str(data)], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        self.said, self.page = [], None
        self._asked = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stderr:
            self.said.append(line)
            found = re.search(r"(https?://\S+authorize\?\S+)", line)
            if found:
                self.page = found.group(1)
                self._asked.set()
        self._asked.set()

    def wait_for_page(self):
        assert self._asked.wait(60) and self.page, "".join(self.said)
        return self.page

    def end(self):
        output = self.process.stdout.read()
        code = self.process.wait(60)
        self._reader.join(10)
        return code, output, "".join(self.said)


def sign_in(identity_provider, page, name="ada", answer="accept"):
    """What a person does in a browser: up to the page that says that the answer has arrived."""
    callback = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(page).query))["redirect_uri"]
    browser = Browser()
    reached = browser.follow(browser.get(page), until=callback)
    if reached.status == 200 and reached.url.endswith("/login"):
        reached = browser.follow(browser.submit(reached, login=name))
        password = identity_provider.passwords[name]
        reached = browser.follow(browser.submit(reached, password=password), until=callback)
    if reached.status == 200:
        reached = browser.follow(browser.submit(reached, answer=answer), until=callback)
    assert reached.status in (302, 303) and reached.location.startswith(callback), reached.text
    return browser.get(reached.location)


# requirement: F-40, F-41, F-60, F-61, F-62, F-63
def test_call_signs_in_and_the_next_call_need_not(serve, idp, tmp_path):
    port = free_port()
    client = idp.register(redirect_uri=f"http://127.0.0.1:{port}/callback")
    secret = tmp_path / "secret"
    secret.touch(mode=0o600)
    secret.write_text(client["client_secret"] + "\n")
    server = serve(f"""
issuers:
  - issuer: {idp.issuer}
    audience: {client["client_id"]}
    claims: {{ roles: groups }}
access: {{ rules: [] }}
""")
    data = tmp_path / "person"
    call = ["call", server.url, "whoami", "--json", "--scope", "openid", "--client-id", client["client_id"],
            "--client-secret-file", str(secret), "--redirect-port", str(port)]
    first = Caller(data, *call)
    page = sign_in(idp, first.wait_for_page())
    assert page.status == 200 and "You can close this page" in page.text
    code, output, said = first.end()
    assert code == 0, said
    assert json.loads(output)["isError"] is False

    file = data / "credentials.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    kept = json.loads(file.read_text())["sign_ins"]
    assert [entry["issuer"] for entry in kept] == [idp.issuer]
    assert kept[0]["access_token"] not in said + output

    code, output, said = Caller(data, *call).end()
    assert code == 0 and not said, said
    assert json.loads(output)["isError"] is False


# requirement: F-54, F-63
def test_a_person_who_says_no_is_told_so(serve, idp, tmp_path):
    server = serve(f"""
issuers:
  - issuer: {idp.issuer}
    audience: nobody
access: {{ rules: [] }}
""")
    # Without a client id the program registers itself.
    caller = Caller(tmp_path / "person", "call", server.url, "whoami", "--scope", "openid")
    page = sign_in(idp, caller.wait_for_page(), answer="deny")
    assert page.status == 200
    code, _, said = caller.end()
    assert code == 1 and "access_denied" in said, said
    kept = json.loads((tmp_path / "person" / "credentials.json").read_text())
    assert len(kept["clients"]) == 1 and kept["sign_ins"] == []
