// openai: the class that exchanges the token has a field for another address than OpenAI's.
import { k8sServiceAccountTokenProvider } from 'openai/auth'
import { WorkloadIdentityAuth } from 'openai/auth/workload-identity-auth'

export async function token() {
  const identity = new WorkloadIdentityAuth({
    identityProviderId: 'unused',
    serviceAccountId: 'unused',
    provider: k8sServiceAccountTokenProvider(process.env.TOKEN_FILE),
  })
  identity.tokenExchangeUrl = `${process.env.ISSUER}/token`
  return identity.getToken()
}
