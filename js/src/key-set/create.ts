import { loadedAtOnce } from '../core/instance.js'
import { readOptions, wrongOption } from '../options.js'
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

/** The names of the options. The core knows the same ones. */
const NAMES = [
  'issuer',
  'jwksUri',
  'fetch',
  'timeoutSeconds',
] as const satisfies readonly (keyof CreateKeySetOptions)[]

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
 * @throws {CredmintUsageError} when an option is wrong. Where the core cannot be loaded without waiting, as in a browser,
 * the first verification says so instead, unless one came before.
 */
export function createKeySet(options: CreateKeySetOptions): KeySet {
  const { document, kept } = readOptions(options, NAMES, ['fetch'])
  const remote = new RemoteKeys(document, fetcher(kept.fetch))
  if (loadedAtOnce()) remote.keys()
  return new KeySet(String(document['issuer']), remote)
}

function fetcher(value: unknown): FetchKeys {
  // Looked up at each fetch, so that a host may put its own in place later.
  if (value === undefined) return (url, options) => fetch(url, options)
  if (typeof value === 'function') return value as FetchKeys
  throw wrongOption('fetch', 'this is not a function', 'a function like the global `fetch`')
}
