import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { CredmintUsageError, readPolicyBundle } from 'credmint'

// Members in the order of their names: this is the canonical text.
const POLICY = {
  clients: {},
  issuer: 'https://sts.example.com',
  providers: {},
  resources: { 'api.example.com': { scopes: ['read', 'write'] } },
  version: 1,
}

const hash = (policy) => `sha256:${createHash('sha256').update(JSON.stringify(policy)).digest('hex')}`
const bundle = (policy, change = {}) => JSON.stringify({ bundle: 1, hash: hash(policy), policy, ...change })

test('a bundle says who issues and what resources know', async () => {
  const read = await readPolicyBundle(bundle(POLICY))
  assert.equal(read.issuer, 'https://sts.example.com')
  assert.equal(read.hash, hash(POLICY))
  assert.deepEqual(read.resources['api.example.com'], ['read', 'write'])
  assert.equal(read.resources.toString, undefined)
  assert.ok(Object.isFrozen(read) && Object.isFrozen(read.resources))
})

test('what was changed, is not good or is no bundle is an error', async () => {
  for (const bad of [
    '',
    '{}',
    JSON.stringify(POLICY),
    bundle(POLICY, { hash: hash({}) }),
    bundle(POLICY, { more: 1 }),
    bundle({ ...POLICY, version: 2 }),
    bundle(POLICY).replace('write', 'admin'),
  ]) {
    await assert.rejects(() => readPolicyBundle(bad), CredmintUsageError, bad)
  }
})
