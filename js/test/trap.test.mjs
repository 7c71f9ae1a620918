// The core does not trap. If it ever does, its memory may be in any state: the next call must find a fresh instance.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createKeySet, verifyAccessToken } from 'credmint'
import { call } from '../dist/core/instance.js'
import { Keys } from '../dist/wasm/credmint_module.js'
import { AUDIENCE, DATE, ES256, ISSUER, JWKS, JWKS_URI, sign } from './issuer.mjs'

/** Uses what is freed, which wasm-bindgen answers with a throw out of the middle of the core. */
function breakCore() {
  const keys = Keys.fromOptions(JSON.stringify({ issuer: ISSUER, jwksUri: JWKS_URI }))
  keys.free()
  return keys.failed(0)
}

test('a broken instance fails one call and is replaced', async () => {
  let fetches = 0
  const fetch = async () => {
    fetches += 1
    return Response.json(JWKS)
  }
  const options = { issuer: ISSUER, audience: AUDIENCE, now: DATE }
  const given = { ...options, keys: { keys: JWKS.keys } }
  const fetched = { ...options, keys: createKeySet({ issuer: ISSUER, jwksUri: JWKS_URI, fetch }) }
  const token = await sign(ES256)
  await verifyAccessToken(token, given)
  await verifyAccessToken(token, fetched)

  assert.throws(
    () => call(breakCore),
    (error) => {
      assert.deepEqual([error.name, error.code, error.fault], ['CredmintError', 'internal_error', 'bug'])
      assert.deepEqual([error.status, error.wwwAuthenticate()], [500, undefined])
      assert(error.cause instanceof Error)
      return true
    },
  )

  await verifyAccessToken(token, given)
  await verifyAccessToken(token, fetched)
  assert.equal(fetches, 2)
})
