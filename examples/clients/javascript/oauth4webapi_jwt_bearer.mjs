// oauth4webapi: the platform's token is the grant (RFC 7523 section 2.1).
import { readFileSync } from 'node:fs'
import * as oauth from 'oauth4webapi'

export async function token() {
  const issuer = new URL(process.env.ISSUER)
  const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm: 'oauth2' }))
  const client = { client_id: process.env.CLIENT_ID }
  const response = await oauth.genericTokenEndpointRequest(
    server,
    client,
    oauth.None(),
    'urn:ietf:params:oauth:grant-type:jwt-bearer',
    {
      assertion: readFileSync(process.env.TOKEN_FILE, 'utf8'),
      resource: 'https://api.example.com/v1',
      scope: 'read',
    },
  )
  const answer = await oauth.processGenericTokenEndpointResponse(server, client, response)
  return answer.access_token
}
