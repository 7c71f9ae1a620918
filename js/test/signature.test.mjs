// The arithmetic of the host: it is asked, it tells good from bad, and where it cannot tell the core does it.
import assert from 'node:assert/strict'
import { createPublicKey, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { verifyAccessToken } from 'credmint'
import { verifySignature } from '../dist/signature/node.js'
import { verifySignature as none } from '../dist/signature/none.js'
import { AUDIENCE, DATE, ES256, ISSUER, makeKey, RS256, sign as signToken } from './issuer.mjs'

const MESSAGE = Buffer.from('a message')

for (const [key, scheme] of [[ES256, 'ecdsa'], [RS256, 'rsa-pkcs1']]) {
  test(`a good and a bad signature, ${key.alg}`, async () => {
    const spki = createPublicKey({ key: key.jwk, format: 'jwk' }).export({ format: 'der', type: 'spki' })
    const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', key.privateKey))
    const options = { key: pkcs8, format: 'der', type: 'pkcs8', dsaEncoding: 'ieee-p1363' }
    const signature = sign('sha256', MESSAGE, options)
    assert.equal(verifySignature(scheme, 'sha256', spki, MESSAGE, signature), 1)
    assert.equal(verifySignature(scheme, 'sha384', spki, MESSAGE, signature), 0)
    assert.equal(verifySignature(scheme, 'sha256', spki, Buffer.from('another'), signature), 0)
    signature[5] ^= 1
    assert.equal(verifySignature(scheme, 'sha256', spki, MESSAGE, signature), 0)
    assert.equal(none(scheme, 'sha256', spki, MESSAGE, signature), 2)
  })
}

// The table that the native back ends pass. What is malformed never comes here: the core has refused it.
const SCHEMES = { RSA: 'rsa-pkcs1', 'RSA-PSS': 'rsa-pss', 'P-256': 'ecdsa', 'P-384': 'ecdsa', 'P-521': 'ecdsa', Ed25519: 'ed25519' }
const VECTORS = new URL('../../tests/vectors/signature/known-answers.json', import.meta.url)

test('the known answers', () => {
  const bytes = (text) => Buffer.from(text, 'base64')
  let asked = 0
  for (const { name, primitive, hash, key, message, signature, verdict } of JSON.parse(readFileSync(VECTORS, 'utf8'))) {
    if (!(primitive in SCHEMES) || hash === 'SHA-1' || !['good', 'bad'].includes(verdict)) continue
    const digest = hash?.replace('-', '').toLowerCase()
    const answer = verifySignature(SCHEMES[primitive], digest, bytes(key), bytes(message), bytes(signature))
    assert.equal(answer, verdict === 'good' ? 1 : 0, name)
    asked += 1
  }
  assert.ok(asked > 150, `${asked}`)
})

test('a key that it cannot read', () => {
  assert.throws(() => verifySignature('ecdsa', 'sha256', Buffer.from('no key'), MESSAGE, Buffer.alloc(64)))
})

test('more keys than it keeps', async () => {
  const { jwk, privateKey } = await makeKey('ES256', 'first')
  const options = { issuer: ISSUER, audience: AUDIENCE, now: DATE, keys: { keys: [jwk] } }
  const token = await signToken({ alg: 'ES256', kid: 'first', privateKey })
  for (let others = 0; others < 300; others += 1) {
    const { x, y, kty, crv } = (await makeKey('ES256', 'other')).jwk
    const key = createPublicKey({ key: { x, y, kty, crv }, format: 'jwk' })
    const spki = key.export({ format: 'der', type: 'spki' })
    assert.equal(verifySignature('ecdsa', 'sha256', spki, MESSAGE, Buffer.alloc(64, 1)), 0)
  }
  await verifyAccessToken(token, options)
})

test('every algorithm of the core', async () => {
  for (const alg of ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']) {
    const key = await makeKey(alg, alg)
    const twin = await makeKey(alg, alg)
    const options = { issuer: ISSUER, audience: AUDIENCE, now: DATE, keys: { keys: [key.jwk] } }
    await verifyAccessToken(await signToken(key), options)
    await assert.rejects(verifyAccessToken(await signToken(twin), options), { code: 'jws_signature_invalid' })
  }
})
