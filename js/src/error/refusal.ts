import type { Refuse } from '../core/record.js'
import type { Code, Fault, PublicCode, Step } from './codes.js'

/** What only this side of the core knows about a refusal. */
interface Context {
  readonly cause?: unknown
  readonly scope?: readonly string[]
}

/**
 * A refusal. `message`, `detail`, `expected`, `found` and `cause` are for the log of the service; the caller gets
 * `status`, {@link CredmintError.wwwAuthenticate} and, if anything more, `publicCode` and `publicMessage`.
 */
export class CredmintError extends Error {
  override readonly name = 'CredmintError'
  /** What exactly refused. A code never changes its meaning. */
  readonly code: Code
  /** The step of the one order of checks. */
  readonly step: Step
  /** Who can mend it. */
  readonly fault: Fault
  /** What the caller may be told. */
  readonly publicCode: PublicCode
  /** A sentence for the caller. It holds nothing of the request. */
  readonly publicMessage: string
  /** The HTTP status of a protected resource (RFC 6750 section 3.1). */
  readonly status: number
  /** Where it happened, or what is wrong. Control characters are escaped, long texts cut. */
  readonly detail: string | undefined
  /** What was expected. */
  readonly expected: string | undefined
  /** What was found instead. */
  readonly found: string | undefined
  readonly #error: string
  readonly #scope: readonly string[]

  /** @internal */
  constructor(refusal: Omit<Refuse, 'verdict'>, { cause, scope = [] }: Context = {}) {
    super(refusal.message, cause === undefined ? undefined : { cause })
    this.code = refusal.code
    this.step = refusal.step
    this.fault = refusal.fault
    this.publicCode = refusal.public
    this.publicMessage = refusal.sentence
    this.status = refusal.status
    this.detail = refusal.detail
    this.expected = refusal.expected
    this.found = refusal.found
    this.#error = refusal.error
    this.#scope = scope
  }

  /**
   * The value of the `WWW-Authenticate` field that belongs to the answer (RFC 6750 section 3). A bare challenge when no token came,
   * or when the failure is not the token's.
   */
  wwwAuthenticate(): string {
    if (this.#error === '' || this.status >= 500) return 'Bearer'
    const parameters = [
      `error="${this.#error}"`,
      `error_description="${this.publicCode}: ${this.publicMessage}"`,
    ]
    if (this.code === 'scope_insufficient') parameters.push(`scope="${this.#scope.join(' ')}"`)
    return `Bearer ${parameters.join(', ')}`
  }
}
