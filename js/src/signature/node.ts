import { createPublicKey, verify, type KeyObject } from 'node:crypto'
import type { VerifySignature } from './verify.js'

/** Keys by their octets. A key set has a few; more than this many at a time are made anew. */
const keys = new Map<string, KeyObject>()
const KEYS = 256

/** Verifies with OpenSSL. */
export const verifySignature: VerifySignature = (hash, key, message, signature) => {
  // The encoding matters for ECDSA alone.
  const options = { key: keyObject(key), dsaEncoding: 'ieee-p1363' as const }
  return verify(hash, message, options, signature) ? 1 : 0
}

function keyObject(spki: Uint8Array): KeyObject {
  const octets = Buffer.from(spki.buffer, spki.byteOffset, spki.byteLength)
  const name = octets.toString('latin1')
  let key = keys.get(name)
  if (key === undefined) {
    key = createPublicKey({ key: octets, format: 'der', type: 'spki' })
    if (keys.size >= KEYS) keys.clear()
    keys.set(name, key)
  }
  return key
}
