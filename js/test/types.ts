// What must compile, and what must not. The compiler is the test.
import {
  createKeySet,
  CredmintError,
  CredmintUsageError,
  readBearerToken,
  verifyAccessToken,
  type Code,
  type FetchKeys,
  type JsonValue,
  type KeySet,
  type VerifiedAccessToken,
} from 'credmint'
import type { JSONWebKeySet } from 'jose'

declare const jwks: JSONWebKeySet
declare const request: Request

const keys: KeySet = createKeySet({ issuer: 'https://sts.example.com' })
const options = { issuer: 'https://sts.example.com', audience: 'api', keys }

const token: VerifiedAccessToken = await verifyAccessToken('a.b.c', options)
await verifyAccessToken('a.b.c', { ...options, keys: jwks, scope: 'read', now: new Date() })
await verifyAccessToken('a.b.c', { ...options, scope: ['read', 'write'] as const, clockSkewSeconds: 10 })
await verifyAccessToken(await readBearerToken(request.headers.get('authorization')), options)

const subject: string = token.subject
const expires: number = token.expires
const claim: JsonValue | undefined = token.claims['sub']

// A promise is no verdict.
// @ts-expect-error
const early: VerifiedAccessToken = verifyAccessToken('a.b.c', options)
// @ts-expect-error
verifyAccessToken('a.b.c', options).subject

// Nothing can be changed.
// @ts-expect-error
token.subject = 'admin'
// @ts-expect-error
token.claims['sub'] = 'admin'
// @ts-expect-error
token.scope.push('admin')

// Required, and spelt right.
// @ts-expect-error
await verifyAccessToken('a.b.c', { issuer: 'https://sts.example.com', keys })
// @ts-expect-error
await verifyAccessToken('a.b.c', { issuer: 'https://sts.example.com', audience: 'api' })
// @ts-expect-error
await verifyAccessToken('a.b.c', { ...options, scopes: ['read'] })
await verifyAccessToken('a.b.c', { ...options, audience: ['api', 'https://api.example.com'] })
// @ts-expect-error
await verifyAccessToken('a.b.c', { ...options, audience: ['api', 7] })
// @ts-expect-error
await verifyAccessToken('a.b.c', { ...options, now: Date.now() })
// @ts-expect-error
await verifyAccessToken(undefined, options)
// @ts-expect-error
await verifyAccessToken('a.b.c', { ...options, keys: { issuer: 'https://sts.example.com' } })

const own: FetchKeys = (url, { signal }) => fetch(url, { signal, redirect: 'manual' })
createKeySet({ issuer: 'https://sts.example.com', fetch, timeoutSeconds: 3 })
createKeySet({ issuer: 'https://sts.example.com', fetch: own })

function answer(error: unknown): number {
  if (error instanceof CredmintUsageError) return 500
  if (!(error instanceof CredmintError)) throw error
  const code: Code = error.code
  switch (error.code) {
    case 'expired':
      return 401
    // @ts-expect-error
    case 'exspired':
      return 401
    default:
      return code === 'keys_unavailable' ? 503 : error.status
  }
}

export { answer, claim, early, expires, subject }
