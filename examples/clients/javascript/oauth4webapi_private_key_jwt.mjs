// oauth4webapi: an assertion that the client signs with a key of its own (RFC 7523 section 2.2).
import { createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import * as oauth from 'oauth4webapi'

export async function token() {
  const issuer = new URL(process.env.ISSUER)
  const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer))
  const client = { client_id: process.env.CLIENT_ID }
  const key = createPrivateKey(readFileSync(process.env.KEY_FILE)).toCryptoKey(
    { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
    false,
    ['sign'],
  )
  const response = await oauth.clientCredentialsGrantRequest(server, client, oauth.PrivateKeyJwt(key), {
    resource: 'https://api.example.com/v1',
    scope: 'read',
  })
  const answer = await oauth.processClientCredentialsResponse(server, client, response)
  return answer.access_token
}
