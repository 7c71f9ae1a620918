// @actions/core in a step of a GitHub Actions workflow: the job's token is the grant (RFC 7523 section 2.1).
import { getIDToken } from '@actions/core'

export async function token() {
  const issuer = process.env.ISSUER
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: await getIDToken(issuer),
      scope: 'read',
    }),
  })
  const answer = await response.json()
  if (!response.ok) throw new Error(`${answer.error}: ${answer.error_description}`)
  return answer.access_token
}
