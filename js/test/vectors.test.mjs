// The vectors of a protected resource in this host: the same files, the same answers to the byte.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { suite, test } from 'node:test'
import { createKeySet, readBearerToken, verifyAccessToken } from 'credmint'

const read = (name) =>
  JSON.parse(readFileSync(new URL(`../../tests/vectors/guard/${name}.json`, import.meta.url), 'utf8'))

suite('a request', () => {
  for (const { name, rules, keys, now, authorization, expect } of read('requests')) {
    test(name, async () => {
      const date = new Date(now * 1000)
      const verdict = async () => {
        const token = await readBearerToken(authorization)
        return await verifyAccessToken(token, { ...rules, keys, now: date })
      }
      const said = await verdict().then(
        ({ subject, clientId, scope }) => ({ accept: { subject, client_id: clientId, scope: scope.join(' ') } }),
        ({ code, status, headers, body }) => ({ refuse: code, status, headers: { ...headers }, body }),
      )
      assert.deepEqual(said, expect)
    })
  }
})

/** Long enough for all that needs no network: the network of these tests answers when it is told to. */
const quiet = async () => {
  for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate)
}

/** A key server that answers when the timeline says so. */
function keyServer() {
  const server = { asked: [], answer: undefined, fetch }
  function fetch(url) {
    server.asked.push(url)
    return new Promise((resolve, reject) => {
      server.answer = (says) => (says === null ? reject(new Error('no route')) : resolve(response(says)))
    })
  }
  return server
}

function response({ status, content_type: type, content_encoding: coding, body, padded = 0 }) {
  const headers = new Headers()
  if (type !== null) headers.set('content-type', type)
  if (coding !== undefined) headers.set('content-encoding', coding)
  const bytes = new TextEncoder().encode(body.padEnd(padded))
  return new Response(status === 204 ? null : bytes, { status, headers })
}

const said = (verdict) =>
  verdict.then(
    ({ subject }) => ({ accept: subject }),
    ({ code }) => ({ refuse: code }),
  )

suite('keys over time', () => {
  for (const { name, rules, jwks_uri: jwksUri, steps } of read('timelines')) {
    test(name, async (t) => {
      t.mock.timers.enable({ apis: ['Date'] })
      const server = keyServer()
      const keys = createKeySet({ issuer: rules.issuer, jwksUri, fetch: server.fetch, timeoutSeconds: 60 })
      // Loads the core, which no step is to wait for.
      await verifyAccessToken('', { ...rules, keys: { keys: [] } }).catch(() => {})
      let waiting = []
      for (const [number, step] of steps.entries()) {
        const place = `step ${number}`
        t.mock.timers.setTime(step.at * 1000)
        if ('ask' in step) {
          const before = server.asked.length
          const verdict = said(verifyAccessToken(step.ask, { ...rules, keys }))
          const now = await Promise.race([verdict, quiet().then(() => ({ wait: true }))])
          assert.deepEqual(now, step.expect, place)
          assert.deepEqual(server.asked.slice(before), 'fetch' in step ? [step.fetch] : [], `${place}: what is fetched`)
          if ('wait' in now) waiting.push(verdict)
        } else {
          server.answer(step.answer)
          await quiet()
          const decided = await Promise.race([Promise.all(waiting), quiet().then(() => 'they still wait')])
          assert.deepEqual(decided, step.decides, place)
          waiting = []
        }
      }
    })
  }
})
