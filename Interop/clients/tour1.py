"""The walk with the official Python SDK, 1.x: the legacy era."""

import asyncio
import contextlib

from mcp import ClientSession, StdioServerParameters, types
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from pydantic import AnyUrl

import tour


def wire(value):
    return value.model_dump(by_alias=True, exclude_none=True, mode="json")


class Walker(tour.Walker):
    session = None

    async def sample(self, context, params):
        return types.CreateMessageResult(
            role="assistant", model="client", content=types.TextContent(type="text", text=tour.SAMPLED))

    async def elicit(self, context, params):
        return types.ElicitResult(action="accept", content=tour.filled(params.requestedSchema))

    async def roots(self, context):
        return types.ListRootsResult(roots=[types.Root(uri=tour.ROOT, name="home")])

    async def logged(self, params):
        self.logs.append([params.level, params.data])

    async def message(self, message):
        if isinstance(message, types.ServerNotification) and isinstance(
                message.root, types.ResourceUpdatedNotification):
            self.changes.put_nowait(str(message.root.params.uri))

    async def call(self, name, arguments=None, progress=None):
        return wire(await self.session.call_tool(name, arguments, progress_callback=progress))

    async def page(self, kind, cursor):
        pages = {
            "tools": self.session.list_tools, "resources": self.session.list_resources,
            "resourceTemplates": self.session.list_resource_templates, "prompts": self.session.list_prompts,
        }
        return wire(await pages[kind](params=types.PaginatedRequestParams(cursor=cursor)))

    async def read(self, uri):
        return wire(await self.session.read_resource(AnyUrl(uri)))

    async def prompt(self, name, arguments):
        return wire(await self.session.get_prompt(name, arguments))

    async def complete(self, reference, name, value):
        kind = types.PromptReference if reference["type"] == "ref/prompt" else types.ResourceTemplateReference
        return wire(await self.session.complete(kind(**reference), {"name": name, "value": value}))

    async def set_level(self, level):
        await self.session.set_logging_level(level)

    async def hear(self, uri, trigger):
        await self.session.subscribe_resource(AnyUrl(uri))
        await trigger()
        changed = await self.changes.get()
        await self.session.unsubscribe_resource(AnyUrl(uri))
        return changed

    async def cancel(self, name, arguments):
        begun = asyncio.Event()

        async def note(progress, total, message):
            begun.set()

        number = self.session._request_id
        call = asyncio.create_task(self.session.call_tool(name, arguments, progress_callback=note))
        await begun.wait()
        await self.session.send_notification(
            types.ClientNotification(
                types.CancelledNotification(params=types.CancelledNotificationParams(requestId=number))))
        # The server answers nothing; this client would wait for it for ever.
        call.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await call


@contextlib.asynccontextmanager
async def connect(target):
    walker = Walker()
    async with contextlib.AsyncExitStack() as stack:
        if isinstance(target, str):
            read, write, _ = await stack.enter_async_context(streamable_http_client(target))
        else:
            read, write = await stack.enter_async_context(
                stdio_client(StdioServerParameters(command=target[0], args=target[1:])))
        walker.session = await stack.enter_async_context(
            ClientSession(
                read, write, sampling_callback=walker.sample, elicitation_callback=walker.elicit,
                list_roots_callback=walker.roots, logging_callback=walker.logged, message_handler=walker.message))
        walker.version = (await walker.session.initialize()).protocolVersion
        yield walker


asyncio.run(tour.run(connect))
