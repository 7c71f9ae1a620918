#!/bin/sh
# Exchanges the identity document of this EC2 instance for an access token and prints it.
# Needs: STS (issuer URL), CLIENT_ID, CREDENTIAL, SCOPE. Optional: METADATA.
set -eu
: "${STS:?}" "${CLIENT_ID:?}" "${CREDENTIAL:?}" "${SCOPE:?}"
metadata=${METADATA:-http://169.254.169.254}

session=$(curl --silent --show-error --fail --request PUT "$metadata/latest/api/token" \
  --header 'X-aws-ec2-metadata-token-ttl-seconds: 60')
# The endpoint rsa2048 is the signed document with SHA-256; pkcs7 is an older form, refused unless the policy allows it.
document=$(curl --silent --show-error --fail "$metadata/latest/dynamic/instance-identity/rsa2048" \
  --header "X-aws-ec2-metadata-token: $session")
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
