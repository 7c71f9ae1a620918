// The peer of the benchmark of the issuer: panva's oidc-provider, which gives access tokens (RFC 9068, ES256) for a resource
// (RFC 8707) to one client that authenticates by private_key_jwt (RS256).
//
//   node bench-issuer-peer.mjs CONFIGURATION
//
// CONFIGURATION is a JSON file: issuer, port, client_id, client_jwks, resource, scope, and certificate and key, files in PEM,
// for https. It writes `serving` when it listens.

import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { readFile } from 'node:fs/promises'
import { exportJWK, generateKeyPair } from 'jose'
import Provider from 'oidc-provider'

const configuration = JSON.parse(await readFile(process.argv[2], 'utf8'))
const { privateKey } = await generateKeyPair('ES256', { extractable: true })
const key = { ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: 'key-1' }

const provider = new Provider(configuration.issuer, {
  jwks: { keys: [key] },
  clients: [{
    client_id: configuration.client_id,
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'RS256',
    id_token_signed_response_alg: 'ES256',
    jwks: configuration.client_jwks,
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
  }],
  clientAuthMethods: ['private_key_jwt'],
  cookies: { keys: ['not used by this grant'] },
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: () => ({
        scope: configuration.scope,
        audience: configuration.resource,
        accessTokenFormat: 'jwt',
        accessTokenTTL: 3600,
        jwt: { sign: { alg: 'ES256' } },
      }),
    },
  },
})

const { certificate, key: keyFile } = configuration
const server = certificate
  ? createTlsServer({ cert: await readFile(certificate), key: await readFile(keyFile) }, provider.callback())
  : createServer(provider.callback())
// As many requests a connection, and as long between them, as the measured side takes.
server.keepAliveTimeout = 60_000
server.listen(configuration.port, '127.0.0.1', () => console.log('serving'))
