// An issuer for tests: its keys, and tokens signed by jose, which is none of ours.
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

export const ISSUER = 'https://sts.example.com/oauth2'
export const AUDIENCE = 'api.example.com'
export const JWKS_URI = 'https://sts.example.com/oauth2/jwks'
export const DISCOVERY = `${ISSUER}/.well-known/openid-configuration`
export const NOW = 1_800_000_000
export const DATE = new Date(NOW * 1000)

export async function makeKey(alg, kid) {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return { alg, kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg } }
}

export const ES256 = await makeKey('ES256', 'es')
export const RS256 = await makeKey('RS256', 'rs')
export const JWKS = Object.freeze({ keys: [ES256.jwk, RS256.jwk] })

export const CLAIMS = Object.freeze({
  iss: ISSUER,
  aud: AUDIENCE,
  sub: 'app_orders',
  client_id: 'app_orders',
  scope: 'read write',
  iat: NOW - 10,
  exp: NOW + 3590,
  jti: '0001',
})

/** A token. A claim or header member that is `undefined` is left out. */
export async function sign(key, claims = {}, header = {}) {
  return await new SignJWT(defined({ ...CLAIMS, ...claims }))
    .setProtectedHeader(defined({ alg: key.alg, typ: 'at+jwt', kid: key.kid, ...header }))
    .sign(key.privateKey)
}

/** A token whose header and payload are these very texts. */
export async function signTexts(key, header, payload) {
  const input = `${base64url(header)}.${base64url(payload)}`
  const algorithm = { name: 'ECDSA', hash: 'SHA-256' }
  const signature = await crypto.subtle.sign(algorithm, key.privateKey, Buffer.from(input))
  return `${input}.${base64url(Buffer.from(signature))}`
}

export function base64url(data) {
  return Buffer.from(data).toString('base64url')
}

function defined(object) {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))
}
