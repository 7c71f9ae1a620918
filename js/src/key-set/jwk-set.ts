/** A JWK set (RFC 7517 section 5) with public keys. */
export interface JwkSet {
  readonly keys: readonly object[]
}
