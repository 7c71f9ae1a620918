import { load, loadAtOnce } from '#load'
import { INTERNAL_ERROR } from '../error/codes.js'
import { CredmintError } from '../error/refusal.js'
import instantiate, { initSync, __wbg_reset_state as replaceInstance } from '../wasm/credmint_module.js'

let loading: Promise<void> | undefined
let ready = false
let replaced = 0
let broken = false

/** Loads the core, once. A failure is not remembered: the next call tries again. */
export function loaded(): Promise<void> {
  loading ??= start().catch((cause: unknown) => {
    loading = undefined
    throw new CredmintError(INTERNAL_ERROR, { cause })
  })
  return loading
}

async function start(): Promise<void> {
  await instantiate({ module_or_path: await load() })
  ready = true
}

/**
 * Whether the core is loaded. It is loaded here and now where the host can do that without waiting, unless a load is under
 * way: two would make two instances, and what one made is of no use to the other.
 */
export function loadedAtOnce(): boolean {
  if (ready || loading !== undefined || loadAtOnce === undefined) return ready
  try {
    initSync({ module: loadAtOnce() })
  } catch {
    // The first verification tries again, and says why not.
    return false
  }
  loading = Promise.resolve()
  ready = true
  return true
}

/** Which instance of the core is in use. What an earlier one made cannot be used. */
export function generation(): number {
  return replaced
}

/**
 * Calls the core.
 *
 * The core answers and never throws. If it does throw, it has trapped or run out of memory, and its memory may be in any
 * state: this call fails, and a fresh instance serves the next.
 */
export function call<T>(core: () => T): T {
  try {
    if (broken) replace()
    return core()
  } catch (cause) {
    replaced += 1
    broken = true
    tryToReplace()
    throw new CredmintError(INTERNAL_ERROR, { cause })
  }
}

function replace(): void {
  replaceInstance()
  broken = false
}

/** At once, so that nothing of the broken instance is used any more, not even to free what it holds. */
function tryToReplace(): void {
  try {
    replace()
  } catch {
    // The next call tries again.
  }
}
