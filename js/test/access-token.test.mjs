import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { suite, test } from 'node:test'
import { createLocalJWKSet, exportSPKI, importJWK, jwtVerify } from 'jose'
import { CredmintError, CredmintUsageError, verifyAccessToken } from 'credmint'
import {
  AUDIENCE, base64url, CLAIMS, DATE, ES256, ISSUER, JWKS, makeKey, NOW, RS256, sign, signTexts,
} from './issuer.mjs'

const OPTIONS = { issuer: ISSUER, audience: AUDIENCE, keys: JWKS, now: DATE }

/** `expect` is a code, or nothing for a token that is accepted. */
async function check(token, expect, options = {}) {
  const verdict = verifyAccessToken(token, { ...OPTIONS, ...options })
  if (expect === undefined) return await verdict
  await assert.rejects(verdict, (error) => {
    assert(error instanceof CredmintError, String(error))
    assert.equal(error.code, expect)
    return true
  })
}

async function refusal(token, options = {}) {
  return await verifyAccessToken(token, { ...OPTIONS, ...options }).then(assert.fail, (error) => error)
}

suite('a good token', () => {
  for (const key of [ES256, RS256]) {
    test(`is accepted with ${key.alg}`, async () => {
      const token = await check(await sign(key), undefined, { scope: 'write' })
      assert.deepEqual({ ...token, claims: { ...token.claims } }, {
        subject: 'app_orders',
        clientId: 'app_orders',
        scope: ['read', 'write'],
        audience: AUDIENCE,
        issuer: ISSUER,
        expires: NOW + 3590,
        issued: NOW - 10,
        jti: '0001',
        claims: CLAIMS,
      })
    })
  }

  test('is frozen with everything in it, and no claim reaches a prototype', async () => {
    const payload = JSON.stringify(CLAIMS).replace(
      '{',
      '{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}},"list":[{"a":1.5}],',
    )
    const header = JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid: 'es' })
    const token = await check(await signTexts(ES256, header, payload))
    const { claims } = token
    for (const part of [token, token.scope, claims, claims.list, claims.list[0], claims.__proto__]) {
      assert(Object.isFrozen(part))
    }
    assert.equal(Object.getPrototypeOf(claims), null)
    assert.equal(Object.getPrototypeOf(claims.list[0]), null)
    assert.equal(claims.list[0].a, 1.5)
    assert.equal(claims.admin, undefined)
    assert.deepEqual(Object.keys(claims.__proto__), ['admin'])
    assert.equal({}.admin, undefined)
    assert.throws(() => {
      claims.sub = 'somebody'
    }, TypeError)
  })
})

suite('an integer that no number holds', () => {
  const of = async (text) => {
    const payload = JSON.stringify(CLAIMS).replace('{', `{"account":${text},"list":[{"deep":[1,${text}]}],`)
    const token = await check(await signTexts(ES256, JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid: 'es' }), payload))
    return token.claims
  }

  test('is its digits, and becomes no number', async () => {
    for (const digits of ['9007199254740993', '-9007199254740993', '18446744073709551617']) {
      const claims = await of(digits)
      for (const marker of [claims.account, claims.list[0].deep[1]]) {
        assert.equal(marker.digits, digits)
        assert.equal(BigInt(marker.digits).toString(), digits)
        assert(Object.isFrozen(marker))
        const reads = [
          () => Number(marker), () => +marker, () => marker + 1, () => `${marker}`, () => String(marker), () => marker < 1,
          () => marker == 1, () => marker.valueOf(), () => marker.toString(), () => JSON.stringify(marker),
          () => structuredClone(marker), () => BigInt(marker),
        ]
        for (const read of reads) assert.throws(read, String(read))
      }
      assert.throws(() => JSON.stringify(claims), TypeError)
      assert.throws(() => structuredClone(claims))
      assert.equal(claims.list[0].deep[0], 1)
    }
  })

  test('has twins that are numbers and texts', async () => {
    assert.equal((await of('9007199254740991')).account, 9007199254740991)
    assert.equal((await of('"9007199254740993"')).account, '9007199254740993')
    assert.deepEqual(Object.keys((await of('{"digits":"1"}')).account), ['digits'])
    const header = JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid: 'es' })
    for (const text of ['1e16', '9007199254740993.0', '{"\\u0000":"7"}']) {
      const payload = JSON.stringify(CLAIMS).replace('{', `{"account":${text},`)
      const code = text.startsWith('{') ? 'json_malformed' : 'json_number'
      await check(await signTexts(ES256, header, payload), code)
    }
  })
})

// Each differs from the good token in one respect. Where jose has the rule too, it must refuse as well.
suite('a token with one thing wrong', () => {
  const other = makeKey('ES256', 'es')
  const cases = [
    ['issuer', { iss: 'https://sts.example.com/oauth2/' }, {}, 'issuer_wrong'],
    ['no issuer', { iss: undefined }, {}, 'issuer_missing'],
    ['audience', { aud: 'other.example.com' }, {}, 'audience_wrong'],
    ['no audience', { aud: undefined }, {}, 'audience_missing'],
    ['type of another kind', {}, { typ: 'JWT' }, 'type_wrong'],
    ['no type', {}, { typ: undefined }, 'type_wrong'],
    ['expired', { iat: NOW - 100, exp: NOW - 31 }, {}, 'expired'],
    ['no expiry', { exp: undefined }, {}, 'expiry_missing'],
    ['not yet valid', { nbf: NOW + 31 }, {}, 'not_yet_valid'],
    ['issued in the future', { iat: NOW + 31 }, {}, 'issued_in_future', { joseAccepts: true }],
    ['too long a life', { exp: NOW + 86_400 }, {}, 'lifetime_too_long', { joseAccepts: true }],
    ['no subject', { sub: undefined }, {}, 'claims_malformed'],
    ['no client', { client_id: undefined }, {}, 'claims_malformed'],
    ['no jti', { jti: undefined }, {}, 'jti_missing'],
    ['two audiences', { aud: [AUDIENCE, 'other'] }, {}, 'audience_ambiguous', { joseAccepts: true }],
    ['scope that is a list', { scope: ['read'] }, {}, 'claims_malformed', { joseAccepts: true }],
    ['unknown key', {}, { kid: 'gone' }, 'key_unknown'],
    ['no key named', {}, { kid: undefined }, 'key_unknown', { joseAccepts: true }],
  ]
  for (const [name, claims, header, code, { joseAccepts = false } = {}] of cases) {
    test(name, async () => {
      const token = await sign(ES256, claims, header)
      await check(token, code)
      const verdict = await joseVerdict(token)
      assert.equal(verdict, joseAccepts, 'jose')
    })
  }

  test('names of the resource: one of them, and no other', async () => {
    const audience = [AUDIENCE, 'https://api.example.com/v1']
    const of = async (aud) => verifyAccessToken(await sign(ES256, { aud }), { ...OPTIONS, audience })
    for (const name of audience) assert.equal((await of(name)).audience, name)
    await assert.rejects(of('https://api.example.com/v1/'), { code: 'audience_wrong' })
    await assert.rejects(of(audience), { code: 'audience_ambiguous' })
  })

  test('and the good twin is accepted by both', async () => {
    for (const key of [ES256, RS256]) {
      const token = await sign(key)
      await check(token)
      assert.equal(await joseVerdict(token), true)
    }
  })

  test('times within the skew', async () => {
    const late = await sign(ES256, { iat: NOW - 100, exp: NOW - 29 })
    await check(late)
    await check(late, 'expired', { clockSkewSeconds: 0 })
    await check(await sign(ES256, { nbf: NOW + 30 }))
    await check(await sign(ES256), 'lifetime_too_long', { maxLifetimeSeconds: 600 })
  })

  test('signed by another key of that name', async () => {
    const token = await sign(await other)
    await check(token, 'jws_signature_invalid')
    assert.equal(await joseVerdict(token), false)
  })

  test('signature changed or cut', async () => {
    const token = await sign(ES256)
    const [header, payload, signature] = token.split('.')
    const bytes = Buffer.from(signature, 'base64url')
    bytes[10] ^= 1
    await check(`${header}.${payload}.${base64url(bytes)}`, 'jws_signature_invalid')
    await check(`${header}.${payload}.${base64url(bytes.subarray(0, 63))}`, 'signature_malformed')
    await check(`${header}.${payload}.`, 'jws_malformed')
    await check(`${header}.${payload}.${base64url(Buffer.alloc(64))}`, 'signature_malformed')
  })

  test('payload changed', async () => {
    const [header, , signature] = (await sign(ES256)).split('.')
    const payload = base64url(JSON.stringify({ ...CLAIMS, sub: 'admin' }))
    await check(`${header}.${payload}.${signature}`, 'jws_signature_invalid')
  })

  test('alg none, in every spelling', async () => {
    const [, payload, signature] = (await sign(ES256)).split('.')
    for (const alg of ['none', 'None', 'NONE', 'nOnE']) {
      const header = base64url(JSON.stringify({ alg, typ: 'at+jwt', kid: 'es' }))
      await check(`${header}.${payload}.${signature}`, 'unsupported_algorithm')
      await check(`${header}.${payload}.`, 'jws_malformed')
    }
  })

  test('HS256 with the public key as the secret', async () => {
    const secret = await exportSPKI(await importJWK(RS256.jwk, 'RS256'))
    const header = base64url(JSON.stringify({ alg: 'HS256', typ: 'at+jwt', kid: 'rs' }))
    const input = `${header}.${base64url(JSON.stringify(CLAIMS))}`
    const signature = createHmac('sha256', secret).update(input).digest('base64url')
    await check(`${input}.${signature}`, 'unsupported_algorithm')
  })

  test('an algorithm that is not the key\'s', async () => {
    await check(await sign(ES256, {}, { kid: 'rs' }), 'algorithm_not_allowed')
  })

  test('members twice', async () => {
    const header = '{"alg":"ES256","typ":"at+jwt","kid":"es"}'
    const claims = JSON.stringify(CLAIMS)
    const twice = claims.replace('{', '{"sub":"admin",')
    await check(await signTexts(ES256, header, claims))
    await check(await signTexts(ES256, header, twice), 'json_duplicate_member')
    await check(await signTexts(ES256, header.replace('{', '{"kid":"x",'), claims), 'json_duplicate_member')
  })

  test('scope', async () => {
    const token = await sign(ES256)
    for (const scope of ['read', 'write read', ['read', 'write'], [], undefined]) {
      await check(token, undefined, { scope })
    }
    for (const scope of ['admin', 'read admin', ['read', 'admin'], ['Read']]) {
      await check(token, 'scope_insufficient', { scope })
    }
    await check(await sign(ES256, { scope: undefined }), 'scope_insufficient', { scope: 'read' })
    await check(await sign(ES256, { scope: undefined }))
  })

  test('size and form', async () => {
    const token = await sign(ES256)
    await check(`${'a'.repeat(16_385)}`, 'token_too_large')
    await check('a'.repeat(50_000_000), 'token_too_large')
    const around = [`${token}=`, ` ${token}`, `${token}\n`, `${token}\ud800`, `\udc00${token}`]
    for (const wrong of ['', '.', 'a.b', ...around]) {
      await check(wrong, 'jws_malformed')
    }
    await check(`${token}.a.b`, 'jws_encrypted')
  })
})

async function joseVerdict(token) {
  return await jwtVerify(token, createLocalJWKSet(JWKS), {
    issuer: ISSUER,
    audience: AUDIENCE,
    typ: 'at+jwt',
    clockTolerance: 30,
    currentDate: DATE,
    requiredClaims: ['exp', 'sub', 'client_id', 'jti'],
  }).then(
    () => true,
    () => false,
  )
}

suite('the clock', () => {
  test('is the host\'s when none is given', async () => {
    const seconds = Math.floor(Date.now() / 1000)
    const token = await sign(ES256, { iat: seconds - 1, exp: seconds + 60 })
    await check(token, undefined, { now: undefined })
    await check(await sign(ES256, { iat: seconds - 120, exp: seconds - 60 }), 'expired', { now: undefined })
  })

  test('is refused when it shows milliseconds for seconds, or was never set', async () => {
    const token = await sign(ES256)
    await check(token, 'clock_implausible', { now: new Date(NOW * 1000 * 1000) })
    await check(token, 'clock_implausible', { now: new Date(0) })
    await assert.rejects(verifyAccessToken(token, { ...OPTIONS, now: Date.now() }), CredmintUsageError)
  })
})

suite('the refusal', () => {
  test('tells the caller little and the operator much', async () => {
    const error = await refusal(await sign(ES256, { aud: 'somebody.example' }))
    assert(error instanceof Error)
    assert.equal(error.name, 'CredmintError')
    assert.equal(error.step, 'audience')
    assert.equal(error.fault, 'credential')
    assert.equal(error.publicCode, 'wrong_audience')
    assert.equal(error.status, 401)
    assert.match(error.message, /^audience_wrong: .*api\.example\.com/)
    assert.equal(
      error.wwwAuthenticate(),
      `Bearer error="invalid_token", error_description="wrong_audience: ${error.publicMessage}"`,
    )
    assert.match(error.message, /somebody\.example/)
    assert.doesNotMatch(error.publicMessage, /example/)
  })

  test('names the scope that is needed', async () => {
    const error = await refusal(await sign(ES256), { scope: ['read', 'admin'] })
    assert.equal(error.status, 403)
    assert.match(error.wwwAuthenticate(), /^Bearer error="insufficient_scope", .*, scope="read admin"$/)
    assert.equal(error.expected, 'admin')
  })

  test('cannot carry a header of the caller\'s making', async () => {
    const token = await signTexts(ES256, '{"alg":"ES256","typ":"at+jwt","kid":"a\\r\\nx: y\\""}', '{}')
    const error = await refusal(token)
    assert.equal(error.code, 'key_unknown')
    assert.doesNotMatch(error.message + error.wwwAuthenticate(), /[\r\n]/)
  })
})

suite('wrong arguments', () => {
  const cases = [
    ['no options', undefined],
    ['no issuer', { ...OPTIONS, issuer: undefined }],
    ['empty issuer', { ...OPTIONS, issuer: '' }],
    ['a list of issuers', { ...OPTIONS, issuer: [ISSUER] }],
    ['no audience', { ...OPTIONS, audience: undefined }],
    ['an empty list of audiences', { ...OPTIONS, audience: [] }],
    ['a list of audiences and a number', { ...OPTIONS, audience: [AUDIENCE, 7] }],
    ['lone surrogate', { ...OPTIONS, audience: 'a\ud800' }],
    ['unknown option', { ...OPTIONS, scopes: ['read'] }],
    ['inherited options', Object.create(OPTIONS)],
    ['empty scope', { ...OPTIONS, scope: '' }],
    ['scope with two spaces', { ...OPTIONS, scope: 'read  write' }],
    ['scope of numbers', { ...OPTIONS, scope: [1] }],
    ['scope with a quote', { ...OPTIONS, scope: 'a"b' }],
    ['scope null', { ...OPTIONS, scope: null }],
    ['skew too large', { ...OPTIONS, clockSkewSeconds: 121 }],
    ['skew negative', { ...OPTIONS, clockSkewSeconds: -1 }],
    ['skew of a half', { ...OPTIONS, clockSkewSeconds: 0.5 }],
    ['skew as text', { ...OPTIONS, clockSkewSeconds: '30' }],
    ['skew that is no number', { ...OPTIONS, clockSkewSeconds: Number.NaN }],
    ['no lifetime', { ...OPTIONS, maxLifetimeSeconds: 0 }],
    ['time as text', { ...OPTIONS, now: '2027-01-15' }],
    ['invalid time', { ...OPTIONS, now: new Date(Number.NaN) }],
    ['something like a time', { ...OPTIONS, now: { getTime: () => NOW * 1000 } }],
    ['no keys', { ...OPTIONS, keys: undefined }],
    ['keys as text', { ...OPTIONS, keys: JSON.stringify(JWKS) }],
    ['keys as a list', { ...OPTIONS, keys: JWKS.keys }],
    ['something like a key set', { ...OPTIONS, keys: { issuer: ISSUER } }],
  ]
  for (const [name, options] of cases) {
    test(name, async () => {
      await assert.rejects(verifyAccessToken(await sign(ES256), options), (error) => {
        assert(error instanceof CredmintUsageError, String(error))
        assert(!(error instanceof CredmintError))
        return true
      })
    })
  }

  test('a token that is no string', async () => {
    for (const token of [undefined, null, 1, {}, new String(await sign(ES256)), Buffer.from('a.b.c')]) {
      await assert.rejects(verifyAccessToken(token, OPTIONS), CredmintUsageError)
    }
  })
})

suite('what a caller could change', () => {
  test('options are read once', async () => {
    const reads = {}
    const options = {}
    for (const [name, value] of Object.entries({ ...OPTIONS, scope: ['read'] })) {
      Object.defineProperty(options, name, {
        enumerable: true,
        get() {
          reads[name] = (reads[name] ?? 0) + 1
          return reads[name] === 1 ? value : undefined
        },
      })
    }
    await verifyAccessToken(await sign(ES256), options)
    assert.deepEqual(new Set(Object.values(reads)), new Set([1]))
  })

  test('options changed while the call is under way change nothing', async () => {
    const options = { ...OPTIONS, scope: ['admin'] }
    const verdict = verifyAccessToken(await sign(ES256), options)
    options.scope.length = 0
    options.audience = 'other'
    await assert.rejects(verdict, { code: 'scope_insufficient' })
  })
})

suite('a JWK set', () => {
  test('is read once an object', async () => {
    let reads = 0
    const keys = { get keys() { reads += 1; return JWKS.keys } }
    const token = await sign(ES256)
    await check(token, undefined, { keys })
    await check(token, undefined, { keys })
    assert.equal(reads, 1)
  })

  test('with nothing of use is the fault of the keys', async () => {
    const error = await refusal(await sign(ES256), { keys: { keys: [] } })
    assert.deepEqual([error.code, error.fault, error.status], ['jwks_empty', 'keys', 503])
    assert.equal(error.wwwAuthenticate(), undefined)
    await check(await sign(ES256), 'jwks_too_large', { keys: { keys: [{ kid: 'a'.repeat(300_000) }] } })
    const { jwk: other } = await makeKey('ES256', 'es')
    await check(await sign(ES256), 'jwks_duplicate_kid', { keys: { keys: [ES256.jwk, other] } })
    // The same key twice is one key.
    await check(await sign(ES256), undefined, { keys: { keys: [ES256.jwk, ES256.jwk] } })
  })

  test('with a private key is refused', async () => {
    const { exportJWK } = await import('jose')
    const jwk = { ...(await exportJWK(ES256.privateKey)), kid: 'es' }
    const error = await refusal(await sign(ES256), { keys: { keys: [jwk] } })
    assert.equal(error.fault, 'keys')
    assert(!error.message.includes(jwk.d))
  })
})
