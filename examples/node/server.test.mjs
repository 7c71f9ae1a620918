// Runs the example as its README does, with the package of this repository and an issuer behind https.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { get } from 'node:http'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const { makeKey, sign } = await import('../../js/test/issuer.mjs')

let folder, issuer, service, key, origin, address
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'credmint-example-'))
  const certificate = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
    '-subj', '/CN=issuer', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', 'key.pem', '-out', 'ca.pem']
  execFileSync('openssl', certificate, { cwd: folder, stdio: 'ignore' })
  key = await makeKey('ES256', 'a')
  const read = (name) => readFileSync(join(folder, name))
  issuer = createServer({ key: read('key.pem'), cert: read('ca.pem') }, (request, response) => {
    const body = request.url === '/jwks' ? { keys: [key.jwk] } : { issuer: origin, jwks_uri: `${origin}/jwks` }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await once(issuer.listen(0, '127.0.0.1'), 'listening')
  origin = `https://127.0.0.1:${issuer.address().port}`
  for (const name of ['server.mjs', 'package.json']) cpSync(here(name), join(folder, name))
  const install = ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', here('../../js')]
  execFileSync('npm', install, { cwd: folder, stdio: 'ignore' })
  service = spawn(process.execPath, ['server.mjs'], {
    cwd: folder,
    env: { ...process.env, ISSUER: origin, AUDIENCE: 'api.example.com', PORT: '0', NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [line] = await once(service.stdout, 'data')
  address = `http://127.0.0.1:${/\d+/.exec(String(line))[0]}/`
})
after(() => {
  service?.kill()
  issuer?.close()
  rmSync(folder, { recursive: true })
})

const now = Math.floor(Date.now() / 1000)
const token = (change) => sign(key, { iss: origin, iat: now, exp: now + 300, ...change })
const ask = (headers) => fetch(address, { headers })

test('a token for the service is answered', async () => {
  const answer = await ask({ authorization: `Bearer ${await token()}` })
  assert.equal(answer.status, 200)
  assert.deepEqual(await answer.json(), { subject: 'app_orders', scope: ['read', 'write'] })
})

test('everything else is refused with the reason', async () => {
  const check = async (headers, status, reason) => {
    const answer = await ask(headers)
    assert.equal(answer.status, status)
    assert.match(answer.headers.get('www-authenticate'), reason)
  }
  await check({}, 401, /^Bearer$/)
  await check({ authorization: 'Basic YTpi' }, 400, /authorization_malformed|invalid_request/)
  const with_ = async (change) => ({ authorization: `Bearer ${await token(change)}` })
  await check(await with_({ aud: 'other.example.com' }), 401, /wrong_audience/)
  await check(await with_({ iat: now - 900, exp: now - 600 }), 401, /expired/)
  await check(await with_({ scope: 'write' }), 403, /insufficient_scope.*scope="read"/)
})

test('of two Authorization fields neither is taken', async () => {
  const authorization = [`Bearer ${await token()}`, 'Bearer x']
  const asking = get(address, { headers: { authorization } })
  const [answer] = await once(asking, 'response')
  answer.resume()
  assert.equal(answer.statusCode, 400)
})
