import { call, generation } from '../core/instance.js'
import { read, refusalOf, type Refuse, type Wanting } from '../core/record.js'
import { CredmintError } from '../error/refusal.js'
import type { JsonValue } from '../json.js'
import { DISCOVERY_BYTES, JWKS_BYTES } from '../limits.js'
import type { Clock } from '../time.js'
import { Keys } from '../wasm/credmint_module.js'
import { fetchDocument, type FetchKeys } from './fetch.js'

/** How long one fetch may take when the options do not say it. */
const TIMEOUT_SECONDS = 5

/** The keys of an issuer as the core holds them, and the one fetch that may be under way for them. */
export class RemoteKeys {
  readonly #options: string
  readonly #fetch: FetchKeys
  readonly #milliseconds: number
  #held: { readonly keys: Keys; readonly generation: number } | undefined
  #flight: Promise<void> | undefined
  #failure: unknown

  /** The core reads `options` when it makes the keys, and nothing is fetched before. */
  constructor(options: { readonly [name: string]: JsonValue }, fetch: FetchKeys) {
    this.#options = JSON.stringify(options)
    this.#fetch = fetch
    // A timer takes whole milliseconds.
    this.#milliseconds = Math.ceil(Number(options['timeoutSeconds'] ?? TIMEOUT_SECONDS) * 1000)
  }

  /**
   * The keys in the instance of the core that is at work. The core must be loaded.
   *
   * @throws {CredmintUsageError} when the options are wrong.
   */
  keys(): Keys {
    if (this.#held?.generation !== generation()) {
      this.#held = { keys: keysOf(this.#options), generation: generation() }
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

function keysOf(options: string): Keys {
  const keys = call(() => {
    try {
      return Keys.fromOptions(options)
    } catch (misuse) {
      if (typeof misuse === 'string') return misuse
      throw misuse
    }
  })
  if (typeof keys !== 'string') return keys
  throw new CredmintError(refusalOf(read(keys) as Refuse))
}
