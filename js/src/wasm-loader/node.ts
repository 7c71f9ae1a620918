import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Load, LoadAtOnce } from './load.js'

const FILE = new URL('../wasm/credmint_module_bg.wasm', import.meta.url)

export const load: Load = async () => new Uint8Array(await readFile(FILE))

export const loadAtOnce: LoadAtOnce = () => new Uint8Array(readFileSync(FILE))
