/**
 * Brings the core's WebAssembly from beside the package's own files. There is one for each kind of runtime; see
 * `imports` in package.json.
 */
export type Load = () => Promise<Uint8Array<ArrayBuffer> | Response>

/** The same without waiting, where a runtime can. */
export type LoadAtOnce = (() => Uint8Array<ArrayBuffer>) | undefined
