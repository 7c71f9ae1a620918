// The client that the official scenario auth/wif-jwt-bearer starts: the lines of examples/clients, with the token that
// the scenario hands out.
//
//     conformance_client.mjs SERVER_URL
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { WorkloadIdentityProvider } from '../../examples/clients/javascript/workload_identity_provider.mjs'

const { valid_jwt } = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT)
const authProvider = new WorkloadIdentityProvider({ readToken: async () => valid_jwt })
const client = new Client({ name: 'orders', version: '1.0.0' })
await client.connect(new StreamableHTTPClientTransport(new URL(process.argv[2]), { authProvider }))
await client.listTools()
await client.close()
