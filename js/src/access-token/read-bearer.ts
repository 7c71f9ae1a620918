import { call, loaded } from '../core/instance.js'
import { read, refusalOf } from '../core/record.js'
import { CredmintError } from '../error/refusal.js'
import { CredmintUsageError } from '../error/usage.js'
import { TOKEN_BYTES } from '../limits.js'
import { readBearer } from '../wasm/credmint_module.js'

/**
 * Reads the one bearer token of a request from its `Authorization` field (RFC 6750 section 2.1). Nothing of it is verified;
 * give it to {@link verifyAccessToken}.
 *
 * Give all values of the field as they came: `request.headers.get('authorization')` of a Fetch `Request`, or
 * `request.headersDistinct.authorization` of a Node request, whose `request.headers` would hide a second field.
 *
 * @throws {CredmintError} `token_missing` without a field; `authorization_malformed` unless it is one field with one token.
 */
export async function readBearerToken(
  authorization: string | readonly string[] | null | undefined,
): Promise<string> {
  const values = valuesOf(authorization)
  await loaded()
  const answer = read<{ token: string }>(call(() => readBearer(JSON.stringify(values))))
  if (answer.verdict === 'accept') return answer.token
  throw new CredmintError(refusalOf(answer))
}

/** Longer than the longest field whose token is not refused for its size. */
const FIELD_LENGTH = TOKEN_BYTES + 16

/** At most two values of bounded length: more of either makes no token good. */
function valuesOf(authorization: unknown): string[] {
  if (authorization === undefined || authorization === null) return []
  const values: unknown[] = Array.isArray(authorization) ? authorization.slice(0, 2) : [authorization]
  return values.map((value) => {
    if (typeof value !== 'string') {
      throw new CredmintUsageError('the Authorization field must be a string or a list of strings')
    }
    return value.slice(0, FIELD_LENGTH).toWellFormed()
  })
}
