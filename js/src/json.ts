import { LargeInteger } from './large-integer.js'

/** A JSON value, frozen. Objects have no prototype. An integer that no `number` holds is a {@link LargeInteger}. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | LargeInteger
  | readonly JsonValue[]
  | { readonly [member: string]: JsonValue }

/** The claims of a token: an object without prototype, frozen with everything in it. */
export type Claims = { readonly [claim: string]: JsonValue }

/** The name of that member, which no claim has: the core refuses it. */
const DIGITS = '\0'

/**
 * A frozen copy of `value`, whose objects have no prototype: a claim `__proto__` or `constructor` is a member like
 * any other. The core bounds the depth, and writes an integer that `JSON.parse` would round as an object of one member.
 */
export function frozen(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return Object.freeze(value.map(frozen))
  if (typeof value !== 'object' || value === null) return value
  const object = value as Claims
  const digits = Object.hasOwn(object, DIGITS) ? object[DIGITS] : undefined
  return typeof digits === 'string' ? new LargeInteger(digits) : frozenObject(object)
}

/** As {@link frozen}, for an object. */
export function frozenObject(object: Claims): Claims {
  const copy: Record<string, JsonValue> = Object.create(null)
  for (const [member, value] of Object.entries(object)) copy[member] = frozen(value)
  return Object.freeze(copy)
}
