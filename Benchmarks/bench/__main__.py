"""Everything in one run: the request path, functions, growth, start and memory; then the page."""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

from . import chart, load, machine, page, peers, startup

ROOT = peers.ROOT
PYTHON = sys.executable


def say(text):
    print(text, file=sys.stderr, flush=True)


def request_path(rounds, seconds, only=None):
    """Processor time for a call of the echo tool, by server, in rounds that take every server in turn."""
    with tempfile.TemporaryDirectory(prefix="vestibule-bench-") as directory:
        with peers.Stage(pathlib.Path(directory)) as stage:
            port, headers = stage.add_vestibule("Vestibule", port=stage.port)
            stage.capture(port, headers)
            nio = stage.add_bare("bare SwiftNIO", "bare-nio")
            stage.add_bare("bare Hummingbird", "bare-hummingbird")
            if only != "core":
                stage.add_vestibule("Vestibule, a line of log a request", log_level="info")
                stage.add_vestibule("Vestibule, each token for the first time", many=20_000)
                stage.add_haproxy("HAProxy, reverse proxy", nio, verifies=False)
                stage.add_haproxy("HAProxy, reverse proxy with jwt_verify", nio, verifies=True)
                stage.add_python("Python SDK", "python_sdk.py", PYTHON)
                stage.add_python("FastMCP", "fastmcp_server.py", PYTHON)
            for peer in stage.peers:
                load.run(peer.port, peer.script, 1)
            for number in range(rounds):
                say(f"  round {number + 1} of {rounds}")
                for peer in stage.peers:
                    peer.measure(seconds)
            for peer in stage.peers:
                say(f"  {statistics.median(peer.costs):9.1f} µs  {peer.name}")
            starts = startup.measure(stage.configuration(), 11) if only != "core" else None
            return {peer.name: peer.costs for peer in stage.peers}, starts


def lines_of(program):
    """What a Swift program of the benchmarks printed: by group and subject, microseconds a round."""
    output = subprocess.run([peers.BUILT / program], capture_output=True, text=True, check=True).stdout
    groups = {}
    for line in output.splitlines():
        entry = json.loads(line)
        groups.setdefault(entry["group"], {})[entry["subject"]] = [value / 1000 for value in entry["nanoseconds"]]
    return groups


def main():
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=2, help="of load in a round, for each server")
    parser.add_argument("--only", choices=["core", "requests", "functions", "growth"], help="a part, and write no page")
    arguments = parser.parse_args()
    results = {"when": time.strftime("%Y-%m-%d")}
    if arguments.only in (None, "requests", "core"):
        say("the request path")
        results["requests"], results["start"] = request_path(arguments.rounds, arguments.seconds, arguments.only)
    if arguments.only in (None, "functions"):
        say("functions")
        results["functions"] = lines_of("micro")
    if arguments.only in (None, "growth"):
        say("growth")
        results["growth"] = lines_of("growth")
    if arguments.only:
        for name in ("requests", "functions", "growth"):
            for group, subjects in (results.get(name) or {}).items():
                print(group, json.dumps(
                    {key: round(statistics.median(values), 2) for key, values in subjects.items()}
                    if isinstance(subjects, dict) else round(statistics.median(subjects), 1)))
        if results.get("start"):
            print({name: round(statistics.median(values), 1) for name, values in results["start"].items()})
        return
    results["machine"], results["versions"] = machine.description()
    document = ROOT / "docs" / "benchmarks.md"
    document.write_text(page.filled(document.read_text(), results))
    (ROOT / "docs" / "images" / "benchmarks.svg").write_text(chart.bars(results["requests"]))
    print(page.request_table(results))
    print(page.goal_table(results))
    say(f"wrote {document.relative_to(ROOT)}")


main()
