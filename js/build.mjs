// Builds the package: TypeScript, and the WebAssembly that `cargo xtask wasm` puts into src/wasm.
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const WASM = ['credmint_module.js', 'credmint_module.d.ts', 'credmint_module_bg.wasm']

for (const file of WASM) {
  if (!existsSync(here(`src/wasm/${file}`))) {
    console.error(`src/wasm/${file} is missing: run \`cargo xtask wasm\``)
    process.exit(1)
  }
}
rmSync(here('dist'), { recursive: true, force: true })
const tsc = [here('node_modules/typescript/bin/tsc'), '--project', here('.')]
const { status } = spawnSync(process.execPath, tsc, { stdio: 'inherit' })
if (status !== 0) process.exit(1)
mkdirSync(here('dist/wasm'), { recursive: true })
for (const file of WASM) copyFileSync(here(`src/wasm/${file}`), here(`dist/wasm/${file}`))
