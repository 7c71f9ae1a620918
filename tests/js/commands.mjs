// Answers requests with the verify commands compiled to WebAssembly:
//
//   node commands.mjs FOLDER COMMAND NOW_SECONDS < REQUESTS > ANSWERS
//
// FOLDER has what wasm-bindgen wrote. One JSON request a line, one JSON answer a line.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'

const [folder, command, now] = process.argv.slice(2)
const { answer, initSync } = await import(pathToFileURL(join(folder, 'credmint_tests_wasm.js')).href)
initSync({ module: await readFile(join(folder, 'credmint_tests_wasm_bg.wasm')) })
process.stdout.write(answer(command, await text(process.stdin), Number(now)))
