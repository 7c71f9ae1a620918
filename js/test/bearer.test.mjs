import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CredmintUsageError, readBearerToken, verifyAccessToken } from 'credmint'
import { AUDIENCE, ISSUER, JWKS } from './issuer.mjs'

const refused = (code) => ({ name: 'CredmintError', code })

test('one field with one token', async () => {
  assert.equal(await readBearerToken('Bearer a.b.c'), 'a.b.c')
  assert.equal(await readBearerToken(['bearer a.b.c']), 'a.b.c')
})

test('no field: a bare challenge', async () => {
  for (const nothing of [undefined, null, []]) {
    const error = await readBearerToken(nothing).then(assert.fail, (error) => error)
    assert.deepEqual([error.code, error.status, error.wwwAuthenticate()], ['token_missing', 401, 'Bearer'])
  }
})

test('anything else is malformed', async () => {
  for (const wrong of [
    '', 'Bearer', 'Bearer ', 'Bearer  a', 'Bearer a b', 'Bearer a, Bearer b', 'Basic a', 'Bearer\ta',
    'Bearer a\r\nx: y', 'Bearer \ud800', ['Bearer a', 'Bearer b'],
  ]) {
    const error = await readBearerToken(wrong).then(assert.fail, (error) => error)
    assert.deepEqual([error.code, error.status], ['authorization_malformed', 400], JSON.stringify(wrong))
  }
})

test('a field that is too long stays so', async () => {
  const token = await readBearerToken(`Bearer ${'a'.repeat(10_000_000)}`)
  await assert.rejects(
    verifyAccessToken(token, { issuer: ISSUER, audience: AUDIENCE, keys: JWKS }),
    refused('token_too_large'),
  )
})

test('no text at all is the caller\'s mistake', async () => {
  for (const wrong of [1, {}, [undefined], new Headers()]) {
    await assert.rejects(readBearerToken(wrong), CredmintUsageError)
  }
})
