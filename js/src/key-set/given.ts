import { core } from '../core.js'
import { CredmintError, CredmintUsageError, internalError, type Refusal } from '../error/error.js'
import type { Keys } from '../wasm/credmint_module.js'

/** A JWK set (RFC 7517 section 5). */
export interface JsonWebKeySet {
  keys: readonly object[]
}

const parsed = new WeakMap<object, Keys>()

/** The keys of a set that was given as an object. It is read once: later changes of the object change nothing. */
export async function givenKeys(set: JsonWebKeySet): Promise<Keys> {
  const known = parsed.get(set)
  if (known !== undefined) return known
  const { Keys } = await core()
  let keys: Keys
  try {
    keys = Keys.fromJwks(text(set))
  } catch (thrown) {
    if (typeof thrown !== 'string') throw thrown instanceof CredmintUsageError ? thrown : internalError(thrown)
    throw new CredmintError(JSON.parse(thrown) as Refusal)
  }
  parsed.set(set, keys)
  return keys
}

function text(set: JsonWebKeySet): string {
  try {
    const text: unknown = JSON.stringify(set)
    if (typeof text === 'string') return text
  } catch {
    // A cycle, or a getter that throws: no JWK set.
  }
  throw new CredmintUsageError('`keys` must be a JWK set or made by createKeySet')
}
