import { CredmintUsageError } from '../error/usage.js'
import { httpsUrl, optionalNumber, readOptions } from '../options.js'
import type { FetchKeys } from './fetch.js'
import { RemoteKeys } from './remote.js'

/** What {@link createKeySet} takes. */
export interface CreateKeySetOptions {
  /** The issuer whose keys these are, an https URL exactly as in its tokens. */
  readonly issuer: string
  /** Where the keys are. Without it, the issuer's discovery document says it. */
  readonly jwksUri?: string
  /** How to fetch. The global `fetch` without it. */
  readonly fetch?: FetchKeys
  /** How long one fetch may take: 5 seconds without it, 60 at most. */
  readonly timeoutSeconds?: number
}

const TIMEOUT_SECONDS = 5
const TIMEOUT_SECONDS_MAX = 60

/** The keys of one issuer, fetched when a verification needs them. {@link createKeySet} makes one. */
export class KeySet {
  /** The issuer whose keys these are. */
  readonly issuer: string
  readonly #remote: RemoteKeys

  /** @internal */
  constructor(issuer: string, remote: RemoteKeys) {
    this.issuer = issuer
    this.#remote = remote
  }

  /** @internal The remote keys, if `value` is a key set. */
  static remote(value: object): RemoteKeys | undefined {
    return #remote in value ? value.#remote : undefined
  }
}

/**
 * The keys of an issuer, fetched when a verification needs them and not before. Make one for an issuer and
 * keep it: all verifications with it share its keys and its fetches.
 *
 * A verification whose key is held never waits: from 4 minutes on the keys are fetched anew beside it, and they serve for
 * 10 minutes at most. A token that names an unknown key causes one fetch in 30 seconds at most. Only https, without
 * redirects, with limits of size and time.
 *
 * ```js
 * const keys = createKeySet({ issuer: 'https://sts.example.com/oauth2' })
 * ```
 *
 * @throws {CredmintUsageError} when an option is wrong.
 */
export function createKeySet(options: CreateKeySetOptions): KeySet {
  const given = readOptions(options, ['issuer', 'jwksUri', 'fetch', 'timeoutSeconds'])
  const issuer = httpsUrl(given.issuer, 'issuer')
  if (given.jwksUri === undefined && issuer.includes('?')) {
    throw new CredmintUsageError('`issuer` must have no query when its keys are to be discovered')
  }
  const jwksUri = given.jwksUri === undefined ? undefined : httpsUrl(given.jwksUri, 'jwksUri')
  const milliseconds = timeout(given.timeoutSeconds) * 1000
  return new KeySet(issuer, new RemoteKeys(issuer, jwksUri, fetcher(given.fetch), milliseconds))
}

function fetcher(value: unknown): FetchKeys {
  // Looked up at each fetch, so that a host may put its own in place later.
  if (value === undefined) return (url, options) => fetch(url, options)
  if (typeof value === 'function') return value as FetchKeys
  throw new CredmintUsageError('`fetch` must be a function')
}

function timeout(value: unknown): number {
  const seconds = optionalNumber(value, 'timeoutSeconds') ?? TIMEOUT_SECONDS
  if (seconds > 0 && seconds <= TIMEOUT_SECONDS_MAX) return seconds
  throw new CredmintUsageError(`\`timeoutSeconds\` must be more than 0 and at most ${TIMEOUT_SECONDS_MAX}`)
}
