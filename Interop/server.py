"""A real `vestibule serve`, for as long as a test needs it."""

import json
import os
import pathlib
import re
import subprocess
import threading

ROOT = pathlib.Path(__file__).resolve().parent.parent
VESTIBULE = os.environ.get("VESTIBULE", str(ROOT / ".build" / "debug" / "vestibule"))


class Server:
    """A running `vestibule serve` on a port of its own, with a data directory of its own."""

    def __init__(self, directory, configuration=None):
        self.directory = directory
        self.data = directory / "data"
        self.lines = []
        self.url = None
        self._said_something = threading.Condition()
        self._options = []
        if configuration is not None:
            file = directory / "vestibule.yaml"
            file.write_text(configuration)
            self._options = ["--config", str(file)]
        self._start(port="0")

    def _start(self, port):
        command = [
            VESTIBULE, "serve", "--port", port, "--data", str(self.data), "--log-format", "json", *self._options]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=self.directory)
        process, listening = self.process, threading.Event()

        def read():
            for text in process.stderr:
                with self._said_something:
                    self.lines.append(text.rstrip("\n"))
                    self._said_something.notify_all()
                found = re.search(r"listens at (http://[0-9.]+:[0-9]+/mcp)", text)
                if found:
                    self.url = found.group(1)
                    listening.set()
            listening.set()

        threading.Thread(target=read, daemon=True).start()
        threading.Thread(target=process.stdout.read, daemon=True).start()
        if not listening.wait(60) or self.url is None:
            self.stop()
            raise RuntimeError("vestibule did not start:\n" + "\n".join(self.lines))

    @property
    def origin(self):
        return self.url.removesuffix("/mcp")

    def restart(self):
        """Another process on the same data and the same port: what was in memory is gone."""
        assert self.stop() == 0
        self.start_again()

    def start_again(self):
        self._start(port=self.origin.rpartition(":")[2])

    def wait_for(self, condition, timeout=20):
        """Waits until the condition holds of the request lines of the log."""
        with self._said_something:
            held = self._said_something.wait_for(lambda: condition(self.records()), timeout)
        assert held, "the server's record never showed it:\n" + "\n".join(self.lines[-40:])
        return self.records()

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
