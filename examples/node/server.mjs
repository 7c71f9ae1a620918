// A service that takes Credmint's access tokens and nothing else.
import { createServer } from 'node:http'
import { CredmintError, createKeySet, verifyAccessToken } from 'credmint'

const { ISSUER, AUDIENCE, JWKS_URI, PORT = '8080' } = process.env
if (!ISSUER || !AUDIENCE) {
  console.error('set ISSUER and AUDIENCE')
  process.exit(2)
}
const keys = createKeySet({ issuer: ISSUER, ...(JWKS_URI && { jwksUri: JWKS_URI }) })

/** The token of a request: one Authorization header, the scheme Bearer, one blank (RFC 6750 section 2.1). */
function bearer(request) {
  const values = request.headersDistinct.authorization ?? []
  return values.length === 1 ? /^Bearer ([\w~+/.-]+=*)$/i.exec(values[0])?.[1] : undefined
}

const server = createServer(async (request, response) => {
  const token = bearer(request)
  if (token === undefined) {
    response.writeHead(401, { 'www-authenticate': 'Bearer' }).end()
    return
  }
  try {
    const { subject, scope } = await verifyAccessToken(token, {
      issuer: ISSUER,
      audience: AUDIENCE,
      keys,
      scope: ['read'],
    })
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ subject, scope }) + '\n')
  } catch (error) {
    if (!(error instanceof CredmintError)) throw error
    console.warn(error.message)
    response.writeHead(error.status, { 'www-authenticate': error.wwwAuthenticate() }).end()
  }
})
server.listen(Number(PORT), '127.0.0.1', () => console.log(`listening on ${server.address().port}`))
