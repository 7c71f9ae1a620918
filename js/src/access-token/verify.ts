import { call, loaded } from '../core/instance.js'
import { read, refusalOf, type AccessToken, type Refuse } from '../core/record.js'
import { CredmintError } from '../error/refusal.js'
import { CredmintUsageError } from '../error/usage.js'
import { frozenObject, type Claims } from '../json.js'
import { KeySet } from '../key-set/create.js'
import { givenKeys } from '../key-set/given.js'
import type { JwkSet } from '../key-set/jwk-set.js'
import type { RemoteKeys } from '../key-set/remote.js'
import { TOKEN_BYTES } from '../limits.js'
import { readOptions, wrongOption } from '../options.js'
import { clockOf, type Clock, type UnixSeconds } from '../time.js'
import { checkOptions, verifyAccessToken as verify } from '../wasm/credmint_module.js'

/** What {@link verifyAccessToken} takes. */
export interface VerifyAccessTokenOptions {
  /** Who must have issued the token, character by character. */
  readonly issuer: string
  /** This resource: the one audience of the token, or a list of the names of which that is one. */
  readonly audience: string | readonly string[]
  /** The issuer's keys: fetched ({@link createKeySet}), or a JWK set, which is read once an object. */
  readonly keys: KeySet | JwkSet
  /** The scope values that the token must carry, all of them: a list, or one string with spaces between. None without it. */
  readonly scope?: string | readonly string[]
  /** By how much clocks may differ: 30 seconds without it, 120 at most. */
  readonly clockSkewSeconds?: number
  /** The longest lifetime that is believed: a day without it. */
  readonly maxLifetimeSeconds?: number
  /** The time of the decision: now without it. */
  readonly now?: Date
}

/** An access token that was verified and is meant for this resource. Frozen. */
export interface VerifiedAccessToken {
  /** `sub`: whom the token speaks for. */
  readonly subject: string
  /** `client_id`: the client that asked for the token. */
  readonly clientId: string
  /** The values of `scope`, in the order of the token. */
  readonly scope: readonly string[]
  /** `aud`: this resource, by the name that the token has for it. */
  readonly audience: string
  /** `iss` */
  readonly issuer: string
  /** `exp`: from this time on the token is no longer valid. */
  readonly expires: UnixSeconds
  /** `iat` */
  readonly issued: UnixSeconds
  /** `jti` */
  readonly jti: string
  /** All claims. */
  readonly claims: Claims
}

/**
 * Verifies an access token (RFC 9068) and gives back what it proves.
 *
 * ```js
 * const token = await verifyAccessToken(text, { issuer, audience: 'api.example.com', keys, scope: 'write' })
 * ```
 *
 * @throws {CredmintError} when the token is refused, with the reason. Nothing is ever returned for a refused token.
 * @throws {CredmintUsageError} when an argument is wrong.
 */
export async function verifyAccessToken(
  token: string,
  options: VerifyAccessTokenOptions,
): Promise<VerifiedAccessToken> {
  // All arguments are read before the first `await`; they cannot be changed afterwards.
  if (typeof token !== 'string') throw new CredmintUsageError('the token must be a string')
  const demands = readDemands(options)
  const asked: Question = {
    // Cut behind the limit: what is too large stays too large.
    token: token.slice(0, TOKEN_BYTES + 1),
    options: demands.options,
    clock: demands.clock,
  }
  await loaded()
  const keys = keysOf(demands)
  const remote = KeySet.remote(keys)
  const answer = remote === undefined ? askGiven(asked, keys) : await askRemote(asked, remote)
  if (answer.verdict === 'accept') return verified(answer)
  const cause = answer.code === 'keys_unavailable' ? remote?.failure : undefined
  throw new CredmintError(answer, { cause })
}

interface Question {
  readonly token: string
  readonly options: string
  readonly clock: Clock
}

type Verdict = ({ readonly verdict: 'accept' } & AccessToken) | Refuse

function askGiven({ token, options, clock }: Question, set: object): Verdict {
  const keys = givenKeys(set)
  const answer = read<AccessToken>(call(() => verify(token, options, keys, clock(), 0)))
  return answer.verdict === 'accept' ? answer : refusalOf(answer)
}

/** Asks until the core wants nothing more, which is for the core to bound. What it wants beside is not waited for. */
async function askRemote({ token, options, clock }: Question, remote: RemoteKeys): Promise<Verdict> {
  for (let round = 0; ; round += 1) {
    const keys = remote.keys()
    const answer = read<AccessToken>(call(() => verify(token, options, keys, clock(), round)))
    remote.begin(answer, clock)
    if (answer.verdict !== 'wanting') return answer
    await remote.over(answer, clock)
  }
}

/** The names of the options. The core knows the same ones. */
const NAMES = [
  'issuer',
  'audience',
  'keys',
  'scope',
  'clockSkewSeconds',
  'maxLifetimeSeconds',
  'now',
] as const satisfies readonly (keyof VerifyAccessTokenOptions)[]

interface Demands {
  readonly keys: unknown
  readonly clock: Clock
  /** What the core reads. */
  readonly options: string
}

function readDemands(given: unknown): Demands {
  const { document, kept } = readOptions(given, NAMES, ['keys', 'now'])
  if (typeof document['scope'] === 'string') document['scope'] = document['scope'].split(' ')
  return { keys: kept.keys, clock: clockOf(kept.now), options: JSON.stringify(document) }
}

/** The keys, if they can be some; else what is wrong with the options, of which the keys may be misspelt. */
function keysOf({ keys, options }: Demands): object {
  if (typeof keys === 'object' && keys !== null) return keys
  read(call(() => checkOptions(options)))
  throw wrongOption('keys', 'these are not keys', 'a JWK set, or what createKeySet made')
}

function verified(token: AccessToken): VerifiedAccessToken {
  const { subject, clientId, scope, audience, issuer, expires, issued, jti, claims } = token
  return Object.freeze({
    subject,
    clientId,
    scope: Object.freeze([...scope]),
    audience,
    issuer,
    expires,
    issued,
    jti,
    claims: frozenObject(claims),
  })
}
