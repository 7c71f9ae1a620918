// What people may write, and what the compiler must refuse. Compiled, never run.
import { CredmintError, createKeySet, verifyAccessToken, type Code } from 'credmint'

async function good(token: string): Promise<string> {
  const keys = createKeySet({ issuer: 'https://sts.example.com' })
  const proven = await verifyAccessToken(token, { issuer: 'https://sts.example.com', audience: 'api', keys })
  const expires: number = proven.expires
  const claim: unknown = proven.claims['anything']
  return `${proven.subject} ${expires} ${String(claim)}`
}

function narrows(error: CredmintError): number {
  switch (error.code) {
    case 'expired':
      return 1
    // @ts-expect-error not a code
    case 'no_such_code':
      return 2
    default:
      return error.status
  }
}

async function bad(token: string): Promise<void> {
  const issuer = 'https://sts.example.com'
  // @ts-expect-error the audience is required
  await verifyAccessToken(token, { issuer, keys: { keys: [] } })
  // @ts-expect-error the keys are required
  await verifyAccessToken(token, { issuer, audience: 'api' })
  // @ts-expect-error a time is a Date, so that its unit cannot be mistaken
  await verifyAccessToken(token, { issuer, audience: 'api', keys: { keys: [] }, now: 1800000000 })
  const proven = await verifyAccessToken(token, { issuer, audience: 'api', keys: { keys: [] } })
  // @ts-expect-error what was proven does not change
  proven.subject = 'somebody else'
  // @ts-expect-error a promise is no token
  verifyAccessToken(token, { issuer, audience: 'api', keys: { keys: [] } }).subject
}

const code: Code = 'jws_malformed'
export { bad, code, good, narrows }
