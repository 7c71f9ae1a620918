"""The protected resource of the cases, its issuer, and access tokens for it."""

from tokens import ED25519, NOW, OTHER_P256, P256, token

ISSUER = "https://sts.example.com:8443/oauth2"
AUDIENCE = "api.example.com"
JWKS_URI = f"{ISSUER}/jwks"
RULES = {"issuer": ISSUER, "audience": AUDIENCE}
SUBJECT = "app_orders:run"


def access_token(key=P256, changes=(), **header):
    """A good access token; a change of None takes a claim out, and one of the header a member."""
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": SUBJECT, "client_id": "app_orders", "scope": "read:file write",
              "jti": "1", "iat": NOW, "exp": NOW + 3600, **dict(changes)}
    claims = {name: value for name, value in claims.items() if value is not None}
    header = {"alg": "ES256", "kid": "a", "typ": "at+jwt", **header}
    return token({name: value for name, value in header.items() if value is not None}, claims, key, "ES256")


def key_set(*keys):
    return {"keys": list(keys)}
