#!/bin/sh
# Exchanges the identity document of this ECS instance for an access token and prints it.
# Needs: STS (issuer URL), CLIENT_ID, CREDENTIAL, AUDIENCE, SCOPE. Optional: METADATA.
set -eu
: "${STS:?}" "${CLIENT_ID:?}" "${CREDENTIAL:?}" "${AUDIENCE:?}" "${SCOPE:?}"
metadata=${METADATA:-http://100.100.100.200}

session=$(curl --silent --show-error --fail --request PUT "$metadata/latest/api/token" \
  --header 'X-aliyun-ecs-metadata-token-ttl-seconds: 60')
# The audience says for whom the document is and when it was asked for; Alibaba signs it with the rest.
document=$(curl --silent --show-error --fail --get "$metadata/latest/dynamic/instance-identity/pkcs7" \
  --header "X-aliyun-ecs-metadata-token: $session" \
  --data-urlencode "audience={\"aud\":\"$AUDIENCE\",\"signingTime\":$(date +%s)}")
answer=$(
  printf %s "$document" |
    curl --silent --show-error --fail-with-body "$STS/token" \
      --data-urlencode grant_type=client_credentials \
      --data-urlencode "client_id=$CLIENT_ID" \
      --data-urlencode "application_federated_credential_name=$CREDENTIAL" \
      --data-urlencode client_assertion_type=urn:cloud:idaas:params:oauth:client-assertion-type:pkcs7-bearer \
      --data-urlencode client_assertion@- \
      --data-urlencode "scope=$SCOPE"
) || {
  printf '%s\n' "$answer" >&2
  exit 1
}
printf '%s\n' "$answer" | sed -n 's/.*"access_token":"\([^"]*\)".*/\1/p'
