/**
 * Verifies a signature at once, for the core, which has checked the forms of key and signature.
 *
 * `key` is a SubjectPublicKeyInfo; its type says whether the scheme is RSASSA-PKCS1-v1_5 or ECDSA. An ECDSA signature is r and
 * s at full length. Views of the core's memory: not to be kept.
 *
 * 1 is good, 0 is bad. Anything else, and a throw, says that this host cannot tell; then the core does it itself.
 */
export type VerifySignature = (
  hash: 'sha256' | 'sha384' | 'sha512',
  key: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
) => 0 | 1 | 2
