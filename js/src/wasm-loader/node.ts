import { readFile } from 'node:fs/promises'

/** The octets of the WebAssembly module, from the package's folder. */
export async function wasmBytes(): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await readFile(new URL('../wasm/credmint_module_bg.wasm', import.meta.url)))
}
