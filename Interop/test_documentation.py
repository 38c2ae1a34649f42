"""Documentation that is made from other documentation is up to date."""

import pathlib
import subprocess
import sys

from server import ROOT


def test_the_served_page_of_reasons_is_made_of_the_documentation():
    made = subprocess.run(
        [sys.executable, ROOT / "Scripts" / "troubleshooting-page.py"], text=True, capture_output=True, check=True,
        input=pathlib.Path(ROOT / "docs" / "troubleshooting.md").read_text()).stdout
    assert made == (ROOT / "Web" / "page" / "troubleshooting.html").read_text(), "run `make docs`"


def test_the_page_of_conformance_is_made_of_the_tests_and_every_tag_names_a_requirement():
    done = subprocess.run(
        [sys.executable, ROOT / "Scripts" / "conformance-page.py", "--check"], text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
