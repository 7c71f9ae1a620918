// One verification, in microseconds: this package, jose with the same demands, and the signature alone. `npm run bench`.
import { createPublicKey, verify as verifyRaw } from 'node:crypto'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { verifyAccessToken } from 'credmint'
import { AUDIENCE, DATE, ES256, ISSUER, JWKS, RS256, sign } from '../test/issuer.mjs'

const ROUNDS = 9
const CALLS = 1000

const options = { issuer: ISSUER, audience: AUDIENCE, keys: JWKS, now: DATE, scope: 'read' }
const jwks = createLocalJWKSet(JWKS)
const demands = { issuer: ISSUER, audience: AUDIENCE, typ: 'at+jwt', currentDate: DATE }

for (const key of [RS256, ES256]) {
  const token = await sign(key)
  const dot = token.lastIndexOf('.')
  const input = Buffer.from(token.slice(0, dot))
  const signature = Buffer.from(token.slice(dot + 1), 'base64url')
  const publicKey = createPublicKey({ key: key.jwk, format: 'jwk' })
  const subjects = {
    'crypto.verify': () => verifyRaw('sha256', input, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature),
    credmint: () => verifyAccessToken(token, options),
    jose: () => jwtVerify(token, jwks, demands),
  }
  // Turn by turn, so that a slow moment of the machine hits all of them.
  const times = Object.fromEntries(Object.keys(subjects).map((name) => [name, []]))
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, subject] of Object.entries(subjects)) times[name].push(await time(subject))
  }
  for (const [name, taken] of Object.entries(times)) {
    const [least, median, most] = [0, ROUNDS >> 1, ROUNDS - 1].map((at) => taken.toSorted((a, b) => a - b)[at])
    console.log(`${key.alg} ${name.padEnd(14)} ${format(median)} µs (${format(least)} to ${format(most)})`)
  }
}

async function time(subject) {
  const start = process.hrtime.bigint()
  for (let call = 0; call < CALLS; call += 1) await subject()
  return Number(process.hrtime.bigint() - start) / 1000 / CALLS
}

function format(microseconds) {
  return microseconds.toFixed(1).padStart(6)
}
