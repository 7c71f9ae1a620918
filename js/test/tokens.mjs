// Tokens of an issuer that these tests make, signed by jose.
import { CompactSign, exportJWK, generateKeyPair } from 'jose'

export const ISSUER = 'https://sts.example.com/oauth2'
export const AUDIENCE = 'api.example.com'
export const NOW = 1_800_000_000
export const now = new Date(NOW * 1000)

/** A key pair with its public JWK. */
export async function makeKey(alg, kid) {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return { alg, kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } }
}

export const claims = {
  iss: ISSUER,
  sub: 'app_orders:urn:x:1',
  aud: AUDIENCE,
  client_id: 'app_orders',
  scope: 'read write',
  jti: '0b3c',
  iat: NOW - 10,
  exp: NOW + 300,
}

/** A token; `change` replaces claims, undefined removes one. */
export function sign(key, change = {}, header = {}) {
  return signText(key, JSON.stringify({ ...claims, ...change }), header)
}

/** A token over this payload text. */
export function signText(key, payload, header = {}) {
  return new CompactSign(new TextEncoder().encode(payload))
    .setProtectedHeader({ alg: key.alg, typ: 'at+jwt', kid: key.kid, ...header })
    .sign(key.privateKey)
}

/** The base64url of a JSON value. */
export const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
