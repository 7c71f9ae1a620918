import { constants, createPublicKey, verify, type KeyObject } from 'node:crypto'
import type { VerifySignature } from './verify.js'

/** Keys by their bytes. A key set has a few; more than this many at a time are made anew. */
const keys = new Map<string, KeyObject>()
const KEYS = 256

/** Verifies with OpenSSL. */
export const verifySignature: VerifySignature = (scheme, hash, key, message, signature) => {
  const options = { ...OPTIONS[scheme], key: keyObject(key) }
  return verify(hash, message, options, signature) ? 1 : 0
}

/** What a scheme adds to the type of its key. MGF1 takes the hash of the message unless it is given another. */
const OPTIONS = {
  'rsa-pkcs1': { padding: constants.RSA_PKCS1_PADDING },
  'rsa-pss': { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
  ecdsa: { dsaEncoding: 'ieee-p1363' as const },
  ed25519: {},
}

function keyObject(spki: Uint8Array): KeyObject {
  const bytes = Buffer.from(spki.buffer, spki.byteOffset, spki.byteLength)
  const name = bytes.toString('latin1')
  let key = keys.get(name)
  if (key === undefined) {
    key = createPublicKey({ key: bytes, format: 'der', type: 'spki' })
    if (keys.size >= KEYS) keys.clear()
    keys.set(name, key)
  }
  return key
}
