import { load } from '#load'
import { INTERNAL_ERROR } from '../error/codes.js'
import { CredmintError } from '../error/refusal.js'
import instantiate, { __wbg_reset_state as replaceInstance } from '../wasm/credmint_module.js'

let loading: Promise<void> | undefined
let replaced = 0

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
}

/** Which instance of the core is at work. What was made by an earlier one is of no use. */
export function generation(): number {
  return replaced
}

/**
 * Calls the core.
 *
 * The core answers and never throws. If it does throw, it has trapped or run out of memory, and its memory may be in any
 * state: a fresh instance takes its place, and this call fails.
 */
export function call<T>(core: () => T): T {
  try {
    return core()
  } catch (cause) {
    replaced += 1
    replaceInstance()
    throw new CredmintError(INTERNAL_ERROR, { cause })
  }
}
