import { wasmBytes } from '#wasm'
import { CredmintError, CredmintUsageError, internalError, type Refusal } from './error/error.js'
import { Keys, initSync, verifyAccessToken } from './wasm/credmint_module.js'

/** What the core says: see the crate `credmint-module`. */
export type CoreRecord =
  | { verdict: 'accept'; [member: string]: unknown }
  | ({ verdict: 'refuse' } & Refusal)
  | { verdict: 'wanting'; kind: 'discovery' | 'key_set'; issuer: string; url: string }
  | { verdict: 'misuse'; message: string }

export type Core = { Keys: typeof Keys; verifyAccessToken: typeof verifyAccessToken }

let loading: Promise<Core> | undefined
let trap: unknown

/**
 * The core, loaded once. A trap would leave an instance in an unknown state, so after one it answers no more: the core
 * is written to have none, and {@link calling} makes one visible.
 */
export function core(): Promise<Core> {
  loading ??= load().catch((cause: unknown) => {
    // What could not be loaded now may be loaded at the next call.
    loading = undefined
    throw internalError(cause)
  })
  return loading
}

async function load(): Promise<Core> {
  initSync({ module: await wasmBytes() })
  return { Keys, verifyAccessToken }
}

/** Calls into the core and reads the record that it answers with. */
export function calling(call: () => string): CoreRecord {
  if (trap !== undefined) throw internalError(trap)
  let text: string
  try {
    text = call()
  } catch (cause) {
    trap = cause
    throw internalError(cause)
  }
  return JSON.parse(text, withoutPrototype) as CoreRecord
}

/** Throws what a record that is no yes says. */
export function thrown(record: Exclude<CoreRecord, { verdict: 'accept' }>): Error {
  switch (record.verdict) {
    case 'refuse':
      return new CredmintError(record)
    case 'misuse':
      return new CredmintUsageError(record.message)
    case 'wanting':
      return internalError(new Error(`nobody fetches ${record.url}`))
  }
}

/** Objects without a prototype, so that a claim named `__proto__` or `toString` is a claim and nothing else. */
function withoutPrototype(this: unknown, _key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.assign(Object.create(null), value)
}
