import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const npm = (args, cwd) => execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })

test('the package holds what it is allowed to, and works where it is installed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'credmint-package-'))
  try {
    const [packed] = JSON.parse(npm(['pack', '--json', '--pack-destination', folder], root))
    const allowed = /^(package\.json|README\.md|dist\/[a-z-]+(\/[a-z_-]+)?(\.js|\.d\.ts|\.wasm))$/
    for (const { path } of packed.files) assert.match(path, allowed)
    writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}')
    npm(['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', join(folder, packed.filename)], folder)
    const script = `
      import { verifyAccessToken } from 'credmint/access-token/verify'
      import { createKeySet } from 'credmint/key-set/create'
      const keys = createKeySet({ issuer: 'https://sts.example.com' })
      const refusal = await verifyAccessToken('a.b', { issuer: 'https://sts.example.com', audience: 'api', keys })
        .catch((error) => error)
      console.log(refusal.code)`
    writeFileSync(join(folder, 'use.mjs'), script)
    const printed = execFileSync(process.execPath, ['use.mjs'], { cwd: folder, encoding: 'utf8' })
    assert.equal(printed.trim(), 'jws_malformed')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
