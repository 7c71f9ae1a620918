/**
 * Fetches like the global `fetch`, of which it uses this much. Give your own for a proxy, a private CA or a test. It must not follow
 * redirects.
 */
export type FetchKeys = (
  url: string,
  options: {
    readonly headers: { readonly accept: string }
    readonly redirect: 'manual'
    readonly signal: AbortSignal
  },
) => Promise<Response>

/** What bounds one fetch. */
export interface FetchLimits {
  readonly octets: number
  readonly milliseconds: number
}

/**
 * The octets of a document: https only, no redirect followed, status 200, within the limits.
 *
 * @throws whatever went wrong.
 */
export async function fetchDocument(
  fetch: FetchKeys,
  url: string,
  { octets, milliseconds }: FetchLimits,
): Promise<Uint8Array> {
  if (!url.startsWith('https://')) throw new Error(`${url} is not an https URL`)
  const signal = AbortSignal.timeout(milliseconds)
  // Every runtime has `manual`; `error`, which would say it better, some lack. A redirect then has another status than 200.
  const answer = fetch(url, {
    headers: { accept: 'application/json' },
    redirect: 'manual',
    signal,
  }).then(async (response) => {
    if (response.status !== 200 || response.redirected) {
      await response.body?.cancel()
      throw new Error(`${url} answered with status ${response.status}`)
    }
    return await readBody(response, url, octets)
  })
  // A `fetch` that takes no notice of its signal must not hold up everybody.
  return await Promise.race([answer, aborted(signal)])
}

/** Reads a body, and stops as soon as it is too large. */
async function readBody(response: Response, url: string, octets: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  const reader = response.body?.getReader()
  while (reader !== undefined) {
    const { done, value } = await reader.read()
    if (done) break
    length += value.byteLength
    if (length > octets) {
      await reader.cancel()
      throw new Error(`${url} answered with more than ${octets} octets`)
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
