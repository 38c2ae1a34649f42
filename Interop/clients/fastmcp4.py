"""FastMCP 4, in its default mode: it probes for the modern era and falls back to the handshake."""

import asyncio
import os
from contextlib import asynccontextmanager

import httpx2
from fastmcp import Client
from fastmcp.client.transports import StreamableHttpTransport

import steps


@asynccontextmanager
async def connect(url, token):
    transport = StreamableHttpTransport(url, auth=steps.auth(httpx2, token))
    async with Client(transport, mode=os.environ.get("MODE", "auto")) as client:

        async def list_tools():
            return [tool.name for tool in await client.list_tools()]

        async def call_tool(name, arguments):
            return await client.call_tool(name, arguments, raise_on_error=False)

        yield list_tools, call_tool


asyncio.run(steps.run(connect))
