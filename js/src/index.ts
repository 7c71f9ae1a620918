export { readBearerToken } from './access-token/read-bearer.js'
export {
  verifyAccessToken,
  type VerifiedAccessToken,
  type VerifyAccessTokenOptions,
} from './access-token/verify.js'
export { CredmintError } from './error/refusal.js'
export { CredmintUsageError, type UsageProblem } from './error/usage.js'
export type { Code, Fault, PublicCode, Step } from './error/codes.js'
export type { Claims, JsonValue } from './json.js'
export type { LargeInteger } from './large-integer.js'
export { createKeySet, type KeySet, type CreateKeySetOptions } from './key-set/create.js'
export type { FetchKeys } from './key-set/fetch.js'
export type { JwkSet } from './key-set/jwk-set.js'
export { readPolicyBundle, type PolicyBundle } from './policy/read-bundle.js'
export type { UnixSeconds } from './time.js'
