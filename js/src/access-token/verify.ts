import { calling, core, thrown, type CoreRecord } from '../core.js'
import { CredmintUsageError } from '../error/error.js'
import { KeySet } from '../key-set/create.js'
import { givenKeys, type JsonWebKeySet } from '../key-set/given.js'
import type { Keys } from '../wasm/credmint_module.js'

/** What the resource demands of a token. */
export interface VerifyAccessTokenOptions {
  /** The issuer, compared character by character. */
  issuer: string
  /** This resource: the one audience of the token. */
  audience: string
  /** The issuer's keys: a JWK set, or what {@link createKeySet} made. */
  keys: JsonWebKeySet | KeySet
  /** Scope values that the token must carry, all of them. None by default. */
  scope?: readonly string[]
  /** Seconds by which clocks may differ: 30 by default, 120 at most. */
  clockSkewSeconds?: number
  /** The longest lifetime that is believed, in seconds: 86400 by default. */
  maxLifetimeSeconds?: number
  /** The time of the decision; now by default. */
  now?: Date
}

/** An access token that was verified and is meant for this resource. */
export interface VerifiedAccessToken {
  /** `sub`: whom the token speaks for. */
  readonly subject: string
  /** `client_id`: the client that asked for the token. */
  readonly clientId: string
  /** The values of `scope`. */
  readonly scope: readonly string[]
  /** `aud`: this resource. */
  readonly audience: string
  /** `iss`. */
  readonly issuer: string
  /** `exp`, in seconds since 1970. */
  readonly expires: number
  /** `iat`, in seconds since 1970. */
  readonly issued: number
  /** `jti`. */
  readonly jti: string
  /** Every claim, frozen, in objects without a prototype. */
  readonly claims: Readonly<Record<string, unknown>>
}

/**
 * Verifies an access token (RFC 9068).
 *
 * @example
 * ```js
 * const keys = createKeySet({ issuer: 'https://sts.example.com/oauth2' })
 * const { subject, scope } = await verifyAccessToken(token, {
 *   issuer: 'https://sts.example.com/oauth2',
 *   audience: 'api.example.com',
 *   keys,
 * })
 * ```
 *
 * @throws {@link CredmintError} when the token is refused, or its keys cannot be had.
 * @throws {@link CredmintUsageError} when the arguments are wrong.
 */
export async function verifyAccessToken(
  token: string,
  options: VerifyAccessTokenOptions,
): Promise<VerifiedAccessToken> {
  if (typeof token !== 'string' || !token.isWellFormed()) {
    throw new CredmintUsageError('`token` must be a well-formed string')
  }
  // Read once, before anything is awaited: a getter must not answer one way for a check and another for its use.
  const { issuer, audience, keys, scope, clockSkewSeconds, maxLifetimeSeconds, now } = { ...options }
  if (typeof keys !== 'object' || keys === null) {
    throw new CredmintUsageError('`keys` must be a JWK set or made by createKeySet')
  }
  if (now !== undefined && !(now instanceof Date)) {
    throw new CredmintUsageError('`now` must be a Date')
  }
  const rules = JSON.stringify({
    issuer,
    audience,
    scope,
    skew: clockSkewSeconds,
    maxLifetime: maxLifetimeSeconds,
  })
  const time = (): number => (now === undefined ? Date.now() : now.getTime()) / 1000
  const { verifyAccessToken } = await core()
  const ask = (from: Keys): CoreRecord => calling(() => verifyAccessToken(token, rules, from, time()))
  const record = keys instanceof KeySet ? await keys.settle(ask, time) : ask(await givenKeys(keys))
  if (record.verdict !== 'accept') throw thrown(record)
  const { verdict: _, ...proven } = record
  return frozen(proven) as unknown as VerifiedAccessToken
}

function frozen<T extends object>(value: T): Readonly<T> {
  for (const member of Object.values(value)) {
    if (typeof member === 'object' && member !== null) frozen(member)
  }
  return Object.freeze(value)
}
