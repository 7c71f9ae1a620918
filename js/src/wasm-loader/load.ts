/** Brings the core's WebAssembly from beside the package's own files. One implementation a runtime; see `imports` in package.json. */
export type Load = () => Promise<Uint8Array<ArrayBuffer> | Response>
