// Puts beside the compiled TypeScript what the compiler does not: the core and the licences.
import { copyFile, cp } from 'node:fs/promises'

const root = new URL('../', import.meta.url)
await cp(new URL('src/wasm', root), new URL('dist/wasm', root), { recursive: true })
for (const licence of ['LICENSE-APACHE', 'LICENSE-MIT']) {
  await copyFile(new URL(`../${licence}`, root), new URL(licence, root))
}
