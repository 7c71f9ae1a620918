// Options are read by the core, as policies and the filter's configuration are: each problem has a pointer and, when a known
// name is near, a hint.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { suite, test } from 'node:test'
import { createKeySet, CredmintError, CredmintUsageError, verifyAccessToken } from 'credmint'
import { AUDIENCE, DATE, ES256, ISSUER, JWKS, JWKS_URI, sign } from './issuer.mjs'

const vectors = async (name) =>
  JSON.parse(await readFile(new URL(`../../tests/vectors/${name}`, import.meta.url), 'utf8'))

const GOOD = {
  verification: { issuer: ISSUER, audience: AUDIENCE, keys: JWKS, scope: ['read'], now: DATE },
  key_set: { issuer: ISSUER, jwksUri: JWKS_URI },
}
const token = await sign(ES256)
const USE = {
  verification: (options) => verifyAccessToken(token, options),
  key_set: async (options) => createKeySet(options),
}

/** The problems of options; none when they are good. */
async function problems(which, options) {
  try {
    await USE[which](options)
    return []
  } catch (error) {
    assert(error instanceof CredmintUsageError, String(error))
    assert(!(error instanceof CredmintError))
    return error.problems
  }
}

/** The options with one member under another name. */
function renamed(options, member, written) {
  const { [member]: value, ...others } = options
  assert.notEqual(value, undefined, member)
  return Object.defineProperty(others, written, { value, enumerable: true })
}

suite('a misspelt option', async () => {
  for (const { name, member, written, pointer, hint, in: documents } of await vectors('documents/misspellings.json')) {
    for (const which of documents.filter((document) => document in USE)) {
      test(`${which}: ${name}`, async () => {
        const found = await problems(which, renamed(GOOD[which], member, written))
        const problem = found.find((one) => one.pointer === pointer)
        assert(problem !== undefined, JSON.stringify(found))
        assert.equal(problem.hint ?? null, hint)
      })
    }
  }

  test('and the good twins have no problem', async () => {
    for (const which of Object.keys(USE)) assert.deepEqual(await problems(which, GOOD[which]), [])
  })
})

suite('options that do not fit', () => {
  const cases = [
    ['verification', { audience: '' }, '/audience'],
    ['verification', { audience: 'a\u0000b' }, '/audience'],
    ['verification', { issuer: 'https://sts\u202e' }, '/issuer'],
    ['verification', { audience: 'a\ud800' }, '/audience'],
    ['verification', { audience: 7n }, '/audience'],
    ['verification', { audience: Symbol('a') }, '/audience'],
    ['verification', { audience: () => 'a' }, '/audience'],
    ['verification', { audience: { toJSON: () => 'a' } }, '/audience'],
    ['verification', { scope: ['read', ['write']] }, '/scope/1'],
    ['verification', { scope: ['read', 'a b'] }, '/scope/1'],
    ['verification', { scope: Object.assign(['a b'], { map: () => [] }) }, '/scope/0'],
    ['verification', { scope: ['read', , 'write'] }, '/scope/1'],
    ['verification', { scope: 'read  write' }, '/scope/1'],
    ['verification', { clockSkewSeconds: Number.NaN }, '/clockSkewSeconds'],
    ['verification', { clockSkewSeconds: 16.1 }, '/clockSkewSeconds'],
    ['verification', { maxLifetimeSeconds: 1e300 }, '/maxLifetimeSeconds'],
    ['verification', { keys: 'keys' }, '/keys'],
    ['verification', { now: '2027-01-15' }, '/now'],
    ['key_set', { issuer: 'http://sts.example.com' }, '/issuer'],
    ['key_set', { jwksUri: 'file:///etc/passwd' }, '/jwksUri'],
    ['key_set', { fetch: 'fetch' }, '/fetch'],
    ['key_set', { timeoutSeconds: 0 }, '/timeoutSeconds'],
    ['key_set', { timeoutSeconds: 60.5 }, '/timeoutSeconds'],
    ['key_set', { timeoutSeconds: Number.POSITIVE_INFINITY }, '/timeoutSeconds'],
  ]
  for (const [which, change, pointer] of cases) {
    test(`${which}: ${pointer} ${String(Object.values(change)[0])}`, async () => {
      const found = await problems(which, { ...GOOD[which], ...change })
      assert.deepEqual(found.map((problem) => problem.pointer), [pointer])
      assert(Object.isFrozen(found) && found.every(Object.isFrozen))
    })
  }

  test('all problems are told at once', async () => {
    const found = await problems('verification', { isuer: ISSUER, audience: [], scope: ['a b'], kesy: JWKS })
    assert.deepEqual(
      found.map(({ pointer, hint }) => [pointer, hint]),
      [['', undefined], ['/audience', undefined], ['/scope/0', undefined], ['', undefined], ['/isuer', 'issuer'], ['/kesy', 'keys']],
    )
  })

  test('a time limit of any fraction is one', async () => {
    for (const timeoutSeconds of [16.1, 0.05, 1e-9, 60, 4.35]) {
      const fetch = async () => Response.json(JWKS)
      const keys = createKeySet({ ...GOOD.key_set, fetch, timeoutSeconds })
      await verifyAccessToken(token, { ...GOOD.verification, keys }).catch((error) => {
        // A limit that short may have run out.
        assert.equal(error.code, 'keys_unavailable')
        assert.equal(error.cause.name, 'TimeoutError')
        assert(timeoutSeconds < 1)
      })
    }
  })
})

suite('the texts of a token', async () => {
  for (const { name, claim, text, guard } of await vectors('token-text/characters.json')) {
    test(name, async () => {
      const options = { ...GOOD.verification, scope: [] }
      const verdict = verifyAccessToken(await sign(ES256, { [claim]: text }), options)
      if (guard !== 'accept') return await assert.rejects(verdict, { name: 'CredmintError', code: guard })
      const { subject, clientId, jti, scope } = await verdict
      assert.equal({ sub: subject, client_id: clientId, jti, scope: scope.join(' ') }[claim], text)
    })
  }
})
