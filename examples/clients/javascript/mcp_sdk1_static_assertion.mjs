// @modelcontextprotocol/sdk, the first line of the SDK: the platform's token as the client's assertion.
import { readFileSync } from 'node:fs'
import { StaticPrivateKeyJwtProvider } from '@modelcontextprotocol/sdk/client/auth-extensions.js'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'

export async function call() {
  const authProvider = new StaticPrivateKeyJwtProvider({
    clientId: 'not sent',
    jwtBearerAssertion: readFileSync(process.env.TOKEN_FILE, 'utf8').trim(),
    expectedIssuer: process.env.ISSUER,
    scope: 'read',
  })
  const client = new Client({ name: 'orders', version: '1.0.0' })
  await client.connect(new StreamableHTTPClientTransport(new URL(process.env.MCP_SERVER), { authProvider }))
  const { content } = await client.callTool({ name: 'whoami', arguments: {} })
  await client.close()
  return content[0].text
}
