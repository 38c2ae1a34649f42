"""What the figures were measured on."""

import importlib.metadata
import os
import pathlib
import re
import subprocess


def first_line(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.stdout.splitlines()[0] if done.stdout else ""


def version(text):
    found = re.search(r"\d+(\.\d+)+", text)
    return found.group(0) if found else "?"


def description():
    """One line about the machine, one about the versions."""
    cpu = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text())
    system = re.search(r'PRETTY_NAME="(.*)"', pathlib.Path("/etc/os-release").read_text())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    machine = (
        f"{cpu.group(1).strip() if cpu else os.uname().machine}, {os.cpu_count()} cores, {memory:.0f} GiB, "
        f"{system.group(1) if system else os.uname().sysname}, Linux {'.'.join(version(os.uname().release).split('.')[:2])}"
    )
    resolved = (pathlib.Path(__file__).resolve().parents[1] / "Package.resolved").read_text()
    packages = dict(re.findall(r'"identity" : "([^"]+)".*?"version" : "([^"]+)"', resolved, re.S))
    swift = [f"{name} {packages[name]}" for name in ("swift-nio", "hummingbird", "swift-crypto", "jwt-kit")]
    python = [f"{label} {importlib.metadata.version(name)}" for label, name in (
        ("Python SDK", "mcp"), ("FastMCP", "fastmcp"), ("PyJWT", "pyjwt"), ("uvicorn", "uvicorn"))]
    versions = ", ".join([
        f"Swift {version(first_line('swift', '--version'))}", *swift, f"HAProxy {version(first_line('haproxy', '-v'))}",
        *python, f"Python {version(first_line('python3', '--version'))}", f"wrk {version(first_line('wrk', '-v'))}"])
    return machine, versions
