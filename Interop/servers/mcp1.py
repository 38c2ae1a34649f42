"""Everything that MCP has in the legacy era, by the official Python SDK 1.x.

    mcp1.py http      serves on a free port and prints the URL
    mcp1.py stdio
"""

import asyncio
import contextlib
import sys

from mcp import types
from mcp.server.lowlevel import NotificationOptions, Server
from mcp.server.stdio import stdio_server
from mcp.server.streamable_http import EventMessage, EventStore
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.shared.exceptions import McpError
from mcp.shared.message import ServerMessageMetadata
from pydantic import AnyUrl
from starlette.applications import Starlette
from starlette.routing import Route

import features

STATE, SUBSCRIBED = features.State(), set()
QUESTIONS = {
    "sampling/createMessage": (types.CreateMessageRequest, types.CreateMessageResult),
    "elicitation/create": (types.ElicitRequest, types.ElicitResult),
    "roots/list": (types.ListRootsRequest, types.ListRootsResult),
}


def wire(value):
    return value.model_dump(by_alias=True, exclude_none=True, mode="json")


class Peer(features.Peer):
    def __init__(self, context):
        self.context, self.session = context, context.session
        # The session keeps the version that the client asked for; it is the one that was agreed on, where it is known.
        self.version = str(self.session.client_params.protocolVersion)

    async def progress(self, progress, total, message):
        token = self.context.meta.progressToken if self.context.meta else None
        if token is not None:
            await self.session.send_progress_notification(
                token, progress, total, message, related_request_id=str(self.context.request_id))

    async def log(self, level, data):
        await self.session.send_log_message(
            level=level, data=data, logger="features", related_request_id=self.context.request_id)

    async def ask_all(self, questions):
        place, answers = ServerMessageMetadata(related_request_id=self.context.request_id), {}
        for key, (method, params) in questions.items():
            kind, result = QUESTIONS[method]
            request = kind.model_validate({"method": method} | ({} if params is None else {"params": params}))
            answers[key] = wire(await self.session.send_request(types.ServerRequest(request), result, metadata=place))
        return answers

    async def changed(self, uri):
        await self.session.send_tool_list_changed()
        await self.session.send_prompt_list_changed()
        await self.session.send_resource_list_changed()
        if uri in SUBSCRIBED:
            await self.session.send_resource_updated(AnyUrl(uri))

    async def close_stream(self):
        if self.context.close_sse_stream:
            await self.context.close_sse_stream()

    def headers(self):
        return dict(getattr(self.context.request, "headers", None) or {})

    def client(self):
        params = self.session.client_params
        return {"capabilities": wire(params.capabilities), "name": params.clientInfo.name}


class Events(EventStore):
    """Every event of every stream, as long as the server lives."""

    def __init__(self):
        self.events = []

    async def store_event(self, stream_id, message):
        self.events.append((stream_id, message))
        return str(len(self.events))

    async def replay_events_after(self, last_event_id, send_callback):
        place = int(last_event_id)
        stream = self.events[place - 1][0]
        for number, (stream_id, message) in enumerate(self.events[place:], place + 1):
            if stream_id == stream and message is not None:
                await send_callback(EventMessage(message, str(number)))
        return stream


class Everything(Server):
    def create_initialization_options(self, notification_options=None, experimental_capabilities=None):
        changes = NotificationOptions(prompts_changed=True, resources_changed=True, tools_changed=True)
        return super().create_initialization_options(changes, experimental_capabilities or {})

    def get_capabilities(self, notification_options, experimental_capabilities):
        found = super().get_capabilities(notification_options, experimental_capabilities)
        found.resources.subscribe = True
        return found


SERVER = Everything("python 1.x", version="1", instructions=features.INSTRUCTIONS)


def handles(request_type, result_type):
    def decorate(handler):
        async def run(request):
            try:
                found = await handler(Peer(SERVER.request_context), request.params)
            except features.Failure as failure:
                raise McpError(types.ErrorData(
                    code=failure.code, message=failure.message, data=failure.data)) from None
            return types.ServerResult(result_type.model_validate(found))
        SERVER.request_handlers[request_type] = run
        return handler
    return decorate


def cursor(params):
    return params.cursor if params else None


@handles(types.ListToolsRequest, types.ListToolsResult)
async def list_tools(peer, params):
    return features.page("tools", features.tools(STATE, modern=False), cursor(params))


@handles(types.CallToolRequest, types.CallToolResult)
async def call_tool(peer, params):
    return await features.call(STATE, peer, params.name, params.arguments or {})


@handles(types.ListResourcesRequest, types.ListResourcesResult)
async def list_resources(peer, params):
    return features.page("resources", features.RESOURCES, cursor(params))


@handles(types.ListResourceTemplatesRequest, types.ListResourceTemplatesResult)
async def list_templates(peer, params):
    return features.page("resourceTemplates", features.TEMPLATES, cursor(params))


@handles(types.ReadResourceRequest, types.ReadResourceResult)
async def read_resource(peer, params):
    return features.read(str(params.uri), peer.version)


@handles(types.ListPromptsRequest, types.ListPromptsResult)
async def list_prompts(peer, params):
    return features.page("prompts", features.PROMPTS, cursor(params))


@handles(types.GetPromptRequest, types.GetPromptResult)
async def get_prompt(peer, params):
    return features.prompt(params.name, params.arguments or {})


@handles(types.CompleteRequest, types.CompleteResult)
async def complete(peer, params):
    others = (params.context.arguments if params.context else None) or {}
    return features.complete(wire(params.ref), wire(params.argument), others)


@handles(types.SubscribeRequest, types.EmptyResult)
async def subscribe(peer, params):
    SUBSCRIBED.add(str(params.uri))
    return {}


@handles(types.UnsubscribeRequest, types.EmptyResult)
async def unsubscribe(peer, params):
    SUBSCRIBED.discard(str(params.uri))
    return {}


@handles(types.SetLevelRequest, types.EmptyResult)
async def set_level(peer, params):
    STATE.level = params.level
    return {}


async def over_stdio():
    async with stdio_server() as (read, write):
        await SERVER.run(read, write, SERVER.create_initialization_options())


class Endpoint:
    """An application of its own kind, so that the router hands it every method."""

    def __init__(self, manager):
        self.manager = manager

    async def __call__(self, scope, receive, send):
        await self.manager.handle_request(scope, receive, send)


def application(_):
    manager = StreamableHTTPSessionManager(SERVER, event_store=Events(), retry_interval=50)

    @contextlib.asynccontextmanager
    async def lifespan(_):
        async with manager.run():
            yield

    return Starlette(routes=[Route("/mcp", Endpoint(manager))], lifespan=lifespan)


if sys.argv[1:] == ["stdio"]:
    asyncio.run(over_stdio())
else:
    asyncio.run(features.serve_over_http(application))
