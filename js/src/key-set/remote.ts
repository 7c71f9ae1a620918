import { call, generation } from '../core/instance.js'
import { read, refusalOf, type Fetch, type Fetching, type Refuse, type Wanting } from '../core/record.js'
import { CredmintError } from '../error/refusal.js'
import type { JsonValue } from '../json.js'
import type { Clock } from '../time.js'
import { Keys } from '../wasm/credmint_module.js'
import { fetchDocument, type FetchKeys } from './fetch.js'

/** How long one fetch may take when the options do not say it. */
const TIMEOUT_SECONDS = 5

/** For how many times as long others wait for a flight: it is two fetches at most, and one may be a little late. */
const PATIENCE = 3

/** The keys of an issuer as the core holds them, and what is under way for them. When to fetch is for the core to say. */
export class RemoteKeys {
  readonly #options: string
  readonly #fetch: FetchKeys
  readonly #milliseconds: number
  #held: { readonly keys: Keys; readonly generation: number } | undefined
  /** The flights under way, by the core's number. None of these promises is ever rejected. */
  readonly #flights = new Map<number, Promise<void>>()
  #failure: unknown

  /** The core reads `options` when it makes the keys, and nothing is fetched before. */
  constructor(options: { readonly [name: string]: JsonValue }, fetch: FetchKeys) {
    this.#options = JSON.stringify(options)
    this.#fetch = fetch
    // A timer takes whole milliseconds.
    this.#milliseconds = Math.ceil(Number(options['timeoutSeconds'] ?? TIMEOUT_SECONDS) * 1000)
  }

  /**
   * The keys in the current instance of the core. The core must be loaded.
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

  /** Begins what the core asks for. No call need wait for it. */
  begin({ fetch = [] }: Fetching, clock: Clock): void {
    for (const first of fetch) {
      const { flight } = first
      const over = this.#fly(first, clock).finally(() => {
        if (this.#flights.get(flight) === over) this.#flights.delete(flight)
      })
      this.#flights.set(flight, over)
    }
  }

  /**
   * When all that an answer waits for has ended, in any way. Some runtimes end what a request began together with that
   * request, timers too, and then nothing tells that it ended: such a flight ends when a caller has waited for it in vain.
   */
  async over({ wait }: Wanting, clock: Clock): Promise<void> {
    const made = generation()
    const ends = Promise.all(wait.map((flight) => this.#flights.get(flight)))
    if (await inTime(ends, this.#milliseconds * PATIENCE)) return
    for (const flight of wait) {
      // Others may have waited as long, and a fresh instance of the core counts anew.
      if (generation() !== made || !this.#flights.delete(flight)) continue
      this.#failure = new Error('a fetch was begun and never ended')
      this.#ended({ flight }, undefined, clock)
    }
  }

  /** Failures are noted, not thrown: what follows from them is for the core to say. */
  async #fly(first: Fetch, clock: Clock): Promise<void> {
    const made = generation()
    let next: Fetch | undefined = first
    while (next !== undefined) {
      const fetch: Fetch = next
      const body = await this.#document(fetch)
      // A fresh instance of the core knows nothing of this flight.
      next = generation() === made ? this.#ended(fetch, body, clock) : undefined
    }
  }

  async #document(fetch: Fetch): Promise<Uint8Array | undefined> {
    try {
      return await fetchDocument(this.#fetch, fetch, this.#milliseconds)
    } catch (failure) {
      this.#failure = failure
      return undefined
    }
  }

  /** Hands in what came of a fetch, and gives the next one of its flight. */
  #ended({ flight }: Pick<Fetch, 'flight'>, body: Uint8Array | undefined, clock: Clock): Fetch | undefined {
    try {
      const keys = this.keys()
      const answer = read(call(() => keys.ended(flight, body, clock())))
      if (answer.verdict === 'refuse') this.#failure = new CredmintError(answer)
      else if (body !== undefined) this.#failure = undefined
      return answer.fetch?.[0]
    } catch (failure) {
      this.#failure = failure
      return undefined
    }
  }
}

/** Whether something ends in time. */
async function inTime(end: Promise<unknown>, milliseconds: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds)
  })
  try {
    return await Promise.race([end.then(() => true), late])
  } finally {
    clearTimeout(timer)
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
