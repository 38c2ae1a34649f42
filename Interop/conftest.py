"""Starts the real server for tests with other people's clients."""

import json
import os
import pathlib
import re
import subprocess
import threading

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
VESTIBULE = os.environ.get("VESTIBULE", str(ROOT / ".build" / "debug" / "vestibule"))
PYTHON_MCP1 = os.environ.get("PYTHON_MCP1", str(ROOT / ".build" / "venv-mcp1" / "bin" / "python"))
PYTHON_MCP2 = os.environ.get("PYTHON_MCP2", str(ROOT / ".build" / "venv" / "bin" / "python"))

CLIENTS = {
    "mcp 1.x": [PYTHON_MCP1, "mcp1.py"],
    "mcp 2.x": [PYTHON_MCP2, "mcp2.py"],
    "fastmcp 4": [PYTHON_MCP2, "fastmcp4.py"],
}


class Server:
    """A running `vestibule serve` on a port of its own, with a data directory of its own."""

    def __init__(self, directory, configuration=None):
        self.data = directory / "data"
        command = [VESTIBULE, "serve", "--port", "0", "--data", str(self.data), "--log-format", "json"]
        if configuration is not None:
            file = directory / "vestibule.yaml"
            file.write_text(configuration)
            command += ["--config", str(file)]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=directory)
        self.lines = []
        self.url = None
        listening = threading.Event()

        def read():
            for text in self.process.stderr:
                self.lines.append(text.rstrip("\n"))
                found = re.search(r"http://[0-9.]+:[0-9]+/mcp", text)
                if found and self.url is None:
                    self.url = found.group(0)
                    listening.set()
            listening.set()

        threading.Thread(target=read, daemon=True).start()
        threading.Thread(target=self.process.stdout.read, daemon=True).start()
        if not listening.wait(60) or self.url is None:
            self.stop()
            raise RuntimeError("vestibule did not start:\n" + "\n".join(self.lines))

    def run(self, *arguments, check=True, text=None):
        """Another vestibule command on the same data directory."""
        done = subprocess.run(
            [VESTIBULE, *arguments], capture_output=True, text=True, input=text, timeout=60,
            env={**os.environ, "VESTIBULE_DATA": str(self.data)})
        if check and done.returncode != 0:
            raise RuntimeError(f"vestibule {' '.join(arguments)} exited {done.returncode}: {done.stderr}")
        return done

    def mint(self, *arguments):
        return self.run("token", "mint", *arguments).stdout.strip()

    def records(self):
        """The request lines of the log."""
        parsed = []
        for text in list(self.lines):
            try:
                parsed.append(json.loads(text))
            except ValueError:
                continue
        return parsed

    def stop(self):
        self.process.terminate()
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise


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
def client(request):
    """Runs steps with each client in turn, in a process of its own."""
    python, script = CLIENTS[request.param]

    def run(url, steps, **environment):
        done = subprocess.run(
            [python, script, url], input=json.dumps(steps), capture_output=True, text=True, timeout=120,
            cwd=ROOT / "Interop" / "clients", env={**os.environ, **environment})
        assert done.stdout.strip(), f"{script} printed nothing: {done.stderr[-2000:]}"
        return json.loads(done.stdout.strip().splitlines()[-1])

    run.name = request.param
    return run
