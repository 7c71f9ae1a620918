import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { CredmintError, CredmintUsageError, createKeySet, verifyAccessToken } from 'credmint'
import { AUDIENCE, ISSUER, NOW, makeKey, sign } from './tokens.mjs'

let first, second
before(async () => {
  first = await makeKey('ES256', 'first')
  second = await makeKey('ES256', 'second')
})

/** An issuer behind `fetch`, whose keys and behaviour can be changed. */
function issuer() {
  const self = {
    keys: [first.jwk],
    requests: [],
    fails: false,
    answer: undefined,
    async fetch(url, options) {
      self.requests.push(url)
      self.options = options
      await new Promise((resolve) => setImmediate(resolve))
      if (self.fails) throw new TypeError('fetch failed')
      if (self.answer) return self.answer(url)
      const body = url.endsWith('/.well-known/openid-configuration')
        ? { issuer: ISSUER, jwks_uri: 'https://sts.example.com/jwks' }
        : { keys: self.keys }
      return new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json' } })
    },
  }
  return self
}

const at = (seconds) => new Date((NOW + seconds) * 1000)
const verify = (keys, token, seconds = 0) =>
  verifyAccessToken(token, { issuer: ISSUER, audience: AUDIENCE, keys, now: at(seconds) })

async function code(promise) {
  const error = await promise.then(() => assert.fail('accepted'), (error) => error)
  assert(error instanceof CredmintError, String(error))
  return error.code
}

test('discovery names the keys, and many calls share one fetch of each', async () => {
  const source = issuer()
  const keys = createKeySet({ issuer: ISSUER, fetch: source.fetch })
  const token = await sign(first)
  await Promise.all(Array.from({ length: 10 }, () => verify(keys, token)))
  assert.deepEqual(source.requests, [
    `${ISSUER}/.well-known/openid-configuration`,
    'https://sts.example.com/jwks',
  ])
  assert.equal(source.options.redirect, 'error')
  assert.equal(source.options.credentials, 'omit')
})

test('an address of the keys needs no discovery', async () => {
  const source = issuer()
  const keys = createKeySet({ issuer: ISSUER, jwksUri: 'https://keys.example.com/', fetch: source.fetch })
  await verify(keys, await sign(first))
  assert.deepEqual(source.requests, ['https://keys.example.com/'])
})

test('a rotation takes one fetch, unknown names no more than one each half minute', async () => {
  const source = issuer()
  const keys = createKeySet({ issuer: ISSUER, jwksUri: 'https://keys.example.com/', fetch: source.fetch })
  await verify(keys, await sign(first))
  source.keys = [second.jwk]
  const token = await sign(second)
  assert.equal(await code(verify(keys, token, 10)), 'key_unknown')
  await verify(keys, token, 40)
  assert.equal(source.requests.length, 2)
  const unknown = await sign(second, {}, { kid: 'invented' })
  for (let call = 0; call < 5; call++) assert.equal(await code(verify(keys, unknown, 41)), 'key_unknown')
  assert.equal(source.requests.length, 2)
})

test('a source that is down refuses as unavailable, and recovers', async () => {
  const source = issuer()
  source.fails = true
  const keys = createKeySet({ issuer: ISSUER, fetch: source.fetch })
  const token = await sign(first)
  const error = await verify(keys, token).catch((error) => error)
  assert.equal(error.code, 'keys_unavailable')
  assert.equal(error.status, 503)
  source.fails = false
  assert.equal(await code(verify(keys, token, 1)), 'keys_unavailable')
  await verify(keys, token, 20)
})

test('answers that are no key sets are failures of the source', async () => {
  const token = await sign(first)
  const check = async (answer) => {
    const source = issuer()
    source.answer = answer
    const keys = createKeySet({ issuer: ISSUER, jwksUri: 'https://keys.example.com/', fetch: source.fetch })
    assert.equal(await code(verify(keys, token)), 'keys_unavailable')
    assert.equal(source.requests.length, 1)
  }
  await check(() => new Response('{}'))
  await check(() => new Response('not JSON'))
  await check(() => new Response(JSON.stringify({ keys: [first.jwk] }), { status: 500 }))
  await check(() => new Response(' '.repeat(300_000) + JSON.stringify({ keys: [first.jwk] })))
})

test('the discovery document must be the issuer\'s own', async () => {
  const source = issuer()
  source.answer = () =>
    new Response(JSON.stringify({ issuer: ISSUER + '/', jwks_uri: 'https://evil.example.com/' }))
  const keys = createKeySet({ issuer: ISSUER, fetch: source.fetch })
  assert.equal(await code(verify(keys, await sign(first))), 'keys_unavailable')
  assert.equal(source.requests.length, 1)
})

test('keys of one issuer serve no other', async () => {
  const keys = createKeySet({ issuer: 'https://other.example.com', fetch: issuer().fetch })
  await assert.rejects(verify(keys, await sign(first)), CredmintUsageError)
})

test('wrong options are usage errors', () => {
  for (const options of [{}, { issuer: '' }, { issuer: 1 }, { issuer: ISSUER, jwksUri: 'http://x' }, { issuer: ISSUER, fetch: 1 }]) {
    assert.throws(() => createKeySet(options), CredmintUsageError, JSON.stringify(options))
  }
})
