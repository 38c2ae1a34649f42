"""The official Python SDK, 2.x, in legacy mode (or the mode that MODE names)."""

import asyncio
import os
from contextlib import asynccontextmanager

import httpx2
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client

import steps


@asynccontextmanager
async def connect(url, token):
    async with httpx2.AsyncClient(auth=steps.auth(httpx2, token), timeout=20) as http:
        transport = streamable_http_client(url, http_client=http)
        async with Client(transport, mode=os.environ.get("MODE", "legacy")) as client:

            async def list_tools():
                return [tool.name for tool in (await client.list_tools()).tools]

            yield list_tools, client.call_tool


asyncio.run(steps.run(connect))
