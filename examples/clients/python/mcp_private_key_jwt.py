"""mcp: a client of an MCP server, with the token of its platform as its assertion."""

import asyncio
import os
from pathlib import Path

from mcp import Client
from mcp.client.auth.extensions.client_credentials import PrivateKeyJWTOAuthProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client


class InMemory:
    tokens = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return None

    async def set_client_info(self, client_info):
        pass


async def platform_token(audience):
    return Path(os.environ["TOKEN_FILE"]).read_text().strip()


def call():
    return asyncio.run(ask(os.environ["MCP_SERVER"], os.environ["ISSUER"]))


async def ask(server, issuer):
    auth = PrivateKeyJWTOAuthProvider(
        server_url=server,
        storage=InMemory(),
        client_id="not sent",
        assertion_provider=platform_token,
        issuer=issuer,
    )
    async with create_mcp_http_client(auth=auth) as http:
        async with Client(streamable_http_client(server, http_client=http)) as client:
            result = await client.call_tool("whoami", {})
    return result.content[0].text
