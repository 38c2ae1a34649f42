"""Runs a list of steps with one MCP client and reports what each came to, as JSON on standard output.

A step is an object with one of these keys:
  {"token": "…"}                         from here on every request carries this token ("" for none)
  {"list": true}                         list the tools
  {"call": "tool", "arguments": {…}}     call a tool
Each step is reported as {"ok": …} or {"exception": class, "text": line}. An exception that tears the client's whole
session down ends the list; it is reported once, under "session".
"""

import asyncio
import json
import sys


class Token:
    """What the client sends. Shared with the HTTP layer, so that a step can change it in mid-session."""

    def __init__(self):
        self.value = ""


def auth(httpx, token):
    """Per-request authentication that reads the token at the moment of sending."""

    class BearerAuth(httpx.Auth):
        def auth_flow(self, request):
            if token.value:
                request.headers["Authorization"] = f"Bearer {token.value}"
            yield request

    return BearerAuth()


def line(error):
    """The first line of an exception, looking through the groups in which task groups wrap it."""
    while isinstance(error, BaseExceptionGroup) and error.exceptions:
        error = error.exceptions[0]
    return {"exception": type(error).__name__, "text": str(error).split("\n")[0]}


def result(value):
    """A tool result of either SDK line, reduced to what the tests compare."""
    is_error = getattr(value, "is_error", None)
    if is_error is None:
        is_error = getattr(value, "isError", False)
    structured = getattr(value, "structured_content", None) or getattr(value, "structuredContent", None)
    texts = [block.text for block in value.content if getattr(block, "text", None) is not None]
    return {"ok": True, "isError": bool(is_error), "text": "\n".join(texts), "structured": structured}


async def run(connect):
    """`connect(url, token)` is an async context manager that yields (list_tools, call_tool)."""
    url, steps = sys.argv[1], json.loads(sys.stdin.read())
    token = Token()
    report = {"steps": []}
    try:
        async with connect(url, token) as (list_tools, call_tool):
            report["connected"] = True
            for step in steps:
                if "token" in step:
                    token.value = step["token"]
                    continue
                try:
                    async with asyncio.timeout(20):
                        if "list" in step:
                            report["steps"].append({"ok": True, "tools": await list_tools()})
                        else:
                            answer = await call_tool(step["call"], step.get("arguments", {}))
                            report["steps"].append(result(answer))
                except Exception as error:
                    report["steps"].append(line(error))
        report["session"] = "closed"
    except BaseException as error:
        report["session"] = line(error)
    print(json.dumps(report))
