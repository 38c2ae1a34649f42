"""Rotates and revokes keys under load, and judges every single verdict of the server.

    .build/venv/bin/python Interop/rotation_drill.py                  a minute, 1,000 requests a second
    .build/venv/bin/python Interop/rotation_drill.py --seconds 5 --rate 200

64 connections call a tool, each call with a token of its own: most are signed with the key that signs just then, some
with the one before, some are held since the start. In the meantime `vestibule keys rotate` runs three times (twice with
an overlap, once with --now) and `vestibule token revoke` once. Of each answer the script knows by the key ring's own
document what it has to be: accepted, `key_retired` or `token_revoked`. Where a date or a command falls into the time
that a request took, either verdict is right; those are counted apart.

Exit code 0 where no verdict was wrong and no request was lost, else 1.
"""

import argparse
import asyncio
import base64
import collections
import json
import os
import pathlib
import statistics
import sys
import tempfile
import time
import uuid

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

RELEASE = pathlib.Path(__file__).resolve().parent.parent / ".build" / "release" / "vestibule"
if RELEASE.exists():
    os.environ.setdefault("VESTIBULE", str(RELEASE))

from server import VESTIBULE, Server  # noqa: E402

# How long after a command has ended a server may go by what was before it.
NOTICE = 0.15
SUBJECTS = 8
REVOKED = "user-3"


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Key:
    """A key of the ring, with its private half, which the ring forgets when the key retires."""

    def __init__(self, entry):
        self.kid = entry["kid"]
        self.private = ec.derive_private_key(int.from_bytes(decode(entry["jwk"]["d"]), "big"), ec.SECP256R1())
        self.header = encode(json.dumps({"alg": "ES256", "kid": self.kid, "typ": "at+jwt"}).encode())

    def mint(self, issuer, audience, subject, now):
        claims = {
            "iss": issuer, "aud": audience, "sub": subject, "iat": int(now), "exp": int(now) + 600,
            "jti": uuid.uuid4().hex}
        text = f"{self.header}.{encode(json.dumps(claims).encode())}"
        r, s = decode_dss_signature(self.private.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{text}.{encode(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def state_at(entry, now):
    """The state of a key of the ring's document at a time, by the dates that stand in it."""
    state = entry["state"]
    if state == "next" and now >= entry.get("active_from", float("inf")):
        return "active"
    if state == "active" and "active_until" in entry:
        if now >= entry["until"]:
            return "retired"
        return "verifying" if now >= entry["active_until"] else "active"
    if state == "verifying" and now >= entry["until"]:
        return "retired"
    return state


class History:
    """What the key ring and the revocations were, and when."""

    def __init__(self, data):
        self.data = data
        # Each: from when on it may be in force, the ring's entries by kid, the date of the revocation.
        self.versions = []
        # From when on the version of that index must be in force.
        self.certain = []
        self.keys = {}
        self.read(0, 0)

    def read(self, began, ended):
        entries = json.loads((self.data / "keys.json").read_text())["keys"]
        revoked = None
        file = self.data / "revocations.json"
        if file.exists():
            revoked = json.loads(file.read_text())["revocations"][0]["date"]
        for entry in entries:
            if "d" in entry["jwk"] and entry["kid"] not in self.keys:
                self.keys[entry["kid"]] = Key(entry)
        self.versions.append((began, {entry["kid"]: entry for entry in entries}, revoked))
        self.certain.append(ended + NOTICE)

    def signers(self, now):
        """The key that signs now, and the one that did before."""
        entries = self.versions[-1][1]
        states = {kid: state_at(entry, now) for kid, entry in entries.items()}
        current = next(kid for kid, state in states.items() if state == "active")
        before = [kid for kid, state in states.items() if state in ("verifying", "retired")]
        return self.keys[current], self.keys[before[-1]] if before else None

    def verdicts(self, kid, subject, issued_at, began, ended):
        """Every verdict that is right for a token that was sent and judged between the two times."""
        possible = set()
        for index, (start, entries, revoked) in enumerate(self.versions):
            end = self.certain[index + 1] if index + 1 < len(self.versions) else float("inf")
            low, high = max(began, start), min(ended, end)
            if low > high:
                continue
            for now in (low, high):
                entry = entries.get(kid)
                if entry is None:
                    possible.add("key_unknown")
                elif state_at(entry, now) == "retired":
                    possible.add("key_retired")
                elif subject == REVOKED and revoked is not None and issued_at < revoked:
                    possible.add("token_revoked")
                else:
                    possible.add("accepted")
        return possible


class Tally:
    def __init__(self):
        self.rows = collections.defaultdict(collections.Counter)
        self.delays = []
        self.wrong = []
        self.lost = []
        self.edge = 0
        self.sent = 0

    def judge(self, kind, phase, verdict, possible, delay):
        self.rows[(phase, kind)][verdict] += 1
        self.delays.append(delay)
        self.edge += len(possible) > 1
        if verdict not in possible:
            self.wrong.append((phase, kind, verdict, sorted(possible)))


class Connection:
    """One kept-alive connection with a session of its own, over hand-made HTTP/1.1."""

    def __init__(self, drill, number):
        self.drill = drill
        self.subject = f"user-{number % SUBJECTS}"
        self.number = number
        self.session = None
        self.held = None

    async def open(self):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.drill.port)
        now = time.time()
        key = self.drill.history.signers(now)[0]
        self.held = (key.kid, int(now), key.mint(self.drill.origin, self.drill.url, self.subject, now))
        _, headers, _ = await self.post({
            "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
                "protocolVersion": "2025-11-25", "capabilities": {},
                "clientInfo": {"name": "drill", "version": "1"}}})
        self.session = headers[b"mcp-session-id"].decode()
        await self.post({"jsonrpc": "2.0", "method": "notifications/initialized"})

    async def post(self, message, token=None):
        body = json.dumps(message).encode()
        head = [
            "POST /mcp HTTP/1.1", f"Host: 127.0.0.1:{self.drill.port}", "Content-Type: application/json",
            "Accept: application/json, text/event-stream", f"Content-Length: {len(body)}"]
        if self.session:
            head += [f"Mcp-Session-Id: {self.session}", "MCP-Protocol-Version: 2025-11-25"]
        if token:
            head.append(f"Authorization: Bearer {token}")
        self.writer.write("\r\n".join([*head, "", ""]).encode() + body)
        lines = (await self.reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
        headers = {}
        for line in lines[1:-2]:
            name, _, value = line.partition(b":")
            headers[name.lower()] = value.strip()
        answer = await self.reader.readexactly(int(headers.get(b"content-length", 0)))
        return int(lines[0].split()[1]), headers, answer

    async def run(self):
        drill, interval, count = self.drill, self.drill.connections / self.drill.rate, 0
        start = drill.start + interval * self.number / drill.connections
        while True:
            due = start + count * interval
            if due >= drill.end:
                return
            if (wait := due - time.time()) > 0:
                await asyncio.sleep(wait)
            count += 1
            drill.tally.sent += 1
            try:
                await self.call(count)
            except (OSError, asyncio.IncompleteReadError, KeyError, ValueError) as error:
                drill.tally.lost.append(repr(error))
                await self.open()

    async def call(self, count):
        drill, now = self.drill, time.time()
        current, before = drill.history.signers(now)
        kind = "of the key that signs"
        if count % 10 == 0 and before:
            kind, current = "of the key before", before
        if count % 10 == 5:
            kind = "held since the start"
            kid, issued_at, token = self.held
        else:
            kid, issued_at = current.kid, int(now)
            token = current.mint(drill.origin, drill.url, self.subject, now)
        phase, began = drill.phase, time.time()
        status, _, body = await self.post({
            "jsonrpc": "2.0", "id": count, "method": "tools/call",
            "params": {"name": "echo", "arguments": {"text": "drill"}}}, token)
        ended = time.time()
        answer = json.loads(body)
        if status == 200 and "result" in answer and not answer["result"].get("isError"):
            verdict = "accepted"
        elif status == 401:
            verdict = answer["error"]["data"]["reason"]
        else:
            drill.tally.lost.append(f"HTTP {status}: {body[:200]!r}")
            return
        # The command that runs just now may be in force already, though its result is not read yet.
        drill.judgements.append((kind, phase, verdict, kid, self.subject, issued_at, began, ended))


class Drill:
    def __init__(self, server, seconds, rate, connections):
        self.server, self.rate, self.connections = server, rate, connections
        self.origin, self.url = server.origin, server.url
        self.port = int(server.origin.rpartition(":")[2])
        self.seconds = seconds
        self.history = History(server.data)
        self.tally = Tally()
        self.judgements = []
        self.phase = "at first"

    async def command(self, at, phase, *arguments):
        await asyncio.sleep(max(0, self.start + at * self.seconds - time.time()))
        began = time.time()
        process = await asyncio.create_subprocess_exec(
            VESTIBULE, *arguments, "--data", str(self.server.data), stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE)
        _, talk = await process.communicate()
        if process.returncode != 0:
            raise RuntimeError(f"vestibule {' '.join(arguments)}: {talk.decode()}")
        self.history.read(began, time.time())
        self.phase = phase
        print(f"{began - self.start:6.1f} s  {talk.decode().strip()}", file=sys.stderr)

    async def run(self):
        overlap = ("--overlap", f"{int(self.seconds * 100)}ms")
        connections = [Connection(self, number) for number in range(self.connections)]
        for connection in connections:
            await connection.open()
        self.start = time.time() + 0.1
        self.end = self.start + self.seconds
        await asyncio.gather(
            self.command(0.06, "1st rotation, overlap", "keys", "rotate", *overlap),
            self.command(0.38, "2nd rotation, overlap", "keys", "rotate", *overlap),
            self.command(0.72, "3rd rotation, --now", "keys", "rotate", "--now"),
            self.command(0.86, "revocation of a subject", "token", "revoke", "--subject", REVOKED),
            *(connection.run() for connection in connections))
        elapsed = time.time() - self.start
        for kind, phase, verdict, kid, subject, issued_at, began, ended in self.judgements:
            possible = self.history.verdicts(kid, subject, issued_at, began, ended)
            self.tally.judge(kind, phase, verdict, possible, ended - began)
        return elapsed


def report(drill, elapsed):
    tally = drill.tally
    delays = statistics.quantiles(tally.delays, n=100)
    print(f"{'phase':<26}{'tokens':<24}{'accepted':>9}{'retired':>9}{'revoked':>9}{'other':>7}")
    for (phase, kind), counts in tally.rows.items():
        known = [counts["accepted"], counts["key_retired"], counts["token_revoked"]]
        numbers = "".join(f"{number:>9}" for number in known)
        print(f"{phase:<26}{kind:<24}{numbers}{sum(counts.values()) - sum(known):>7}")
    print(
        f"{tally.sent} requests in {elapsed:.1f} s ({tally.sent / elapsed:.0f} a second), {drill.connections} "
        f"connections; median {delays[49] * 1000:.1f} ms, 99 % {delays[98] * 1000:.1f} ms")
    print(f"wrong verdicts: {len(tally.wrong)}   lost requests: {len(tally.lost)}   either verdict right: {tally.edge}")
    for wrong in tally.wrong[:10]:
        print("wrong:", *wrong)
    for lost in tally.lost[:10]:
        print("lost:", lost)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60, help="how long; at least 5")
    parser.add_argument("--rate", type=float, default=1000, help="requests a second, of all connections together")
    parser.add_argument("--connections", type=int, default=64)
    options = parser.parse_args()
    lifetime = max(0, int(options.seconds / 20) - 1)
    configuration = (
        f"keys: {{ jwksLifetime: {lifetime}s }}\nlimits: {{ refusedTokensPerMinute: 1000000 }}\n"
        "log: { level: warning }\n")
    with tempfile.TemporaryDirectory() as directory:
        server = Server(pathlib.Path(directory), configuration)
        try:
            drill = Drill(server, max(5, options.seconds), options.rate, options.connections)
            elapsed = asyncio.run(drill.run())
        finally:
            code = server.stop()
    report(drill, elapsed)
    if code != 0:
        print(f"the server ended with exit code {code}")
    answered = len(drill.judgements) + len(drill.tally.lost) == drill.tally.sent
    return 0 if answered and code == 0 and not drill.tally.wrong and not drill.tally.lost else 1


if __name__ == "__main__":
    sys.exit(main())
