"""Servers of other people's SDKs, and our client against them."""

import json
import os
import queue
import subprocess
import threading

from server import ROOT

INTEROP_CLIENT = os.environ.get("INTEROP_CLIENT", str(ROOT / ".build" / "debug" / "interop-client"))
SERVERS = ROOT / "Interop" / "servers"


class Theirs:
    """A server of theirs over HTTP, on a port of its own."""

    def __init__(self, python, script, *options):
        self.process = subprocess.Popen(
            [python, str(SERVERS / script), "http", *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.lines = []
        threading.Thread(target=lambda: self.lines.extend(self.process.stderr), daemon=True).start()
        self.url = self.process.stdout.readline().strip()
        if not self.url:
            self.process.wait(10)
            raise RuntimeError(f"{script} did not start:\n" + "".join(self.lines)[-4000:])

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(20)


class Driver:
    """Our client in a process of its own; it takes steps and answers each."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen(
            [INTEROP_CLIENT, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.lines, self.errors = queue.Queue(), []
        threading.Thread(target=self.read, daemon=True).start()
        threading.Thread(target=lambda: self.errors.extend(self.process.stderr), daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put("")

    def answer(self, step, timeout=40, **more):
        """What came of a step: `ok`, or `error` with its code."""
        self.process.stdin.write(json.dumps({"do": step, **more}) + "\n")
        self.process.stdin.flush()
        try:
            line = self.lines.get(timeout=timeout)
        except queue.Empty:
            raise AssertionError(f"no answer to {step} {more} within {timeout} s: {''.join(self.errors)[-2000:]}") from None
        assert line, f"the client ended at {step} {more}: {''.join(self.errors)[-2000:]}"
        return json.loads(line)

    def do(self, step, **more):
        """What came of a step that succeeds."""
        answer = self.answer(step, **more)
        assert "ok" in answer, (step, more, answer)
        return answer["ok"]

    def call(self, tool, arguments=None, **more):
        """The result of a tool, and the progress that was heard."""
        answer = self.do("call", tool=tool, arguments=arguments or {}, **more)
        return answer["result"], answer["progress"]

    def text(self, tool, arguments=None, **more):
        return self.call(tool, arguments, **more)[0]["content"][0]["text"]

    def close(self):
        self.process.stdin.close()
        return self.process.wait(30)
