// openid-client: the platform's token is the grant (RFC 7523 section 2.1).
import { readFileSync } from 'node:fs'
import * as client from 'openid-client'

export async function token() {
  const issuer = new URL(process.env.ISSUER)
  const config = await client.discovery(issuer, process.env.CLIENT_ID, undefined, client.None())
  const answer = await client.genericGrantRequest(config, 'urn:ietf:params:oauth:grant-type:jwt-bearer', {
    assertion: readFileSync(process.env.TOKEN_FILE, 'utf8'),
    resource: 'https://api.example.com/v1',
    scope: 'read',
  })
  return answer.access_token
}
