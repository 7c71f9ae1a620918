// @azure/msal-node: an OIDC authority of one's own, and the platform's token as the assertion.
import { readFile } from 'node:fs/promises'
import { ConfidentialClientApplication } from '@azure/msal-node'

export async function token() {
  const application = new ConfidentialClientApplication({
    auth: {
      clientId: process.env.CLIENT_ID,
      authority: process.env.ISSUER,
      knownAuthorities: [new URL(process.env.ISSUER).host],
      clientAssertion: () => readFile(process.env.TOKEN_FILE, 'utf8'),
    },
    system: { protocolMode: 'OIDC' },
  })
  const answer = await application.acquireTokenByClientCredential({ scopes: ['read'] })
  return answer.accessToken
}
