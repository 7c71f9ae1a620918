"""Tokens of the cases, and the requests that carry them."""

import base64
import json

from keys import Ec, Ed25519, Rsa, b64u

NOW = 1_795_521_600
"""2026-11-24T12:00:00Z"""
ISSUER = "https://idp.example.com"
AUDIENCE = "https://sts.example.com"

RSA, OTHER_RSA = Rsa("the key"), Rsa("another key")
P256, OTHER_P256 = Ec("P-256", 0xC0FFEE), Ec("P-256", 0xBEEF)
P384, P521 = Ec("P-384", 0xC0FFEE), Ec("P-521", 0xC0FFEE)
ED25519 = Ed25519(b"\x42" * 32)


def claims(**more):
    """Good claims; a change of None takes one out."""
    good = {"iss": ISSUER, "aud": AUDIENCE, "sub": "workload", "iat": NOW - 10, "exp": NOW + 590}
    return {name: value for name, value in {**good, **more}.items() if value is not None}


def text(value):
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def token(header, payload=None, key=P256, alg=None, signature=None):
    """A token; header and payload may be text that is no JSON. It is signed with `alg`, whatever the header says."""
    signed = f"{b64u(text(header).encode())}.{b64u(text(claims() if payload is None else payload).encode())}"
    if signature is None:
        signature = key.sign(alg or header["alg"], signed.encode())
    elif callable(signature):
        signature = signature(signed.encode())
    return f"{signed}.{b64u(signature)}"


def es256(payload=None, key=P256, **header):
    return token({"alg": "ES256", "kid": "a", **header}, payload, key, "ES256")


def in_set(jws, *jwks, **more):
    """A request with a set of these keys, or the one key "a" on P-256."""
    return {"jws": jws, "jwks": {"keys": list(jwks) or [P256.jwk(kid="a")]}, **more}


def with_claims(jws, **more):
    """The same, with the claims checked."""
    return in_set(jws, issuer=ISSUER, audience=AUDIENCE, now=NOW, **more)


def with_key(jws, key, **more):
    key = key if isinstance(key, dict) else base64.b64encode(key).decode()
    return {"jws": jws, "key": key, **more}
