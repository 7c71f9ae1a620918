/**
 * The arguments of a call are wrong. It says nothing about a token: mend the code that calls.
 */
export class CredmintUsageError extends TypeError {
  override readonly name = 'CredmintUsageError'
}
