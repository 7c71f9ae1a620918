import { CredmintUsageError } from './error/usage.js'
import type { JsonValue } from './json.js'

/** Options in two parts: what the core reads, and what stays here because JSON has no form for it. */
export interface Options<Kept extends string> {
  /** Without a prototype. What is kept is replaced by `true`. */
  readonly document: { [name: string]: JsonValue }
  readonly kept: { readonly [name in Kept]?: unknown }
}

/**
 * A copy of a caller's options, each read once, so that a getter cannot show two values. `undefined` counts as absent. What
 * the options must be is for the core to say, which reads all documents alike; `known` are the names that it knows, none
 * of which may be inherited: a polluted `Object.prototype` must not say where the keys are.
 *
 * @throws {CredmintUsageError} for what cannot be handed to the core.
 */
export function readOptions<Name extends string, Kept extends Name>(
  options: unknown,
  known: readonly Name[],
  kept: readonly Kept[],
): Options<Kept> {
  if (typeof options !== 'object' || options === null) {
    throw new CredmintUsageError('the options must be an object')
  }
  for (const name of known) {
    if (name in options && !Object.hasOwn(options, name)) {
      throw wrongOption(name, 'this option is inherited', "the options' own")
    }
  }
  const document: { [name: string]: JsonValue } = Object.create(null)
  const outside: { [name in Kept]?: unknown } = Object.create(null)
  for (const name of Object.getOwnPropertyNames(options)) {
    const value = (options as { [name: string]: unknown })[name]
    if (value === undefined) continue
    if ((kept as readonly string[]).includes(name)) {
      outside[name as Kept] = value
      document[name] = true
    } else {
      document[name] = Array.isArray(value) ? listOf(value, name) : jsonOf(value, name)
    }
  }
  return { document, kept: outside }
}

/** An option that is wrong in a way that the core cannot see. `place` is a path of names without `/` and `~`, or the name of an option. */
export function wrongOption(place: string, message: string, expected: string): CredmintUsageError {
  const pointer = `/${place}`
  return new CredmintUsageError(`${pointer}: ${message}; expected ${expected}`, {
    problems: [{ pointer, message, expected }],
  })
}

/** The elements, each read once by its place: a list may have methods of its own, which say something else. */
function listOf(list: readonly unknown[], place: string): JsonValue[] {
  return Array.from({ length: list.length }, (_, index) => jsonOf(list[index], `${place}/${index}`))
}

/** A value as JSON says it. Of an object only that it is one: no option has members. */
function jsonOf(value: unknown, place: string): JsonValue {
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'number') {
    if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value
    throw wrongOption(place, 'this number is not finite, or too large', 'a number')
  }
  if (typeof value === 'string') {
    // Another one has no UTF-8 form, and would change on its way into the core.
    if (value.isWellFormed()) return value
    throw wrongOption(place, 'this string has lone surrogates', 'a well-formed string')
  }
  if (typeof value === 'object' || typeof value === 'function') return Array.isArray(value) ? [] : {}
  throw wrongOption(place, `this is a ${typeof value}`, 'a value of JSON')
}

/** A string that is not empty and has a UTF-8 form. */
export function text(value: unknown, name: string): string {
  if (typeof value === 'string' && value !== '' && value.isWellFormed()) return value
  throw new CredmintUsageError(`\`${name}\` must be a well-formed string that is not empty`)
}
