#!/bin/sh
# Exchanges the projected service account token for an access token and prints it.
# Needs: STS (issuer URL), CLIENT_ID, CREDENTIAL, SCOPE. Optional: TOKEN_FILE; CURL_CA_BUNDLE for an own CA.
set -eu
: "${STS:?}" "${CLIENT_ID:?}" "${CREDENTIAL:?}" "${SCOPE:?}"
token_file=${TOKEN_FILE:-/var/run/secrets/credmint/token}

# The token is read at each run, because the kubelet rotates it; it goes by a file, never by an argument.
answer=$(
  curl --silent --show-error --fail-with-body "$STS/token" \
    --data-urlencode grant_type=client_credentials \
    --data-urlencode "client_id=$CLIENT_ID" \
    --data-urlencode "application_federated_credential_name=$CREDENTIAL" \
    --data-urlencode client_assertion_type=urn:cloud:idaas:params:oauth:client-assertion-type:id-token-bearer \
    --data-urlencode "client_assertion@$token_file" \
    --data-urlencode "scope=$SCOPE"
) || {
  printf '%s\n' "$answer" >&2
  exit 1
}
printf '%s\n' "$answer" | sed -n 's/.*"access_token":"\([^"]*\)".*/\1/p'
