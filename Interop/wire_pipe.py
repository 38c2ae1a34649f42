"""Stands between an MCP client and a server that it starts, and notes every line that passes.

    wire_pipe.py NOTES COMMAND ARGUMENT…

Each line of NOTES is a JSON object: `from` (client or server) and the `line`, in the order in which they passed.
"""

import json
import os
import signal
import subprocess
import sys
import threading


def main():
    notes, command = open(sys.argv[1], "a", encoding="utf-8"), sys.argv[2:]
    lock = threading.Lock()
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _: child.send_signal(received))

    def note(side, line):
        with lock:
            notes.write(json.dumps({"from": side, "line": line.decode("utf-8", "backslashreplace").rstrip("\n")}) + "\n")
            notes.flush()

    def to_server():
        for line in iter(sys.stdin.buffer.readline, b""):
            note("client", line)
            try:
                child.stdin.write(line)
                child.stdin.flush()
            except OSError:
                return
        child.stdin.close()

    threading.Thread(target=to_server, daemon=True).start()
    for line in iter(child.stdout.readline, b""):
        note("server", line)
        try:
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()
        except OSError:
            break
    code = child.wait()
    # The thread that reads standard input may be waiting for ever; nothing is left to be done for it.
    os._exit(code if code >= 0 else 128 - code)


main()
