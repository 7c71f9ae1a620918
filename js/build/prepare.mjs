// Before the compiler: is the core there, and is nothing of an older build left that would be shipped?
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'

const root = new URL('../', import.meta.url)
if (!existsSync(new URL('src/wasm/credmint_module_bg.wasm', root))) {
  console.error('src/wasm is empty: run `cargo xtask build`, which fills it and then builds this package')
  process.exit(1)
}
await rm(new URL('dist', root), { recursive: true, force: true })
