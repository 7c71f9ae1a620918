// @azure/identity: what the Azure webhook sets in a pod, for another authority.
import { WorkloadIdentityCredential } from '@azure/identity'

export async function token() {
  const credential = new WorkloadIdentityCredential({
    authorityHost: process.env.AZURE_AUTHORITY_HOST,
    disableInstanceDiscovery: true,
  })
  return (await credential.getToken('read')).token
}
