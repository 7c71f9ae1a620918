import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { before, test } from 'node:test'
import { jwtVerify, createLocalJWKSet } from 'jose'
import { CredmintError, CredmintUsageError, verifyAccessToken } from 'credmint'
import { AUDIENCE, ISSUER, NOW, claims, makeKey, now, part, sign, signText } from './tokens.mjs'

let ec, rsa, stranger, keys
before(async () => {
  ec = await makeKey('ES256', 'ec')
  rsa = await makeKey('RS256', 'rsa')
  stranger = await makeKey('ES256', 'ec')
  keys = { keys: [ec.jwk, rsa.jwk] }
})

const verify = (token, change = {}) =>
  verifyAccessToken(token, { issuer: ISSUER, audience: AUDIENCE, keys, now, ...change })

/** The code of the refusal. */
async function refused(token, change) {
  const error = await verify(token, change).then(
    () => assert.fail('accepted'),
    (error) => error,
  )
  assert(error instanceof CredmintError, String(error))
  return error.code
}

test('a good token of either algorithm is accepted', async () => {
  for (const key of [ec, rsa]) {
    const token = await sign(key)
    const proven = await verify(token, { scope: ['write'] })
    assert.equal(proven.subject, claims.sub)
    assert.equal(proven.clientId, 'app_orders')
    assert.deepEqual(proven.scope, ['read', 'write'])
    assert.equal(proven.audience, AUDIENCE)
    assert.equal(proven.issuer, ISSUER)
    assert.equal(proven.expires, NOW + 300)
    assert.equal(proven.issued, NOW - 10)
    assert.equal(proven.jti, '0b3c')
  }
})

test('what differs in one thing is refused for it', async () => {
  const check = async (code, change, header, options) =>
    assert.equal(await refused(await sign(ec, change, header), options), code, code)
  await check('issuer_wrong', { iss: ISSUER + '/' })
  await check('issuer_missing', { iss: undefined })
  await check('audience_wrong', { aud: 'other.example.com' })
  await check('audience_ambiguous', { aud: [AUDIENCE, 'other.example.com'] })
  await check('expired', { iat: NOW - 100, exp: NOW - 31 })
  await check('expiry_missing', { exp: undefined })
  await check('not_yet_valid', { nbf: NOW + 31 })
  await check('issued_in_future', { iat: NOW + 31 })
  await check('claims_malformed', { exp: String(NOW + 300) })
  await check('claims_malformed', { client_id: undefined })
  await check('type_wrong', {}, { typ: 'JWT' })
  await check('type_wrong', {}, { typ: undefined })
  await check('key_unknown', {}, { kid: 'gone' })
  await check('scope_insufficient', {}, {}, { scope: ['admin'] })
  await check('lifetime_too_long', {}, {}, { maxLifetimeSeconds: 60 })
})

test('forgeries are refused', async () => {
  const good = await sign(ec)
  const [header, payload, signature] = good.split('.')
  assert.equal(await refused(await sign(stranger)), 'jws_signature_invalid')
  const other = part({ ...claims, sub: 'app_admin' })
  assert.equal(await refused([header, other, signature].join('.')), 'jws_signature_invalid')
  const short = Buffer.from(signature, 'base64url').subarray(1).toString('base64url')
  assert.equal(await refused([header, payload, short].join('.')), 'signature_malformed')
  const none = part({ alg: 'none', typ: 'at+jwt', kid: 'ec' })
  assert.equal(await refused(`${none}.${payload}.`), 'jws_malformed')
  assert.equal(await refused(`${none}.${payload}.AAAA`), 'unsupported_algorithm')
  const hs256 = part({ alg: 'HS256', typ: 'at+jwt', kid: 'rsa' })
  const mac = createHmac('sha256', JSON.stringify(rsa.jwk)).update(`${hs256}.${payload}`)
  assert.equal(await refused(`${hs256}.${payload}.${mac.digest('base64url')}`), 'unsupported_algorithm')
  assert.equal(await refused(await sign(rsa, {}, { kid: 'ec' })), 'algorithm_not_allowed')
})

test('one text form alone is accepted', async () => {
  const good = await sign(ec)
  for (const token of ['', 'a', 'a.b', good + '=', ' ' + good, good + '\n', good.replace(/^[^.]*/, '')]) {
    assert.equal(await refused(token), 'jws_malformed', JSON.stringify(token))
  }
  // Four parts or five are an encrypted token.
  assert.equal(await refused(good + '.'), 'jws_encrypted')
  const twice = JSON.stringify(claims).replace('{', '{"su\\u0062":"app_admin",')
  assert.equal(await refused(await signText(ec, twice)), 'json_duplicate_member')
})

test('jose says yes to the good token and no to the bad ones, too', async () => {
  const options = { issuer: ISSUER, audience: AUDIENCE, typ: 'at+jwt', currentDate: now }
  const jose = (token) => jwtVerify(token, createLocalJWKSet(keys), options)
  await jose(await sign(ec))
  for (const [change, header] of [[{ iss: 'x' }], [{ aud: 'x' }], [{ exp: NOW - 60 }], [{}, { typ: 'JWT' }]]) {
    const token = await sign(ec, change, header)
    await assert.rejects(jose(token))
    await assert.rejects(verify(token), CredmintError)
  }
})

test('claims are frozen and have no prototype', async () => {
  const payload = JSON.stringify(claims).replace('{', '{"__proto__":{"admin":true},"nested":{"a":[1]},')
  const proven = await verify(await signText(ec, payload))
  assert.equal(Object.getPrototypeOf(proven.claims), null)
  assert.equal(proven.claims.admin, undefined)
  assert.deepEqual(Object.keys(proven.claims.__proto__), ['admin'])
  assert.equal({}.admin, undefined)
  for (const value of [proven, proven.scope, proven.claims, proven.claims.nested, proven.claims.nested.a]) {
    assert(Object.isFrozen(value))
  }
  assert.throws(() => (proven.claims.sub = 'x'), TypeError)
})

test('an error says what a client may hear, and more to the operator', async () => {
  const error = await verify(await sign(ec, { aud: 'other.example.com' })).catch((error) => error)
  assert.equal(error.publicCode, 'wrong_audience')
  assert.equal(error.status, 401)
  assert.equal(error.step, 'audience')
  assert.equal(error.fault, 'credential')
  assert.equal(error.expected, AUDIENCE)
  assert.equal(error.found, 'other.example.com')
  const header = error.wwwAuthenticate()
  assert.match(header, /^Bearer error="invalid_token", error_description="wrong_audience: [^"]+"$/)
  assert(!header.includes('other.example.com'))
  const scope = await verify(await sign(ec), { scope: ['admin'] }).catch((error) => error)
  assert.equal(scope.status, 403)
  assert.match(scope.wwwAuthenticate(), /error="insufficient_scope"/)
})

test('wrong arguments are no refusals', async () => {
  const token = await sign(ec)
  const check = (token, change) => assert.rejects(verify(token, change), CredmintUsageError, JSON.stringify(change))
  await check(undefined)
  await check(new String(token))
  await check('\ud800')
  await check(token, { issuer: undefined })
  await check(token, { issuer: '' })
  await check(token, { audience: undefined })
  await check(token, { audience: [AUDIENCE] })
  await check(token, { keys: undefined })
  await check(token, { keys: 'keys' })
  await check(token, { scope: 'read' })
  await check(token, { clockSkewSeconds: 3600 })
  await check(token, { now: NOW })
  await check(token, { now: new Date(NaN) })
})

test('a clock that cannot be right refuses', async () => {
  const token = await sign(ec)
  assert.equal(await refused(token, { now: new Date(0) }), 'clock_implausible')
  assert.equal(await refused(token, { now: new Date(NOW * 1000 * 1000) }), 'clock_implausible')
})

test('a set without usable keys is refused', async () => {
  const token = await sign(ec)
  assert.equal(await refused(token, { keys: { keys: [] } }), 'jwks_empty')
  assert.equal(await refused(token, { keys: { keys: [{ kty: 'oct', k: 'AAAA' }] } }), 'unsupported_key')
  assert.equal(await refused(token, { keys: {} }), 'jwks_malformed')
})

test('options are read once', async () => {
  let reads = 0
  const options = {
    issuer: ISSUER,
    keys,
    now,
    get audience() {
      reads += 1
      return AUDIENCE
    },
  }
  await verifyAccessToken(await sign(ec), options)
  assert.equal(reads, 1)
})
