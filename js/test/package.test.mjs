// What is shipped: these files and no others, and they work where nothing else is.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { publint } from 'publint'
import { AUDIENCE, DATE, ES256, ISSUER, JWKS, sign } from './issuer.mjs'

const run = promisify(execFile)
const PACKAGE = fileURLToPath(new URL('../', import.meta.url))
const MANIFEST = JSON.parse(await readFile(join(PACKAGE, 'package.json'), 'utf8'))

const ALLOWED = [
  /^package\.json$/,
  /^README\.md$/,
  /^LICENSE-(APACHE|MIT)$/,
  /^dist\/([a-z-]+\/)*[a-z_-]+\.(js|d\.ts)$/,
  /^dist\/wasm\/credmint_module_bg\.wasm(\.d\.ts)?$/,
]
const REQUIRED = [
  'README.md',
  'LICENSE-APACHE',
  'LICENSE-MIT',
  'dist/index.js',
  'dist/index.d.ts',
  'dist/wasm/credmint_module_bg.wasm',
]

suite('the package', () => {
  let folder
  let packed
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'credmint-'))
    const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: PACKAGE })
    packed = JSON.parse(stdout)[0]
  })
  after(() => rm(folder, { recursive: true, force: true }))

  test('holds what it may hold', () => {
    const files = packed.files.map(({ path }) => path)
    assert.deepEqual(files.filter((file) => !ALLOWED.some((form) => form.test(file))), [])
    assert.deepEqual(REQUIRED.filter((file) => !files.includes(file)), [])
  })

  test('has no dependency and runs nothing when it is installed', () => {
    for (const kind of ['dependencies', 'peerDependencies', 'optionalDependencies', 'bundleDependencies']) {
      assert.equal(MANIFEST[kind], undefined)
    }
    assert.deepEqual(Object.keys(MANIFEST.scripts), ['bench', 'build', 'test'])
    assert.equal(MANIFEST.sideEffects, false)
  })

  test('names its files as every tool expects', async () => {
    const { messages } = await publint({ pkgDir: PACKAGE, strict: true })
    assert.deepEqual(messages, [])
  })

  test('works in an empty folder, without network', async () => {
    await writeFile(join(folder, 'package.json'), '{"private":true,"type":"module"}')
    const flags = ['--offline', '--no-audit', '--no-fund']
    await run('npm', ['install', ...flags, join(folder, packed.filename)], { cwd: folder })
    const options = { issuer: ISSUER, audience: AUDIENCE, keys: JWKS }
    await writeFile(
      join(folder, 'use.js'),
      `import { verifyAccessToken } from 'credmint'
      const [token, options, now] = process.argv.slice(2)
      const { subject } = await verifyAccessToken(token, { ...JSON.parse(options), now: new Date(now) })
      console.log(subject)`,
    )
    const { stdout } = await run(
      process.execPath,
      ['use.js', await sign(ES256), JSON.stringify(options), DATE.toISOString()],
      { cwd: folder },
    )
    assert.equal(stdout, 'app_orders\n')
  })

  test('does what its README shows', async () => {
    const [, code] = /```js\n(.*?)```/s.exec(await readFile(join(PACKAGE, 'README.md'), 'utf8'))
    await writeFile(join(folder, 'readme.js'), code)
    const { answer } = await import(pathToFileURL(join(folder, 'readme.js')))
    const ask = (headers) => answer(new Request('https://api.example.com', { headers }))
    const bare = await ask({})
    assert.deepEqual([bare.status, bare.headers.get('www-authenticate')], [401, 'Bearer'])
    const wrong = await ask({ authorization: 'Bearer a.b.c' })
    assert.equal(wrong.status, 401)
    assert.match(wrong.headers.get('www-authenticate'), /^Bearer error="invalid_token"/)
  })

  // A function of the index has a path of its own, `credmint/THING/VERB`, and a section of the README.
  test('exports and documents each of its functions', async () => {
    const index = await readFile(join(PACKAGE, 'src/index.ts'), 'utf8')
    const readme = await readFile(join(PACKAGE, 'README.md'), 'utf8')
    const functions = []
    for (const [, names, path] of index.matchAll(/export \{([^}]*)\} from '\.\/(.*?)\.js'/g)) {
      for (const name of names.split(',').map((text) => text.trim()).filter((text) => /^[a-z]\w*$/.test(text))) {
        functions.push(name)
        const part = await import(`credmint/${path}`)
        assert.equal(typeof part[name], 'function', path)
        assert(readme.includes(`\n## ${name}(`), `README.md has no section on ${name}`)
      }
    }
    const all = Object.entries(await import('credmint')).filter(([name]) => /^[a-z]/.test(name))
    assert.deepEqual(functions.sort(), all.map(([name]) => name).sort())
    const paths = Object.keys(MANIFEST.exports).filter((path) => path.startsWith('./') && !path.endsWith('.json'))
    assert.equal(paths.length, functions.length)
  })

  test('has the parts that its documentation names', async () => {
    for (const part of Object.keys(MANIFEST.exports)) {
      if (part.endsWith('.json')) continue
      assert(Object.keys(await import(part.replace('.', 'credmint'))).length > 0, part)
    }
  })
})
