// A service that takes Credmint's access tokens and nothing else.
import { createServer } from 'node:http'
import { CredmintError, createKeySet, readBearerToken, verifyAccessToken } from 'credmint'

const { ISSUER, AUDIENCE, JWKS_URI, PORT = '8080' } = process.env
if (!ISSUER || !AUDIENCE) {
  console.error('set ISSUER and AUDIENCE')
  process.exit(2)
}
// Made once: all requests share its keys.
const keys = createKeySet({ issuer: ISSUER, ...(JWKS_URI && { jwksUri: JWKS_URI }) })

const server = createServer(async (request, response) => {
  try {
    // `headersDistinct` shows a second Authorization field, which `headers` would hide.
    const token = await readBearerToken(request.headersDistinct.authorization)
    const { subject, scope } = await verifyAccessToken(token, {
      issuer: ISSUER,
      audience: AUDIENCE,
      keys,
      scope: 'read',
    })
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ subject, scope }) + '\n')
  } catch (error) {
    refuse(response, error)
  }
})

/** The caller hears what the error says for it; the reason is in the log. */
function refuse(response, error) {
  if (error instanceof CredmintError) {
    console.warn(error.message)
    response.writeHead(error.status, error.headers).end(error.body)
  } else {
    console.error(error)
    response.writeHead(500).end()
  }
}

server.listen(Number(PORT), '127.0.0.1', () => console.log(`listening on ${server.address().port}`))
