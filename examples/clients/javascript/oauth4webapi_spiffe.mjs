// oauth4webapi: a JWT-SVID as the client's assertion (draft-ietf-oauth-spiffe-client-auth).
import { readFileSync } from 'node:fs'
import * as oauth from 'oauth4webapi'

function jwtSvid(_server, _client, body) {
  body.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-spiffe')
  body.set('client_assertion', readFileSync(process.env.TOKEN_FILE, 'utf8'))
}

export async function token() {
  const issuer = new URL(process.env.ISSUER)
  const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer))
  const client = { client_id: 'not sent' }
  const response = await oauth.clientCredentialsGrantRequest(server, client, jwtSvid, { scope: 'read' })
  const answer = await oauth.processClientCredentialsResponse(server, client, response)
  return answer.access_token
}
