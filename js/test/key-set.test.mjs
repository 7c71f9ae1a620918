import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { createKeySet, CredmintUsageError, verifyAccessToken } from 'credmint'
import { AUDIENCE, DISCOVERY, ES256, ISSUER, JWKS, JWKS_URI, makeKey, NOW, sign } from './issuer.mjs'

const DOCUMENT = { issuer: ISSUER, jwks_uri: JWKS_URI }

/** A network whose answers may be changed, and which remembers what was asked. */
function network(answers = {}) {
  const asked = []
  const documents = { [DISCOVERY]: DOCUMENT, [JWKS_URI]: JWKS, ...answers }
  const fetch = async (url, options) => {
    asked.push({ url, options })
    const answer = documents[url]
    if (answer instanceof Error) throw answer
    return typeof answer === 'function' ? await answer(options) : Response.json(answer)
  }
  return { fetch, documents, urls: () => asked.map(({ url }) => url), asked }
}

async function verify(keys, { token, at = NOW } = {}) {
  return await verifyAccessToken(token ?? (await sign(ES256)), {
    issuer: ISSUER,
    audience: AUDIENCE,
    keys,
    now: new Date(at * 1000),
  })
}

async function refusal(keys, options) {
  return await verify(keys, options).then(assert.fail, (error) => error)
}

suite('fetching', () => {
  test('by discovery, once, when first needed', async () => {
    const { fetch, urls, asked } = network()
    const keys = createKeySet({ issuer: ISSUER, fetch })
    assert.equal(keys.issuer, ISSUER)
    assert.deepEqual(urls(), [])
    await verify(keys)
    await verify(keys)
    assert.deepEqual(urls(), [DISCOVERY, JWKS_URI])
    for (const { options } of asked) {
      assert.equal(options.redirect, 'manual')
      assert.equal(options.headers.accept, 'application/json, application/jwk-set+json')
      assert.equal(options.headers['accept-encoding'], 'identity')
      assert(options.signal instanceof AbortSignal)
    }
  })

  test('by address', async () => {
    const { fetch, urls } = network()
    await verify(createKeySet({ issuer: ISSUER, jwksUri: JWKS_URI, fetch }))
    assert.deepEqual(urls(), [JWKS_URI])
  })

  test('once for all who wait', async () => {
    const { fetch, urls } = network()
    const keys = createKeySet({ issuer: ISSUER, fetch })
    const token = await sign(ES256)
    const tokens = await Promise.all(Array.from({ length: 10 }, () => verify(keys, { token })))
    assert.equal(tokens.length, 10)
    assert.deepEqual(urls(), [DISCOVERY, JWKS_URI])
  })

  test('not for a token that no key can serve', async () => {
    const { fetch, urls } = network()
    const keys = createKeySet({ issuer: ISSUER, fetch })
    assert.equal((await refusal(keys, { token: 'a.b.c' })).code, 'jws_malformed')
    assert.equal((await refusal(keys, { token: await sign(ES256, {}, { kid: undefined }) })).code, 'key_unknown')
    assert.deepEqual(urls(), [])
  })

  test('again beside the verifications when the keys are getting old', async () => {
    const { fetch, urls } = network()
    const keys = createKeySet({ issuer: ISSUER, fetch })
    await verify(keys)
    await verify(keys, { at: NOW + 239 })
    assert.equal(urls().length, 2)
    await verify(keys, { at: NOW + 240 })
    assert.deepEqual(urls().slice(2), [JWKS_URI])
    await verify(keys, { at: NOW + 241 })
    assert.equal(urls().length, 3)
  })

  test('and a server that hangs makes no verification wait whose key is held', async (t) => {
    const alive = setInterval(() => {}, 1000)
    t.after(() => clearInterval(alive))
    const { fetch, documents, urls } = network()
    const keys = createKeySet({ issuer: ISSUER, jwksUri: JWKS_URI, fetch, timeoutSeconds: 60 })
    const token = await sign(ES256)
    await verify(keys, { token })
    documents[JWKS_URI] = () => new Promise(() => {})
    // Were one of them to wait, the test would not end.
    for (const age of [240, 299, 300, 599]) {
      await Promise.all(Array.from({ length: 50 }, () => verify(keys, { token, at: NOW + age })))
    }
    assert.equal(urls().length, 2, 'one fetch is under way, and no other begins')
  })
})

suite('rotation', () => {
  test('an unknown key is asked for once in the cool-down, then found', async () => {
    const next = await makeKey('ES256', 'next')
    const { fetch, documents, urls } = network()
    const keys = createKeySet({ issuer: ISSUER, jwksUri: JWKS_URI, fetch })
    await verify(keys)
    const token = await sign(next)
    assert.equal((await refusal(keys, { token, at: NOW + 29 })).code, 'key_unknown')
    assert.equal(urls().length, 1)
    assert.equal((await refusal(keys, { token, at: NOW + 31 })).code, 'key_unknown')
    assert.equal((await refusal(keys, { token, at: NOW + 32 })).code, 'key_unknown')
    assert.equal(urls().length, 2)
    documents[JWKS_URI] = { keys: [next.jwk] }
    await verify(keys, { token, at: NOW + 62 })
    assert.equal(urls().length, 3)
    assert.equal((await refusal(keys, { at: NOW + 63 })).code, 'key_unknown')
  })
})

suite('a source that is down', () => {
  test('is the environment\'s fault, told with its cause, and not asked at once again', async () => {
    const failure = new Error('no route')
    const { fetch, documents, urls } = network({ [DISCOVERY]: failure })
    const keys = createKeySet({ issuer: ISSUER, fetch })
    const error = await refusal(keys)
    assert.deepEqual([error.code, error.status, error.publicCode], ['keys_unavailable', 503, 'temporarily_unavailable'])
    assert.equal(error.cause, failure)
    assert.equal(error.wwwAuthenticate(), undefined)
    assert.equal(error.headers['retry-after'], '10')
    await refusal(keys, { at: NOW + 9 })
    assert.equal(urls().length, 1)
    documents[DISCOVERY] = DOCUMENT
    await verify(keys, { at: NOW + 11 })
  })

  test('leaves the keys of the last ten minutes', async () => {
    const { fetch, documents } = network()
    const keys = createKeySet({ issuer: ISSUER, jwksUri: JWKS_URI, fetch })
    await verify(keys)
    documents[JWKS_URI] = new Error('no route')
    await verify(keys, { at: NOW + 400 })
    assert.equal((await refusal(keys, { at: NOW + 601 })).code, 'keys_unavailable')
  })

  const REDIRECT = () => new Response(null, { status: 302, headers: { location: 'https://evil.example' } })
  const json = (body, more = {}) =>
    new Response(body, { headers: { 'content-type': 'application/json', ...more } })
  const ENDLESS = () => {
    const chunk = new Uint8Array(65_536).fill(0x20)
    return json(new ReadableStream({ pull: (controller) => controller.enqueue(chunk) }))
  }
  const cases = [
    ['a redirect', REDIRECT, /a redirect \(302\)/],
    ['a redirect that was followed', followed, /a redirect \(302\)/],
    ['a status', () => new Response('{}', { status: 500 }), /status 500/],
    ['no content', () => new Response(null, { status: 204 }), /status 204/],
    ['a page', () => new Response('{}', { headers: { 'content-type': 'text/html' } }), /media type is "text\/html"/],
    ['a content coding', () => json('{}', { 'content-encoding': 'gzip' }), /content coding/],
    ['a body that says it is large', () => json('{}', { 'content-length': '65537' }), /larger than 65536 bytes/],
    ['a body without end', ENDLESS, /larger than 65536 bytes/],
    ['another issuer', () => Response.json({ ...DOCUMENT, issuer: 'https://evil.example' }), /^discovery_issuer/],
    ['keys without TLS', () => Response.json({ ...DOCUMENT, jwks_uri: 'http://sts.example.com' }), /^discovery_malformed/],
    ['no JSON', () => json('<html>'), /^discovery_malformed/],
    ['an empty body', () => json(null), /^discovery_malformed/],
    ['no response', () => undefined, /status/],
  ]
  function followed() {
    return Object.defineProperty(Response.json(DOCUMENT), 'redirected', { value: true })
  }
  for (const [name, answer, cause] of cases) {
    test(`answers with ${name}`, async () => {
      const { fetch } = network({ [DISCOVERY]: answer })
      const error = await refusal(createKeySet({ issuer: ISSUER, fetch }))
      assert.equal(error.code, 'keys_unavailable')
      assert.match(error.cause.message, cause)
    })
  }

  test('never answers', async (t) => {
    // The timer of the time limit does not keep the process alive by itself.
    const alive = setInterval(() => {}, 1000)
    t.after(() => clearInterval(alive))
    for (const answer of [
      () => new Promise(() => {}),
      () => json(new ReadableStream({})),
      ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    ]) {
      const { fetch } = network({ [DISCOVERY]: answer })
      const error = await refusal(createKeySet({ issuer: ISSUER, fetch, timeoutSeconds: 0.05 }))
      assert.equal(error.code, 'keys_unavailable')
      assert.equal(error.cause.name, 'TimeoutError')
    }
  })

  test('or is lost with the request that began the fetch, timers and all', async (t) => {
    t.mock.method(AbortSignal, 'timeout', () => new AbortController().signal)
    const { fetch, documents } = network({ [DISCOVERY]: () => new Promise(() => {}) })
    const keys = createKeySet({ issuer: ISSUER, fetch, timeoutSeconds: 0.05 })
    const errors = await Promise.all([refusal(keys), refusal(keys)])
    for (const { code, cause } of errors) {
      assert.equal(code, 'keys_unavailable')
      assert.match(cause.message, /never ended/)
    }
    documents[DISCOVERY] = DOCUMENT
    await verify(keys, { at: NOW + 10 })
  })

  test('or answers with what is no key set', async () => {
    const { fetch } = network({ [JWKS_URI]: { keys: {} } })
    const error = await refusal(createKeySet({ issuer: ISSUER, fetch }))
    assert.equal(error.code, 'keys_unavailable')
    assert.equal(error.cause.code, 'jwks_malformed')
  })
})

suite('an empty key set', () => {
  test('withdraws all keys, and no 503 says to try again', async () => {
    const { fetch, documents } = network()
    const keys = createKeySet({ issuer: ISSUER, jwksUri: JWKS_URI, fetch })
    await verify(keys)
    documents[JWKS_URI] = { keys: [] }
    await verify(keys, { at: NOW + 240 })
    await new Promise(setImmediate)
    const error = await refusal(keys, { at: NOW + 241 })
    assert.deepEqual([error.code, error.status], ['key_unknown', 401])
  })
})

suite('callers of one key set whose clocks disagree', () => {
  test('get an answer all the same', async () => {
    const { fetch, urls } = network()
    const keys = createKeySet({ issuer: ISSUER, jwksUri: JWKS_URI, fetch })
    const far = NOW + 100_000
    const [near, late] = await Promise.allSettled([verify(keys), verify(keys, { at: far })])
    assert.equal(near.status, 'fulfilled')
    assert.equal(late.reason.code, 'expired')
    assert(urls().length <= 8)
  })
})

suite('wrong options', () => {
  for (const [name, options] of [
    ['none', undefined],
    ['no issuer', {}],
    ['http', { issuer: 'http://sts.example.com' }],
    ['no URL', { issuer: 'sts' }],
    ['with a user', { issuer: 'https://a:b@sts.example.com' }],
    ['with a fragment', { issuer: 'https://sts.example.com#' }],
    ['with a query', { issuer: 'https://sts.example.com?a' }],
    ['keys by http', { issuer: ISSUER, jwksUri: 'http://sts.example.com' }],
    ['keys in a file', { issuer: ISSUER, jwksUri: 'file:///etc/passwd' }],
    ['fetch that is none', { issuer: ISSUER, fetch: 'fetch' }],
    ['timeout of nothing', { issuer: ISSUER, timeoutSeconds: 0 }],
    ['timeout of minutes', { issuer: ISSUER, timeoutSeconds: 61 }],
    ['unknown', { issuer: ISSUER, jwksURI: JWKS_URI }],
  ]) {
    test(name, () => {
      assert.throws(() => createKeySet(options), CredmintUsageError)
    })
  }

  test('an address from a polluted prototype', () => {
    Object.prototype.jwksUri = 'https://attacker.example.com/jwks'
    try {
      assert.throws(() => createKeySet({ issuer: ISSUER }), CredmintUsageError)
      createKeySet({ issuer: ISSUER, jwksUri: JWKS_URI })
    } finally {
      delete Object.prototype.jwksUri
    }
  })

  test('keys of one issuer for tokens of another', async () => {
    const keys = createKeySet({ issuer: 'https://other.example.com', fetch: network().fetch })
    await assert.rejects(verify(keys), CredmintUsageError)
  })
})
