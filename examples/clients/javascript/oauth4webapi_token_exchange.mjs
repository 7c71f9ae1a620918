// oauth4webapi: the platform's token is exchanged (RFC 8693). The client has no name, so a function in the place of
// client authentication adds nothing.
import { readFileSync } from 'node:fs'
import * as oauth from 'oauth4webapi'

export async function token() {
  const issuer = new URL(process.env.ISSUER)
  const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer))
  const client = { client_id: 'not sent' }
  const response = await oauth.genericTokenEndpointRequest(
    server,
    client,
    () => {},
    'urn:ietf:params:oauth:grant-type:token-exchange',
    {
      subject_token: readFileSync(process.env.TOKEN_FILE, 'utf8'),
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      resource: 'https://api.example.com/v1',
      scope: 'read',
    },
  )
  const answer = await oauth.processGenericTokenEndpointResponse(server, client, response)
  return answer.access_token
}
