import { call, generation } from '../core/instance.js'
import { read, refusalOf, type Wanting } from '../core/record.js'
import { CredmintError } from '../error/refusal.js'
import { DISCOVERY_BYTES, JWKS_BYTES } from '../limits.js'
import type { Clock } from '../time.js'
import { Keys } from '../wasm/credmint_module.js'
import { fetchDocument, type FetchKeys } from './fetch.js'

/** The keys of an issuer as the core holds them, and the one fetch that may be under way for them. */
export class RemoteKeys {
  readonly #issuer: string
  readonly #jwksUri: string | undefined
  readonly #fetch: FetchKeys
  readonly #milliseconds: number
  #held: { readonly keys: Keys; readonly generation: number } | undefined
  #flight: Promise<void> | undefined
  #failure: unknown

  constructor(issuer: string, jwksUri: string | undefined, fetch: FetchKeys, milliseconds: number) {
    this.#issuer = issuer
    this.#jwksUri = jwksUri
    this.#fetch = fetch
    this.#milliseconds = milliseconds
  }

  /** The keys in the instance of the core that is at work. The core must be loaded. */
  keys(): Keys {
    if (this.#held?.generation !== generation()) {
      const [issuer, uri] = [this.#issuer, this.#jwksUri]
      const keys = call(() =>
        uri === undefined ? Keys.fromDiscovery(issuer) : Keys.fromUri(issuer, uri),
      )
      this.#held = { keys, generation: generation() }
    }
    return this.#held.keys
  }

  /** Why the last fetch failed, if it did. */
  get failure(): unknown {
    return this.#failure
  }

  /**
   * Brings what the core wants, and hands it in. Whoever asks while a fetch is under way waits for that one. Failures are
   * noted, not thrown: the core decides what follows from them.
   */
  bring(wanting: Wanting, clock: Clock): Promise<void> {
    this.#flight ??= this.#bring(wanting, clock).finally(() => {
      this.#flight = undefined
    })
    return this.#flight
  }

  /** Notes that there is no use in fetching further. */
  giveUp(failure: unknown, clock: Clock): void {
    this.#failure = failure
    call(() => this.keys().failed(clock()))
  }

  async #bring({ kind, url }: Wanting, clock: Clock): Promise<void> {
    const octets = kind === 'discovery' ? DISCOVERY_BYTES : JWKS_BYTES
    let body: Uint8Array
    try {
      body = await fetchDocument(this.#fetch, url, { octets, milliseconds: this.#milliseconds })
    } catch (failure) {
      this.giveUp(failure, clock)
      return
    }
    const keys = this.keys()
    const answer = read(
      call(() =>
        kind === 'discovery' ? keys.discovered(body, clock()) : keys.fetched(body, clock()),
      ),
    )
    this.#failure = answer.verdict === 'accept' ? undefined : new CredmintError(refusalOf(answer))
  }
}
