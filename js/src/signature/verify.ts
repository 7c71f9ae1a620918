/** A primitive; the hash is the one beside it, for the digest, for MGF1 and for the length of the salt. */
export type Scheme = 'rsa-pkcs1' | 'rsa-pss' | 'ecdsa' | 'ed25519'

/**
 * Verifies a signature at once, for the core, which has checked the forms of key and signature.
 *
 * `key` is a SubjectPublicKeyInfo of the type that the scheme is for. An ECDSA signature is r and s at full length.
 * Ed25519 has no hash to choose. All bytes are views of the core's memory, not to be kept.
 *
 * 1 is good, 0 is bad. Anything else, and a throw, says that this host cannot tell; then the core does it itself. So it
 * does for an algorithm whose known answers the host does not give.
 */
export type VerifySignature = (
  scheme: Scheme,
  hash: 'sha256' | 'sha384' | 'sha512' | undefined,
  key: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
) => 0 | 1 | 2
