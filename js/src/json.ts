/** A JSON value, frozen. Objects have no prototype. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [member: string]: JsonValue }

/** The claims of a token: an object without prototype, frozen with everything in it. */
export type Claims = { readonly [claim: string]: JsonValue }

/**
 * A frozen copy of `value`, whose objects have no prototype: a claim `__proto__` or `constructor` is a member like
 * any other. The core bounds the depth.
 */
export function frozen(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return Object.freeze(value.map(frozen))
  if (typeof value !== 'object' || value === null) return value
  return frozenObject(value as Claims)
}

/** As {@link frozen}, for an object. */
export function frozenObject(object: Claims): Claims {
  const copy: Record<string, JsonValue> = Object.create(null)
  for (const [member, value] of Object.entries(object)) copy[member] = frozen(value)
  return Object.freeze(copy)
}
