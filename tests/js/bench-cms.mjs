// One instance document verified in Node, in microseconds: the core in WebAssembly with node:crypto, the same with pure Rust
// alone, and pkijs.
//
//   node bench-cms.mjs FOLDER DOCUMENTS PACKAGE_FOLDER
//
// FOLDER has the verify commands that wasm-bindgen wrote, DOCUMENTS what `credmint-bench cms --documents` wrote,
// PACKAGE_FOLDER the built npm package.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Certificate, ContentInfo, SignedData } from 'pkijs'

const [folder, documents, npmPackage] = process.argv.slice(2)
const load = (...path) => import(pathToFileURL(join(...path)).href)
const { Documents, initSync } = await load(folder, 'credmint_tests_wasm.js')
initSync({ module: await readFile(join(folder, 'credmint_tests_wasm_bg.wasm')) })
const { verifySignature } = await load(npmPackage, 'dist/signature/node.js')

const ROUNDS = 51
const CALLS = 40
const NOW = 1_795_521_600

for (const [name, profile] of [['ec2', 'amazon-ec2'], ['ecs', 'alibaba-ecs']]) {
  const message = new Uint8Array(await readFile(join(documents, `${name}.ber`)))
  const signer = new Uint8Array(await readFile(join(documents, `${name}.der`)))
  const content = await readFile(join(documents, `${name}.json`))
  const ours = new Documents(profile, signer, NOW)
  const certificate = Certificate.fromBER(signer)
  const subjects = {
    'credmint, node:crypto': () => {
      globalThis.credmintVerifySignature = verifySignature
      return ours.verify(message)
    },
    'credmint, pure Rust': () => {
      globalThis.credmintVerifySignature = undefined
      return ours.verify(message)
    },
    pkijs: () => pkijs(message, certificate),
  }
  for (const [subject, run] of Object.entries(subjects)) {
    const got = await run()
    if (!content.equals(Buffer.from(got))) throw new Error(`${subject} read another content of ${name}`)
  }
  const medians = await inTurns(subjects)
  for (const [subject, median] of Object.entries(medians)) {
    const ratio = median / medians.pkijs
    console.log(`${name} ${subject.padEnd(22)} ${median.toFixed(1).padStart(7)} us  ${ratio.toFixed(2)}x of pkijs`)
  }
  const met = medians['credmint, node:crypto'] / medians.pkijs <= 0.5
  console.log(`${name} at most 0.5x: ${met ? 'met' : 'NOT met'}`)
}

/** The content when the signature and the digest are good. The peer does not look at the signer's name or its profile. */
async function pkijs(message, certificate) {
  const info = ContentInfo.fromBER(message)
  const signed = new SignedData({ schema: info.content })
  signed.certificates = [certificate]
  const { signatureVerified } = await signed.verify({ signer: 0, checkChain: false, extendedMode: true })
  if (!signatureVerified) throw new Error('pkijs refuses')
  return new Uint8Array(signed.encapContentInfo.eContent.getValue())
}

/** The median time of one call of each. Turn by turn, so that a slow moment of the machine hits all of them. */
async function inTurns(subjects) {
  const times = Object.fromEntries(Object.keys(subjects).map((name) => [name, []]))
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, subject] of Object.entries(subjects)) {
      const start = process.hrtime.bigint()
      for (let call = 0; call < CALLS; call += 1) await subject()
      times[name].push(Number(process.hrtime.bigint() - start) / 1000 / CALLS)
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, all]) => [name, all.toSorted((a, b) => a - b)[ROUNDS >> 1]]))
}
