"""The official Python SDK, 1.x."""

import asyncio
from contextlib import asynccontextmanager

import httpx
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

import steps


@asynccontextmanager
async def connect(url, token):
    async with httpx.AsyncClient(auth=steps.auth(httpx, token), timeout=20) as http:
        async with streamable_http_client(url, http_client=http) as (read, write, _):
            async with ClientSession(read, write) as session:
                await session.initialize()

                async def list_tools():
                    return [tool.name for tool in (await session.list_tools()).tools]

                yield list_tools, session.call_tool


asyncio.run(steps.run(connect))
