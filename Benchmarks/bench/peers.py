"""The servers that are measured: how each is started, and what it is asked."""

import dataclasses
import json
import os
import pathlib
import re
import subprocess
import time

from . import load, processes, tokens

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILT = ROOT / "Benchmarks" / ".build" / "release"
VESTIBULE = BUILT / "vestibule"
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


@dataclasses.dataclass
class Peer:
    """A server under measurement."""

    name: str
    process: subprocess.Popen
    port: int
    script: pathlib.Path
    #: Processor time for a request in microseconds, one figure a round.
    costs: list = dataclasses.field(default_factory=list)
    megabytes: float = 0

    def measure(self, seconds):
        before = processes.cpu_seconds(self.process.pid)
        answered = load.run(self.port, self.script, seconds)
        # What is left to do of the last requests is theirs, too.
        time.sleep(0.05)
        self.costs.append((processes.cpu_seconds(self.process.pid) - before) / answered * 1e6)


class Stage:
    """Starts the servers in a directory of their own and stops them all at the end."""

    def __init__(self, directory):
        self.directory = directory
        self.peers = []
        self.helpers = []
        self.port = processes.free_port()
        self.resource = f"http://127.0.0.1:{self.port}/mcp"
        self.issuer = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.helpers + [peer.process for peer in self.peers]:
            processes.stop(process)

    def _launch(self, command, port, **options):
        process = subprocess.Popen([str(part) for part in command], cwd=self.directory, **{**QUIET, **options})
        processes.await_port(port, process)
        return process

    def _add(self, name, process, port, headers, check=True, many=None):
        body = json.dumps(load.CALL)
        script = load.script(self.directory / f"{len(self.peers)}.lua", body, headers, many)
        response, content = load.exchange(port, body, headers)
        if response.status != 200 or (check and b"hello" not in content):
            raise RuntimeError(f"{name} does not serve the call: {response.status} {content[:300]}")
        self.peers.append(Peer(name, process, port, script))

    def add_vestibule(self, name, port=None, log_level="warning", many=0):
        port = port or processes.free_port()
        # One data directory, so one key: every server here takes the same token.
        process = self._launch(
            [VESTIBULE, "serve", "--config", self.configuration(), "--port", port, "--log-level", log_level], port)
        if not self.helpers and not self.peers:
            self.key = tokens.SigningKey(self.directory / "data")
            self.token = self.key.token(self.issuer, self.resource)
            self.pem = self.directory / "key.pem"
            self.pem.write_text(self.key.public_pem)
        headers = load.open_session(port, self.token)
        everybody = [self.key.token(self.issuer, self.resource, number) for number in range(many)]
        self._add(name, process, port, headers, many=everybody)
        return port, headers

    def configuration(self):
        file = self.directory / "vestibule.yaml"
        file.write_text(
            f"publicURL: {self.resource}\ndata: {self.directory}/data\n"
            f"log: {{ format: text }}\n")
        return file

    def capture(self, port, headers):
        """Vestibule's own reply, for the bare servers to send."""
        reply = self.directory / "reply"
        reply.write_bytes(load.raw_reply(port, json.dumps(load.CALL), headers))
        self.headers = headers
        self.reply = reply

    def add_bare(self, name, program):
        port = processes.free_port()
        process = self._launch([BUILT / program, port], port, stdin=self.reply.open("rb"))
        self._add(name, process, port, self.headers)
        return port

    def add_haproxy(self, name, backend, verifies):
        port = processes.free_port()
        check = f"""
    http-request set-var(txn.token) http_auth_bearer
    http-request set-var(txn.alg) var(txn.token),jwt_header_query('$.alg')
    http-request set-var(txn.iss) var(txn.token),jwt_payload_query('$.iss')
    http-request set-var(txn.exp) var(txn.token),jwt_payload_query('$.exp','int')
    http-request set-var(txn.now) date()
    http-request deny unless {{ var(txn.alg) -m str ES256 }}
    http-request deny unless {{ var(txn.iss) -m str {self.issuer} }}
    http-request deny unless {{ var(txn.token),jwt_verify(txn.alg,"{self.pem}") -m int 1 }}
    http-request deny if {{ var(txn.exp),sub(txn.now) -m int lt 0 }}""" if verifies else ""
        file = self.directory / f"haproxy-{port}.cfg"
        file.write_text(f"""global
    nbthread {os.cpu_count()}
defaults
    mode http
    timeout client 30s
    timeout server 30s
    timeout connect 5s
frontend in
    bind 127.0.0.1:{port}{check}
    default_backend out
backend out
    server one 127.0.0.1:{backend}
""")
        process = self._launch(["haproxy", "-db", "-f", file], port)
        self._add(name, process, port, self.headers)
        return port

    def add_python(self, name, program, python):
        port = processes.free_port()
        process = self._launch(
            [python, ROOT / "Benchmarks" / "peers" / program, port, self.pem, self.issuer, self.resource], port)
        self._add(name, process, port, load.open_session(port, self.token))
