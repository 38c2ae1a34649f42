"""What the browser's client sends in its own tests, held against the published schemas."""

import json
import os
import subprocess

from playwright._impl._driver import compute_driver_executable

from server import ROOT
from wire import problem_of


def test_whatever_the_browsers_client_sends_fits_the_schema_of_its_version(tmp_path):
    # Debian 12 has Node 18, which is too old; the tool that drives the browser brings one along.
    node, _ = compute_driver_executable()
    file = tmp_path / "sent.jsonl"
    tests = sorted((ROOT / "Web" / "tests").glob("*.test.js"))
    done = subprocess.run(
        [node, "--test", *tests], env={**os.environ, "VESTIBULE_SENT_MESSAGES": str(file)}, capture_output=True,
        text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-4000:]
    noted = [json.loads(line) for line in file.read_text().splitlines()]
    versions = {one["version"] for one in noted}
    assert {"2025-11-25", "2026-07-28"} <= versions and len(noted) > 500
    found = []
    for one in noted:
        problem = problem_of(one["message"], "client", one["version"], one.get("answered"))
        if problem:
            found.append(f"{problem}: {json.dumps(one['message'])[:300]}")
    assert not found, "\n".join(found)
