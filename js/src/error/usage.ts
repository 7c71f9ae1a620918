/** One thing that is wrong with options or with a document. */
export interface UsageProblem {
  /** Where: a JSON Pointer (RFC 6901). Empty for the whole. */
  readonly pointer: string
  /** What is wrong. */
  readonly message: string
  /** What is expected instead. */
  readonly expected: string
  /** The word that was probably meant, when there is one near. */
  readonly hint?: string
}

/**
 * The arguments of a call are wrong. It says nothing about a token: correct the calling code.
 */
export class CredmintUsageError extends TypeError {
  override readonly name = 'CredmintUsageError'
  /** What is wrong in particular, where options or a document are. */
  readonly problems: readonly UsageProblem[]

  /** @internal */
  constructor(
    message: string,
    { cause, problems = [] }: { cause?: unknown; problems?: readonly UsageProblem[] | undefined } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause })
    this.problems = Object.freeze(problems.map((problem) => Object.freeze({ ...problem })))
  }
}
