import { calling, core, thrown, type CoreRecord } from '../core.js'
import { CredmintUsageError } from '../error/error.js'
import { readAll } from './read.js'
import type { Keys } from '../wasm/credmint_module.js'

/** Where an issuer's keys come from. */
export interface CreateKeySetOptions {
  /** The issuer, as its tokens name it. */
  issuer: string
  /** The address of its JWK set; without it, the issuer's discovery document names the address. */
  jwksUri?: string
  /** Fetches instead of the global `fetch`. */
  fetch?: typeof fetch
}

/** Seconds until a fetch counts as failed: a client that waits for a verification waits as long. */
const TIMEOUT_MILLISECONDS = 5000
/** Octets of an answer: the core's own limits are at or below it. */
const ANSWER_BYTES = 256 * 1024
/** Discovery, its keys, one refetch for an unknown `kid`, and one more for a race. */
const ROUNDS = 4

/**
 * The keys of one issuer, fetched when a verification needs them. Make one for each issuer, once, and pass it to every
 * call. When to fetch, how long keys live and when an unknown `kid` deserves another fetch is decided by the core;
 * calls that need the same keys at the same time share one fetch.
 */
export function createKeySet(options: CreateKeySetOptions): KeySet {
  const { issuer, jwksUri, fetch } = options
  if (typeof issuer !== 'string' || !issuer.isWellFormed() || issuer === '') {
    throw new CredmintUsageError('`issuer` must be a string that is not empty')
  }
  if (jwksUri !== undefined && !(typeof jwksUri === 'string' && jwksUri.startsWith('https://'))) {
    throw new CredmintUsageError('`jwksUri` must be an https URL')
  }
  if (fetch !== undefined && typeof fetch !== 'function') {
    throw new CredmintUsageError('`fetch` must be a function')
  }
  return new KeySet(issuer, jwksUri, fetch ?? globalThis.fetch)
}

/** Made by {@link createKeySet}. */
export class KeySet {
  readonly #issuer: string
  readonly #jwksUri: string | undefined
  readonly #fetch: typeof fetch
  #keys: Keys | undefined
  #flight: Promise<void> | undefined

  /** @internal */
  constructor(issuer: string, jwksUri: string | undefined, fetcher: typeof fetch) {
    this.#issuer = issuer
    this.#jwksUri = jwksUri
    this.#fetch = fetcher
  }

  /**
   * Asks until the answer needs no more keys.
   *
   * @internal
   */
  async settle(ask: (keys: Keys) => CoreRecord, now: () => number): Promise<CoreRecord> {
    const { Keys } = await core()
    const keys = (this.#keys ??=
      this.#jwksUri === undefined
        ? Keys.fromDiscovery(this.#issuer)
        : Keys.fromUri(this.#issuer, this.#jwksUri))
    let record = ask(keys)
    for (let round = 0; round < ROUNDS && record.verdict === 'wanting'; round++) {
      const { kind, url } = record
      this.#flight ??= this.#bring(keys, kind, url, now).finally(() => {
        this.#flight = undefined
      })
      await this.#flight
      record = ask(keys)
    }
    return record
  }

  async #bring(keys: Keys, kind: 'discovery' | 'key_set', url: string, now: () => number): Promise<void> {
    let body: Uint8Array | undefined
    try {
      body = await this.#get(url)
    } catch {
      // Why is the host's to know: the core remembers that it failed, and refuses while nothing else is there.
    }
    const taken = calling(() => {
      if (body === undefined) return keys.failed(now())
      return kind === 'discovery' ? keys.discovered(body, now()) : keys.fetched(body, now())
    })
    // A body that is refused counts as a failure of its source, which the next question finds.
    if (taken.verdict === 'misuse') throw thrown(taken)
  }

  async #get(url: string): Promise<Uint8Array> {
    const fetcher = this.#fetch
    const answer = await fetcher(url, {
      headers: { accept: 'application/json' },
      redirect: 'error',
      credentials: 'omit',
      signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
    })
    if (answer.status !== 200) throw new Error(`status ${answer.status}`)
    return readAll(answer, ANSWER_BYTES)
  }
}
