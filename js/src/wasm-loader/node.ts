import { readFile } from 'node:fs/promises'
import type { Load } from './load.js'

export const load: Load = async () =>
  new Uint8Array(await readFile(new URL('../wasm/credmint_module_bg.wasm', import.meta.url)))
