/** The octets of the WebAssembly module, from beside this file. */
export async function wasmBytes(): Promise<Uint8Array<ArrayBuffer>> {
  const answer = await fetch(new URL('../wasm/credmint_module_bg.wasm', import.meta.url))
  if (!answer.ok) throw new Error(`credmint_module_bg.wasm: status ${answer.status}`)
  return new Uint8Array(await answer.arrayBuffer())
}
