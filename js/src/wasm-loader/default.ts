import type { Load, LoadAtOnce } from './load.js'

// Bundlers know the form `new URL(…, import.meta.url)` and bring the file along.
export const load: Load = () => fetch(new URL('../wasm/credmint_module_bg.wasm', import.meta.url))

export const loadAtOnce: LoadAtOnce = undefined
