// Verifies access tokens with the npm package, as a service would:
//
//   node verify.mjs PACKAGE_FOLDER REQUEST_FILE
//
// The request is {"issuer", "audience", "scope", "tokens": […]}. Prints a JSON array with one answer a token:
// {"ok": true, "subject", "clientId", "scope"} or {"ok": false, "code", "publicCode"}. The keys are fetched from the
// issuer, whose CA is in NODE_EXTRA_CA_CERTS.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [folder, file] = process.argv.slice(2)
const { CredmintError, createKeySet, verifyAccessToken } = await import(pathToFileURL(join(folder, 'dist/index.js')).href)
const { issuer, audience, scope, tokens } = JSON.parse(await readFile(file, 'utf8'))
const keys = createKeySet({ issuer })

async function answer(token) {
  try {
    const { subject, clientId, scope: granted } = await verifyAccessToken(token, { issuer, audience, scope, keys })
    return { ok: true, subject, clientId, scope: granted }
  } catch (error) {
    if (!(error instanceof CredmintError)) throw error
    return { ok: false, code: error.code, publicCode: error.publicCode }
  }
}

const answers = []
for (const token of tokens) answers.push(await answer(token))
console.log(JSON.stringify(answers))
