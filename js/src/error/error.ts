import type { Code, PublicCode } from './codes.js'

/** The record of a refusal, as the core writes it. */
export interface Refusal {
  code: Code
  step: string
  fault: 'credential' | 'policy' | 'keys' | 'environment' | 'bug'
  public: PublicCode
  status: number
  error: string
  sentence: string
  message: string
  detail?: string
  expected?: string
  found?: string
}

/**
 * A refusal. `code` never changes its meaning; `switch (error.code)` narrows.
 *
 * `message`, `detail`, `expected` and `found` are for the operator's log. What a client may be told is
 * {@link CredmintError.publicCode} and {@link CredmintError.wwwAuthenticate}.
 */
export class CredmintError extends Error {
  override readonly name = 'CredmintError'
  /** The stable reason code; `docs/errors.md` explains each. */
  readonly code: Code
  /** The step of the one order of checks that refused. */
  readonly step: string
  /** Who can mend it. */
  readonly fault: Refusal['fault']
  /** What the client may be told. */
  readonly publicCode: PublicCode
  /** The HTTP status of a protected resource (RFC 6750 section 3.1): 400, 401, 403, 413, 500 or 503. */
  readonly status: number
  /** Where it happened or what exactly is wrong. */
  readonly detail: string | undefined
  /** What was expected. */
  readonly expected: string | undefined
  /** What was found instead. */
  readonly found: string | undefined
  readonly #error: string
  readonly #sentence: string

  /** @internal */
  constructor(refusal: Refusal, options?: ErrorOptions) {
    super(refusal.message, options)
    this.code = refusal.code
    this.step = refusal.step
    this.fault = refusal.fault
    this.publicCode = refusal.public
    this.status = refusal.status
    this.detail = refusal.detail
    this.expected = refusal.expected
    this.found = refusal.found
    this.#error = refusal.error
    this.#sentence = refusal.sentence
  }

  /** The value of a `WWW-Authenticate` header (RFC 6750 section 3). Nothing of the request is in it. */
  wwwAuthenticate(): string {
    if (this.#error === '') return 'Bearer'
    return `Bearer error="${this.#error}", error_description="${this.publicCode}: ${this.#sentence}"`
  }
}

/** The arguments of a call are wrong. Never caused by a token. */
export class CredmintUsageError extends TypeError {
  override readonly name = 'CredmintUsageError'
}

/** The refusal for a place that should never be reached. */
export function internalError(cause: unknown): CredmintError {
  return new CredmintError(
    {
      code: 'internal_error',
      step: 'form',
      fault: 'bug',
      public: 'server_error',
      status: 500,
      error: 'server_error',
      sentence: 'The server failed; the request id helps its operator.',
      message: 'internal_error: the WebAssembly module failed',
    },
    { cause },
  )
}
