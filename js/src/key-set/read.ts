/** The body of an answer, of at most `limit` octets; what is larger is not read to its end. */
export async function readAll(answer: Response, limit: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of answer.body ?? []) {
    length += part.byteLength
    if (length > limit) throw new Error(`the answer has more than ${limit} octets`)
    parts.push(part)
  }
  const body = new Uint8Array(length)
  let offset = 0
  for (const part of parts) {
    body.set(part, offset)
    offset += part.byteLength
  }
  return body
}
