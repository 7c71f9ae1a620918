// @modelcontextprotocol/client with the provider beside this file: the platform's token is the grant.
import { readFile } from 'node:fs/promises'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { WorkloadIdentityProvider } from './workload_identity_provider.mjs'

export async function call() {
  const authProvider = new WorkloadIdentityProvider({
    readToken: async () => (await readFile(process.env.TOKEN_FILE, 'utf8')).trim(),
    scope: 'read',
  })
  const client = new Client({ name: 'orders', version: '1.0.0' })
  await client.connect(new StreamableHTTPClientTransport(new URL(process.env.MCP_SERVER), { authProvider }))
  const { content } = await client.callTool({ name: 'whoami', arguments: {} })
  await client.close()
  return content[0].text
}
