// openid-client: an assertion that the client signs with a key of its own (RFC 7523 section 2.2).
import { createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import * as client from 'openid-client'

export async function token() {
  const key = createPrivateKey(readFileSync(process.env.KEY_FILE)).toCryptoKey(
    { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
    false,
    ['sign'],
  )
  const issuer = new URL(process.env.ISSUER)
  const config = await client.discovery(issuer, process.env.CLIENT_ID, undefined, client.PrivateKeyJwt(key))
  const answer = await client.clientCredentialsGrant(config, { resource: 'https://api.example.com/v1', scope: 'read' })
  return answer.access_token
}
