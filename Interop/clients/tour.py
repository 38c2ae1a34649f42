"""A walk through everything that MCP has, with any client: what a server of ours answers, in the form of the wire.

A client's own program gives a `Walker`; `run` walks and prints a report, one entry a feature, as JSON.
"""

import asyncio
import json
import sys

SAMPLED = "sampled by the client"
PERSON = {"username": "ada", "email": "ada@example.com", "name": "ada", "goOn": True, "confirm": True}
ROOT = "file:///home/ada"


def line(error):
    """An exception in one line, looking through the groups in which task groups wrap it."""
    while isinstance(error, BaseExceptionGroup) and error.exceptions:
        error = error.exceptions[0]
    code = getattr(getattr(error, "error", None), "code", None)
    return {"exception": type(error).__name__, "code": code, "text": str(error).split("\n")[0]}


def filled(schema):
    """What the person fills into a form."""
    return {name: PERSON.get(name, "") for name in schema.get("properties", {})}


class Walker:
    """One client, connected. Everything that it returns is in the form of the wire."""

    version = None

    def __init__(self):
        self.logs, self.changes = [], asyncio.Queue()

    async def call(self, name, arguments=None, progress=None):
        raise NotImplementedError

    async def page(self, kind, cursor):
        """One page of tools, resources, resourceTemplates or prompts."""
        raise NotImplementedError

    async def read(self, uri):
        raise NotImplementedError

    async def prompt(self, name, arguments):
        raise NotImplementedError

    async def complete(self, reference, name, value):
        raise NotImplementedError

    async def set_level(self, level):
        """Asks for log messages from that level on."""
        raise NotImplementedError

    async def hear(self, uri, trigger):
        """Subscribes to a resource, has it change, and returns the URI that the client is told of."""
        raise NotImplementedError

    async def cancel(self, name, arguments):
        """Calls a tool and gives up once it has reported progress."""
        raise NotImplementedError

    async def all_of(self, kind):
        entries, pages, cursor = [], 0, None
        while True:
            page = await self.page(kind, cursor)
            entries, pages, cursor = entries + page[kind], pages + 1, page.get("nextCursor")
            if cursor is None:
                return entries, pages


def texts(result):
    return [block.get("text") for block in result["content"]]


async def walk(walker):
    """Yields the name and the outcome of each step; what goes wrong is the outcome of its step."""

    async def listing(kind, key):
        entries, pages = await walker.all_of(kind)
        return {"names": [entry[key] for entry in entries], "pages": pages}

    async def text():
        return texts(await walker.call("test_simple_text"))

    async def kinds():
        calls = ["test_image_content", "test_audio_content", "test_embedded_resource", "test_resource_link",
                 "test_multiple_content_types"]
        return {name: [block["type"] for block in (await walker.call(name))["content"]] for name in calls}

    async def failure():
        result = await walker.call("test_error_handling")
        return [result["isError"], *texts(result)]

    async def structured():
        result = await walker.call("add_numbers", {"a": 1.5, "b": 2})
        return [result["structuredContent"], *texts(result)]

    async def misfit():
        result = await walker.call("add_numbers", {"a": "one", "b": 2})
        return [result["isError"], *texts(result)]

    async def header():
        return texts(await walker.call("test_header_param", {"region": "Zürich"}))

    async def progress():
        told = []

        async def note(progress, total, message):
            told.append([progress, total, message])

        await walker.call("test_tool_with_progress", {}, note)
        return told

    async def logging():
        await walker.set_level("info")
        await walker.call("test_tool_with_logging")
        return walker.logs

    async def sampling():
        return texts(await walker.call("test_sampling", {"prompt": "Say something"}))

    async def elicitation():
        return texts(await walker.call("test_elicitation", {"message": "Who are you?"}))

    async def roots():
        return texts(await walker.call("test_roots"))

    async def reading():
        static, binary = await walker.read("test://static-text"), await walker.read("test://static-binary")
        templated = await walker.read("test://template/123/data")
        return [static["contents"][0], binary["contents"][0]["blob"][:8], json.loads(templated["contents"][0]["text"])]

    async def missing():
        await walker.read("test://nowhere")

    async def prompts():
        plain = await walker.prompt("test_simple_prompt", None)
        filled = await walker.prompt("test_prompt_with_arguments", {"arg1": "hello", "arg2": "world"})
        embedded = await walker.prompt("test_prompt_with_embedded_resource", {"resourceUri": "test://x"})
        image = await walker.prompt("test_prompt_with_image", None)
        return [
            plain["messages"][0]["content"]["text"], filled["messages"][0]["content"]["text"],
            [message["content"]["type"] for message in embedded["messages"] + image["messages"]],
        ]

    async def completion():
        of_prompt = await walker.complete({"type": "ref/prompt", "name": "test_prompt_with_arguments"}, "arg1", "par")
        of_template = await walker.complete({"type": "ref/resource", "uri": "test://template/{id}/data"}, "id", "12")
        return [of_prompt["completion"]["values"], of_template["completion"]["values"]]

    async def subscription():
        return await walker.hear("test://watched-resource", lambda: walker.call("test_update_resource"))

    async def cancellation():
        await walker.cancel("test_wait", {"seconds": 30})
        return texts(await walker.call("test_simple_text"))

    async def printing():
        return texts(await walker.call("test_print"))

    steps = {
        "tools": lambda: listing("tools", "name"), "resources": lambda: listing("resources", "uri"),
        "templates": lambda: listing("resourceTemplates", "uriTemplate"), "prompts": lambda: listing("prompts", "name"),
        "text": text, "kinds": kinds, "failure": failure, "structured": structured, "misfit": misfit, "header": header,
        "progress": progress, "logging": logging, "sampling": sampling, "elicitation": elicitation, "roots": roots,
        "reading": reading, "missing": missing, "getting": prompts, "completion": completion,
        "subscription": subscription, "cancellation": cancellation, "printing": printing,
    }
    for name, step in steps.items():
        try:
            async with asyncio.timeout(20):
                yield name, await step()
        except Exception as error:
            yield name, line(error)


async def run(connect):
    """`connect(target)` is an async context manager that yields a Walker; the target is a URL or a command as JSON."""
    target = sys.argv[1]
    report = {}
    try:
        async with connect(json.loads(target) if target.startswith("[") else target) as walker:
            report["version"] = walker.version
            async for name, outcome in walk(walker):
                report[name] = outcome
        report["session"] = "closed"
    except BaseException as error:
        report["session"] = line(error)
    print(json.dumps(report))
