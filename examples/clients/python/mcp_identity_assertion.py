"""mcp with IdentityAssertionOAuthProvider: refused, since it cannot go without a client secret."""

import asyncio
import os
from pathlib import Path

from mcp import Client
from mcp.client.auth.extensions.identity_assertion import IdentityAssertionOAuthProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from mcp_private_key_jwt import InMemory


async def platform_token(audience, resource):
    return Path(os.environ["TOKEN_FILE"]).read_text().strip()


def call():
    return asyncio.run(ask(os.environ["MCP_SERVER"], os.environ["ISSUER"]))


async def ask(server, issuer):
    auth = IdentityAssertionOAuthProvider(
        server_url=server,
        storage=InMemory(),
        client_id="app_orders",
        client_secret="there is none",
        issuer=issuer,
        assertion_provider=platform_token,
        scope="read",
    )
    async with create_mcp_http_client(auth=auth) as http:
        async with Client(streamable_http_client(server, http_client=http)) as client:
            result = await client.call_tool("whoami", {})
    return result.content[0].text
