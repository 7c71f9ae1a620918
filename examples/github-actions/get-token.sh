#!/bin/sh
# Exchanges the id token of a GitHub Actions job for an access token and prints it.
# Needs: STS (issuer URL, also the audience), CLIENT_ID, CREDENTIAL, SCOPE, and `id-token: write`.
set -eu
: "${STS:?}" "${CLIENT_ID:?}" "${CREDENTIAL:?}" "${SCOPE:?}"
: "${ACTIONS_ID_TOKEN_REQUEST_URL:?the job lacks id-token: write}" "${ACTIONS_ID_TOKEN_REQUEST_TOKEN:?}"

# Secrets go by standard input, never by an argument that other processes can read.
id_token=$(
  printf 'header = "Authorization: Bearer %s"\n' "$ACTIONS_ID_TOKEN_REQUEST_TOKEN" |
    curl --silent --show-error --fail --get --config - \
      --data-urlencode "audience=$STS" "$ACTIONS_ID_TOKEN_REQUEST_URL" |
    sed -n 's/.*"value": *"\([^"]*\)".*/\1/p'
)
answer=$(
  printf %s "$id_token" |
    curl --silent --show-error --fail-with-body "$STS/token" \
      --data-urlencode grant_type=client_credentials \
      --data-urlencode "client_id=$CLIENT_ID" \
      --data-urlencode "application_federated_credential_name=$CREDENTIAL" \
      --data-urlencode client_assertion_type=urn:cloud:idaas:params:oauth:client-assertion-type:id-token-bearer \
      --data-urlencode client_assertion@- \
      --data-urlencode "scope=$SCOPE"
) || {
  printf '%s\n' "$answer" >&2
  exit 1
}
printf '%s\n' "$answer" | sed -n 's/.*"access_token":"\([^"]*\)".*/\1/p'
