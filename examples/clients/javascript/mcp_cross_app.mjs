// @modelcontextprotocol/client: the provider for cross-app access sends the grant with a client_id. Its types ask for a
// client secret; without one it sends none.
import { readFile } from 'node:fs/promises'
import { Client, CrossAppAccessProvider, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'

export async function call() {
  const authProvider = new CrossAppAccessProvider({
    clientId: process.env.CLIENT_ID,
    assertion: async () => (await readFile(process.env.TOKEN_FILE, 'utf8')).trim(),
    expectedIssuer: process.env.ISSUER,
    scope: 'read',
  })
  const client = new Client({ name: 'orders', version: '1.0.0' })
  await client.connect(new StreamableHTTPClientTransport(new URL(process.env.MCP_SERVER), { authProvider }))
  const { content } = await client.callTool({ name: 'whoami', arguments: {} })
  await client.close()
  return content[0].text
}
