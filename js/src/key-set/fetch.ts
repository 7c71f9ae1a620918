import { call } from '../core/instance.js'
import type { Fetch } from '../core/record.js'
import { checkAnswer } from '../wasm/credmint_module.js'

/**
 * Fetches like the global `fetch`, of which it uses this much. Give your own for a proxy, a private CA or a
 * test. It must not follow redirects.
 */
export type FetchKeys = (
  url: string,
  options: {
    readonly headers: { readonly accept: string; readonly 'accept-encoding': string }
    readonly redirect: 'manual'
    readonly signal: AbortSignal
  },
) => Promise<Response>

/**
 * The bytes of a document, in time, if its answer is one that the core lets pass: as on every host.
 *
 * @throws whatever went wrong.
 */
export async function fetchDocument(
  fetch: FetchKeys,
  { url, accept, document, bytes }: Fetch,
  milliseconds: number,
): Promise<Uint8Array> {
  if (!url.startsWith('https://')) throw new Error(`${url} is not an https URL`)
  const signal = AbortSignal.timeout(milliseconds)
  // `error` would say it better than `manual`, but not every runtime has it. A redirect has another status than 200.
  const answer = fetch(url, {
    headers: { accept, 'accept-encoding': 'identity' },
    redirect: 'manual',
    signal,
  }).then(async (response) => {
    const wrong = whyNot(document, response)
    if (wrong !== undefined) {
      await response.body?.cancel()
      throw new Error(`${url}: ${wrong}`)
    }
    const body = await readBody(response, bytes)
    if (body !== undefined) return body
    throw new Error(`${url}: ${whyNot(document, response, bytes + 1)}`)
  })
  // A `fetch` that takes no notice of its signal must not hold up everybody.
  return await Promise.race([answer, aborted(signal)])
}

/** Why an answer is not to be read, if it is not. */
function whyNot(document: string, { status, redirected, headers }: Response, length = lengthOf(headers)) {
  const field = (name: string) => headers.get(name) ?? undefined
  // One behind a redirect that was followed all the same has the status of the other place.
  const own = redirected ? 302 : status
  return call(() => checkAnswer(document, own, field('content-type'), field('content-encoding'), length))
}

function lengthOf(headers: Headers): number | undefined {
  const length = Number(headers.get('content-length') ?? undefined)
  return Number.isSafeInteger(length) ? Math.min(length, 0xffff_ffff) : undefined
}

/** Reads a body, and stops as soon as it is too large, which gives none. */
async function readBody(response: Response, bytes: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = []
  let length = 0
  const reader = response.body?.getReader()
  while (reader !== undefined) {
    const { done, value } = await reader.read()
    if (done) break
    length += value.byteLength
    if (length > bytes) {
      await reader.cancel()
      return undefined
    }
    chunks.push(value)
  }
  const body = new Uint8Array(length)
  let offset = 0
  for (const chunk of chunks) {
    body.set(chunk, offset)
    offset += chunk.byteLength
  }
  return body
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
