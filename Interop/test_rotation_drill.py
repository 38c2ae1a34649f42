"""The rotation drill for a few seconds; a minute of it is run by hand."""

import subprocess
import sys

from server import ROOT


def test_no_verdict_is_wrong_and_no_request_lost_while_keys_rotate():
    done = subprocess.run(
        [sys.executable, str(ROOT / "Interop" / "rotation_drill.py"), "--seconds", "5", "--rate", "200"],
        capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "wrong verdicts: 0   lost requests: 0" in done.stdout
