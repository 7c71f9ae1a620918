// A protected resource: an MCP server, and a gateway of a language model, both guarded by the npm package.
//
//     guard.mjs PACKAGE
//
// PACKAGE is the folder of the built npm package. Environment: LISTEN (an address), CERTIFICATE and KEY (files), ISSUER,
// AUDIENCE (of the gateway), METADATA (of the MCP server, JSON as RFC 9728 has it) and METADATA_URL.
import { readFileSync } from 'node:fs'
import { createServer, request as forwarded } from 'node:https'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'

const { CredmintError, createKeySet, readBearerToken, verifyAccessToken } = await import(
  pathToFileURL(join(process.argv[2], 'dist/index.js'))
)
const { LISTEN, CERTIFICATE, KEY, ISSUER, AUDIENCE, METADATA, METADATA_URL } = process.env
const { resource } = JSON.parse(METADATA)
const keys = createKeySet({ issuer: ISSUER })

const routes = {
  [new URL(METADATA_URL).pathname]: (_, response) => json(response, 200, METADATA),
  '/mcp': async (request, response) => {
    const caller = await guard(request, resource)
    // One server and one transport a request: nothing is kept between them.
    const server = new McpServer({ name: 'stub', version: '1.0.0' })
    server.registerTool('whoami', {}, () => ({ content: [{ type: 'text', text: JSON.stringify(caller) }] }))
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined })
    await server.connect(transport)
    await transport.handleRequest(request, response)
  },
  '/v1/messages': async (request, response) => {
    const text = JSON.stringify(await guard(request, AUDIENCE))
    request.resume()
    const message = {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'house-model',
      content: [{ type: 'text', text }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: { input_tokens: 1, output_tokens: 1 },
    }
    json(response, 200, JSON.stringify(message))
  },
  // The gateway has one address, so it passes token requests on to the issuer.
  '/v1/oauth/token': (request, response) => {
    const headers = { ...request.headers, host: new URL(ISSUER).host }
    const onward = forwarded(`${ISSUER}/v1/oauth/token`, { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers)
      answer.pipe(response)
    })
    request.pipe(onward)
  },
}

/** Who calls, or an error that says what to answer. */
async function guard(request, audience) {
  const token = await readBearerToken(request.headersDistinct.authorization)
  const verified = await verifyAccessToken(token, { issuer: ISSUER, audience, keys, scope: 'read' })
  return { sub: verified.subject, client_id: verified.clientId, aud: verified.audience, scope: verified.scope.join(' ') }
}

/** The challenge leads to the description of the resource (RFC 9728 section 5.1). */
function refuse(response, error) {
  if (!(error instanceof CredmintError)) throw error
  const challenge = error.headers['www-authenticate']
  const metadata = `resource_metadata="${METADATA_URL}"`
  const extended = challenge && (challenge === 'Bearer' ? `Bearer ${metadata}` : `${challenge}, ${metadata}`)
  response.writeHead(error.status, { ...error.headers, ...(extended && { 'www-authenticate': extended }) })
  response.end(error.body)
}

function json(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(body)
}

const server = createServer({ cert: readFileSync(CERTIFICATE), key: readFileSync(KEY) }, async (request, response) => {
  try {
    const route = routes[new URL(request.url, resource).pathname]
    if (route) await route(request, response)
    else json(response, 404, '{"error":"not_found"}')
  } catch (error) {
    refuse(response, error)
  }
})
const [host, port] = LISTEN.split(':')
server.listen(Number(port), host, () => console.log(`guard listens on ${LISTEN}`))
