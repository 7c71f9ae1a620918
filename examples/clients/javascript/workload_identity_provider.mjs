// A provider for @modelcontextprotocol/client: the platform's token is the grant (RFC 7523 section 2.1), as the
// extension io.modelcontextprotocol/auth/wif has it. No client is registered, so no client_id is sent.
export class WorkloadIdentityProvider {
  #tokens
  #readToken
  #scope

  constructor({ readToken, scope }) {
    this.#readToken = readToken
    this.#scope = scope
  }

  get redirectUrl() {
    return undefined
  }
  get clientMetadata() {
    return { redirect_uris: [], grant_types: ['urn:ietf:params:oauth:grant-type:jwt-bearer'], scope: this.#scope }
  }
  clientInformation() {
    return { client_id: 'not sent' }
  }
  addClientAuthentication() {}
  tokens() {
    return this.#tokens
  }
  saveTokens(tokens) {
    this.#tokens = tokens
  }
  redirectToAuthorization() {}
  saveCodeVerifier() {}
  codeVerifier() {
    return ''
  }
  async prepareTokenRequest(scope) {
    const request = new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: await this.#readToken(),
    })
    if (scope) request.set('scope', scope)
    return request
  }
}
