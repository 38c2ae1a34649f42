"""The walk with the official Python SDK, 2.x, in the era that MODE names: `legacy`, `auto`, or a modern revision."""

import asyncio
import contextlib
import os

import mcp_types as types
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters
from mcp.shared.subscriptions import ResourceUpdated

import tour


def wire(value):
    return value.model_dump(by_alias=True, exclude_none=True, mode="json")


class Walker(tour.Walker):
    client = None

    @property
    def is_modern(self):
        return self.version >= "2026-07-28"

    async def sample(self, context, params):
        return types.CreateMessageResult(
            role="assistant", model="client", content=types.TextContent(type="text", text=tour.SAMPLED))

    async def elicit(self, context, params):
        return types.ElicitResult(action="accept", content=tour.filled(params.requested_schema))

    async def roots(self, context):
        return types.ListRootsResult(roots=[types.Root(uri=tour.ROOT, name="home")])

    async def logged(self, params):
        self.logs.append([params.level, params.data])

    async def message(self, message):
        if isinstance(message, types.ResourceUpdatedNotification):
            self.changes.put_nowait(str(message.params.uri))

    async def call(self, name, arguments=None, progress=None):
        return wire(await self.client.call_tool(name, arguments, progress_callback=progress))

    async def page(self, kind, cursor):
        pages = {
            "tools": self.client.list_tools, "resources": self.client.list_resources,
            "resourceTemplates": self.client.list_resource_templates, "prompts": self.client.list_prompts,
        }
        return wire(await pages[kind](cursor=cursor))

    async def read(self, uri):
        return wire(await self.client.read_resource(uri))

    async def prompt(self, name, arguments):
        return wire(await self.client.get_prompt(name, arguments))

    async def complete(self, reference, name, value):
        kind = types.PromptReference if reference["type"] == "ref/prompt" else types.ResourceTemplateReference
        return wire(await self.client.complete(kind(**reference), {"name": name, "value": value}))

    async def set_level(self, level):
        # A modern client names the level with each request.
        if not self.is_modern:
            await self.client.set_logging_level(level)

    async def hear(self, uri, trigger):
        if self.is_modern:
            async with self.client.listen(resource_subscriptions=[uri]) as subscription:
                await trigger()
                async for event in subscription:
                    assert isinstance(event, ResourceUpdated), event
                    return str(event.uri)
        await self.client.subscribe_resource(uri)
        await trigger()
        changed = await self.changes.get()
        await self.client.unsubscribe_resource(uri)
        return changed

    async def cancel(self, name, arguments):
        begun = asyncio.Event()

        async def note(progress, total, message):
            begun.set()

        call = asyncio.create_task(self.client.call_tool(name, arguments, progress_callback=note))
        await begun.wait()
        call.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await call


@contextlib.asynccontextmanager
async def connect(target):
    walker = Walker()
    if not isinstance(target, str):
        target = StdioServerParameters(command=target[0], args=target[1:])
    client = Client(
        target, mode=os.environ.get("MODE", "auto"), sampling_callback=walker.sample,
        elicitation_callback=walker.elicit, list_roots_callback=walker.roots, logging_callback=walker.logged,
        log_level="info", message_handler=walker.message)
    async with client:
        walker.client, walker.version = client, client.protocol_version
        yield walker


asyncio.run(tour.run(connect))
