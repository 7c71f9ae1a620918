import { CredmintUsageError } from './error/usage.js'

/**
 * A copy of a caller's options, each read once, so that a getter cannot show two values. An option that is not in `known` is
 * an error: a misspelt `scope` would go unnoticed. So is an inherited one: a polluted `Object.prototype` must not say where
 * the keys are. `undefined` counts as absent.
 */
export function readOptions<Name extends string>(
  options: unknown,
  known: readonly Name[],
): { readonly [name in Name]?: unknown } {
  if (typeof options !== 'object' || options === null) {
    throw new CredmintUsageError('the options must be an object')
  }
  const copy: { [name in Name]?: unknown } = Object.create(null)
  for (const name of Object.keys(options)) {
    if (!(known as readonly string[]).includes(name)) {
      throw new CredmintUsageError(`\`${name}\` is not an option`)
    }
  }
  for (const name of known) {
    if (name in options && !Object.hasOwn(options, name)) {
      throw new CredmintUsageError(`\`${name}\` must be the options' own, not inherited`)
    }
    copy[name] = (options as { [name in Name]?: unknown })[name]
  }
  return copy
}

/** A string without lone surrogates: another one has no UTF-8 form, and would change on its way into the core. */
export function text(value: unknown, name: string): string {
  if (typeof value === 'string' && value !== '' && value.isWellFormed()) return value
  throw new CredmintUsageError(`\`${name}\` must be a well-formed string that is not empty`)
}

/** An https URL of a plain form. */
export function httpsUrl(value: unknown, name: string): string {
  const url = text(value, name)
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  const plain =
    parsed?.protocol === 'https:' && parsed.username === '' && parsed.password === '' && !url.includes('#')
  if (plain) return url
  throw new CredmintUsageError(`\`${name}\` must be an https URL without user and fragment`)
}

/** A number; the core says which ones are allowed. */
export function optionalNumber(value: unknown, name: string): number | undefined {
  if (value === undefined || (typeof value === 'number' && Number.isFinite(value))) return value
  throw new CredmintUsageError(`\`${name}\` must be a number`)
}
