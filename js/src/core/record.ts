import type { Claims } from '../json.js'
import { INTERNAL_ERROR, type Code, type Fault, type PublicCode, type Step } from '../error/codes.js'
import { CredmintUsageError, type UsageProblem } from '../error/usage.js'
import type { UnixSeconds } from '../time.js'

/** What the core answers, as its documentation says. `T` is what it proves. */
export type Answer<T> = (({ readonly verdict: 'accept' } & T) | Refuse | Wanting | Misuse) & Fetching

/** Why not. */
export interface Refuse {
  readonly verdict: 'refuse'
  readonly code: Code
  readonly step: Step
  readonly fault: Fault
  readonly public: PublicCode
  readonly sentence: string
  readonly publicSentence: string
  readonly message: string
  readonly status: number
  readonly headers: { readonly [name: string]: string | undefined }
  readonly body: string
  readonly detail?: string
  readonly expected?: string
  readonly found?: string
}

/** Asked again when these flights are over, the core may have an answer. */
export interface Wanting {
  readonly verdict: 'wanting'
  readonly wait: readonly number[]
}

/** What is to be fetched, whatever the answer is. */
export interface Fetching {
  readonly fetch?: readonly Fetch[]
}

/** One fetch: of what, where, asking for which media types, reading at most so many bytes. */
export interface Fetch {
  readonly flight: number
  readonly document: string
  readonly url: string
  readonly accept: string
  readonly bytes: number
}

interface Misuse {
  readonly verdict: 'misuse'
  readonly message: string
  readonly problems?: readonly UsageProblem[]
}

/** What an accepted access token proves. */
export interface AccessToken {
  readonly subject: string
  readonly clientId: string
  readonly scope: readonly string[]
  readonly audience: string
  readonly issuer: string
  readonly expires: UnixSeconds
  readonly issued: UnixSeconds
  readonly jti: string
  readonly claims: Claims
}

/**
 * Reads an answer.
 *
 * @throws {CredmintUsageError} when it says that the arguments were wrong.
 */
export function read<T = unknown>(text: string): Exclude<Answer<T>, Misuse> {
  const answer = JSON.parse(text) as Answer<T>
  if (answer.verdict === 'misuse') {
    throw new CredmintUsageError(answer.message, { problems: answer.problems })
  }
  return answer as Exclude<Answer<T>, Misuse>
}

/** The refusal in an answer that is neither acceptance nor, since nothing is fetched here, a wish. */
export function refusalOf(answer: Refuse | Wanting): Refuse {
  return answer.verdict === 'refuse' ? answer : INTERNAL_ERROR
}
