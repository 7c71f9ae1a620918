import type { Refuse } from '../core/record.js'
import type { Code, Fault, PublicCode, Step } from './codes.js'

/**
 * A refusal. `message`, `detail`, `expected`, `found` and `cause` are for the log of the service; the caller gets
 * `status`, `headers` and `body`.
 */
export class CredmintError extends Error {
  override readonly name = 'CredmintError'
  /** What exactly refused. A code never changes its meaning. */
  readonly code: Code
  /** The step of the one order of checks. */
  readonly step: Step
  /** Who can correct it. */
  readonly fault: Fault
  /** What the caller may be told. */
  readonly publicCode: PublicCode
  /** A sentence for the caller. It holds nothing of the request. */
  readonly publicMessage: string
  /** The HTTP status of a protected resource (RFC 6750 section 3.1). */
  readonly status: number
  /**
   * The header fields that belong to the answer: `www-authenticate` when another token could help, `retry-after` when
   * the keys could not be had. Frozen, without a prototype.
   */
  readonly headers: { readonly [name: string]: string }
  /** The body of the answer: JSON with `error` and `error_description`. */
  readonly body: string
  /** Where it happened, or what is wrong. Control characters are escaped, long texts cut. */
  readonly detail: string | undefined
  /** What was expected. */
  readonly expected: string | undefined
  /** What was found instead. */
  readonly found: string | undefined

  /** @internal */
  constructor(refusal: Omit<Refuse, 'verdict'>, { cause }: { readonly cause?: unknown } = {}) {
    super(refusal.message, cause === undefined ? undefined : { cause })
    this.code = refusal.code
    this.step = refusal.step
    this.fault = refusal.fault
    this.publicCode = refusal.public
    this.publicMessage = refusal.publicSentence
    this.status = refusal.status
    this.headers = Object.freeze(Object.assign(Object.create(null), refusal.headers))
    this.body = refusal.body
    this.detail = refusal.detail
    this.expected = refusal.expected
    this.found = refusal.found
  }

  /**
   * The value of the `WWW-Authenticate` field that belongs to the answer (RFC 6750 section 3): bare when no token came.
   * `undefined` when the failure is not the caller's, since another token would not help.
   */
  wwwAuthenticate(): string | undefined {
    return this.headers['www-authenticate']
  }
}
