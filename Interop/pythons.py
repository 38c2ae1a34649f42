"""The Pythons that the SDKs are installed for, each in an environment of its own."""

import os

from server import ROOT

PYTHON_MCP1 = os.environ.get("PYTHON_MCP1", str(ROOT / ".build" / "venv-mcp1" / "bin" / "python"))
PYTHON_MCP2 = os.environ.get("PYTHON_MCP2", str(ROOT / ".build" / "venv" / "bin" / "python"))
