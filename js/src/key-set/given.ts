import { call, generation } from '../core/instance.js'
import type { Refuse } from '../core/record.js'
import { CredmintError } from '../error/refusal.js'
import { CredmintUsageError } from '../error/usage.js'
import { JWKS_BYTES } from '../limits.js'
import { Keys } from '../wasm/credmint_module.js'
import type { JwkSet } from './jwk-set.js'

/** Sets that were read, by the caller's object, which is not kept alive by this. */
const known = new WeakMap<object, { readonly keys: Keys; readonly generation: number }>()

/**
 * The keys of a JWK set that the caller gave. It is read once an object: later changes to it have no effect.
 *
 * @throws {CredmintUsageError} when it is no JWK set. {@link CredmintError} when the core cannot use it.
 */
export function givenKeys(set: object): Keys {
  const held = known.get(set)
  if (held !== undefined && held.generation === generation()) return held.keys
  const keys = parse(serialised(set))
  known.set(set, { keys, generation: generation() })
  return keys
}

/** Cut behind the limit: what is too large stays too large. */
function serialised(set: object): string {
  let text: string | undefined
  try {
    text = JSON.stringify(set)
  } catch (cause) {
    throw new CredmintUsageError('`keys` cannot be written as JSON', { cause })
  }
  if (text === undefined || !Array.isArray((JSON.parse(text) as Partial<JwkSet> | null)?.keys)) {
    throw new CredmintUsageError('`keys` must be a JWK set or come from createKeySet')
  }
  return text.slice(0, JWKS_BYTES + 1)
}

function parse(text: string): Keys {
  const keys = call(() => {
    try {
      return Keys.fromJwks(text)
    } catch (refusal) {
      if (typeof refusal === 'string') return refusal
      throw refusal
    }
  })
  if (typeof keys === 'string') throw new CredmintError(JSON.parse(keys) as Refuse)
  return keys
}
