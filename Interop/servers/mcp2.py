"""Everything that MCP has, by the official Python SDK 2.x: both eras on one endpoint.

    mcp2.py http [TOKEN]      serves on a free port and prints the URL; with a token, only who has it
    mcp2.py stdio
"""

import asyncio
import json
import sys

import mcp_types as types
from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings
from mcp.server.lowlevel.server import NotificationOptions, Server
from mcp.server.stdio import stdio_server
from mcp.server.streamable_http import EventMessage, EventStore
from mcp.server.subscriptions import (
    InMemorySubscriptionBus, ListenHandler, PromptsListChanged, ResourcesListChanged, ResourceUpdated, ToolsListChanged)
from mcp.shared.exceptions import MCPError
from mcp.shared.message import ServerMessageMetadata

import features

STATE, BUS, SUBSCRIBED = features.State(), InMemorySubscriptionBus(), set()
QUESTIONS = {
    "sampling/createMessage": (types.CreateMessageRequest, types.CreateMessageResult),
    "elicitation/create": (types.ElicitRequest, types.ElicitResult),
    "roots/list": (types.ListRootsRequest, types.ListRootsResult),
}


def wire(value):
    return value.model_dump(by_alias=True, exclude_none=True, mode="json")


class Asked(Exception):
    """Questions that are not answered yet, and the answers that there are."""

    def __init__(self, requests, answers):
        super().__init__(", ".join(requests))
        self.requests, self.state = requests, json.dumps(answers)


class Peer(features.Peer):
    def __init__(self, context, params):
        self.context, self.params, self.version = context, params, context.protocol_version

    async def progress(self, progress, total, message):
        await self.context.session.report_progress(progress, total, message)

    async def log(self, level, data):
        await self.context.session.send_log_message(
            level=level, data=data, logger="features", related_request_id=self.context.request_id)

    async def ask_all(self, questions):
        requests = {
            key: QUESTIONS[method][0].model_validate({"method": method} | ({} if params is None else {"params": params}))
            for key, (method, params) in questions.items()}
        if self.version < features.MODERN:
            place = ServerMessageMetadata(related_request_id=self.context.request_id)
            return {
                key: wire(await self.context.session.send_request(request, QUESTIONS[request.method][1], metadata=place))
                for key, request in requests.items()}
        given = self.params.input_responses or {}
        if given and self.params.request_state is None:
            raise MCPError(-32602, "answers came without the state that was given")
        # The answers of former rounds come back in the state, which is this server's own memory.
        answers = json.loads(self.params.request_state or "{}") | {key: wire(value) for key, value in given.items()}
        missing = {key: request for key, request in requests.items() if key not in answers}
        if missing:
            raise Asked(missing, answers)
        return answers

    async def changed(self, uri):
        if self.version < features.MODERN:
            session = self.context.session
            await session.send_tool_list_changed()
            await session.send_prompt_list_changed()
            await session.send_resource_list_changed()
            if uri in SUBSCRIBED:
                await session.send_resource_updated(uri)
        for event in (ToolsListChanged(), PromptsListChanged(), ResourcesListChanged(), ResourceUpdated(uri)):
            await BUS.publish(event)

    async def close_stream(self):
        if self.context.close_sse_stream:
            await self.context.close_sse_stream()

    def headers(self):
        return dict(getattr(self.context.request, "headers", None) or {})

    def client(self):
        session = self.context.session
        return {
            "capabilities": wire(session.client_capabilities) if session.client_capabilities else None,
            "name": session.client_params.client_info.name if session.client_params else None,
        }


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


def failing(handler):
    async def run(context, params):
        try:
            return await handler(context, params)
        except features.Failure as failure:
            raise MCPError(failure.code, failure.message, failure.data) from None
    return run


def modern(context):
    return context.protocol_version >= features.MODERN


def cursor(params):
    return params.cursor if params else None


@failing
async def list_tools(context, params):
    found = features.page("tools", features.tools(STATE, modern(context)), cursor(params))
    return types.ListToolsResult.model_validate(found | ({"ttlMs": 5000, "cacheScope": "public"} if modern(context) else {}))


@failing
async def call_tool(context, params):
    peer = Peer(context, params)
    try:
        return types.CallToolResult.model_validate(
            await features.call(STATE, peer, params.name, params.arguments or {}))
    except Asked as asked:
        return types.InputRequiredResult(input_requests=asked.requests, request_state=asked.state)


@failing
async def list_resources(context, params):
    return types.ListResourcesResult.model_validate(features.page("resources", features.RESOURCES, cursor(params)))


@failing
async def list_templates(context, params):
    return types.ListResourceTemplatesResult.model_validate(
        features.page("resourceTemplates", features.TEMPLATES, cursor(params)))


@failing
async def read_resource(context, params):
    return types.ReadResourceResult.model_validate(features.read(str(params.uri), context.protocol_version))


@failing
async def list_prompts(context, params):
    return types.ListPromptsResult.model_validate(features.page("prompts", features.PROMPTS, cursor(params)))


@failing
async def get_prompt(context, params):
    return types.GetPromptResult.model_validate(features.prompt(params.name, params.arguments or {}))


@failing
async def complete(context, params):
    others = (params.context.arguments if params.context else None) or {}
    return types.CompleteResult.model_validate(features.complete(wire(params.ref), wire(params.argument), others))


async def subscribe(context, params):
    SUBSCRIBED.add(str(params.uri))
    return types.EmptyResult()


async def unsubscribe(context, params):
    SUBSCRIBED.discard(str(params.uri))
    return types.EmptyResult()


async def set_level(context, params):
    STATE.level = params.level
    return types.EmptyResult()


class Everything(Server):
    def create_initialization_options(self, notification_options=None, experimental_capabilities=None, extensions=None):
        changes = NotificationOptions(prompts_changed=True, resources_changed=True, tools_changed=True)
        return super().create_initialization_options(changes, experimental_capabilities, extensions)


def input_schema(name):
    return next((tool["inputSchema"] for tool in features.tools(STATE, True) if tool["name"] == name), None)


SERVER = Everything(
    "python 2.x", version="1", instructions=features.INSTRUCTIONS, on_list_tools=list_tools, on_call_tool=call_tool,
    on_list_resources=list_resources, on_list_resource_templates=list_templates, on_read_resource=read_resource,
    on_subscribe_resource=subscribe, on_unsubscribe_resource=unsubscribe, on_subscriptions_listen=ListenHandler(BUS),
    on_list_prompts=list_prompts, on_get_prompt=get_prompt, on_completion=complete, on_set_logging_level=set_level,
    get_tool_input_schema=input_schema)


async def over_stdio():
    async with stdio_server() as (read, write):
        await SERVER.run(read, write, SERVER.create_initialization_options())


class OneToken:
    """Knows one token, of somebody who may do everything."""

    def __init__(self, token):
        self.token = token

    async def verify_token(self, token):
        return AccessToken(token=token, client_id="interop", scopes=["tools"]) if token == self.token else None


def application(url):
    protection = {}
    if sys.argv[2:]:
        protection = {
            "token_verifier": OneToken(sys.argv[2]),
            "auth": AuthSettings(
                issuer_url="http://127.0.0.1:9", resource_server_url=url, required_scopes=["tools"],
                validate_token_resource=False),
        }
    return SERVER.streamable_http_app(event_store=Events(), retry_interval=50, **protection)


if sys.argv[1:] == ["stdio"]:
    asyncio.run(over_stdio())
else:
    asyncio.run(features.serve_over_http(application))
