"""The policy of the cases, and the token requests."""

import copy
import hashlib
import json

from certificates import LEAF_KEY, leaf, pem, root
from keys import Ec, b64u
from messages import AUDIENCE, ecs, ec2, signer_certificate, text

NOW = 1_795_521_600
"""2026-11-24T12:00:00Z"""
STS = "https://sts.example.com/oauth2"
IDP, FETCHED = "https://idp.example.com", "https://fetched.example.com"
KEY, OTHER_KEY = Ec("P-256", 0xC0FFEE), Ec("P-256", 0xBEEF)
TYPE = "urn:cloud:idaas:params:oauth:client-assertion-type:"


def policy(*changes):
    """The policy, after changes of what is at a path: ("providers", "idp", "enabled", False)."""
    changed = copy.deepcopy(POLICY)
    for *path, last, value in changes:
        at = changed
        for step in path:
            at = at[step]
        at[last] = value
    return changed


def oidc(issuer, keys):
    return {"type": "oidc", "issuer": issuer, "audiences": ["https://sts.example.com"], "keys": keys,
            "max_lifetime": 3600}


def credential(provider, condition):
    return {"provider": provider, "scopes": {"api.example.com": ["read", "write"]}, "condition": condition}


SIGNER = {"pem": pem(signer_certificate())}
POLICY = {
    "version": 1,
    "issuer": STS,
    "providers": {
        "idp": {**oidc(IDP, {"jwks": {"keys": [KEY.jwk(kid="a")]}}), "trust_condition": 'jwt.claims.tenant == "t1"'},
        "fetched": oidc(FETCHED, {"discovery": True}),
        "plant": {"type": "pca", "roots": [{"pem": pem(root())}]},
        "ecs": {"type": "pkcs7", "profile": "alibaba_ecs", "audience": AUDIENCE, "signers": [SIGNER]},
        "ec2": {"type": "pkcs7", "profile": "amazon_ec2", "max_age": 900,
                "signers": [{"certificate": SIGNER, "region": "r-1"}]},
    },
    "resources": {"api.example.com": {"scopes": ["read", "write", "admin"]}},
    "clients": {
        "app_1": {
            "scopes": {"api.example.com": ["read", "write"]},
            "credentials": {
                "main": {**credential("idp", 'jwt.claims.sub == "workload"'),
                         "attributes": {"client.activeSubjectUrn": 'Append("urn:x:", jwt.claims.run)'}},
                "fetched": credential("fetched", 'jwt.claims.sub == "workload"'),
                "machine": credential("plant", 'cert.subject.CN == "worker-7"'),
                "ecs": credential("ecs", "pkcs7.payload.jsonData['owner-account-id'] == \"1\" && "
                                         "pkcs7.payload.jsonData['instance-id'] in [\"i-1\", \"i-2\"]"),
                "ec2": credential("ec2", 'pkcs7.payload.jsonData.accountId == "111122223333" && '
                                         'pkcs7.payload.jsonData.instanceId == "i-1"'),
            },
        },
    },
}


def request(form, document=None, **more):
    return {"policy": document or policy(), "now": NOW, "form": form, **more}


def form(kind, credential_name, assertion, **more):
    """A token request; a change of None takes a parameter out."""
    members = {"grant_type": "client_credentials", "client_id": "app_1", "client_assertion_type": TYPE + kind,
               "application_federated_credential_name": credential_name, "client_assertion": assertion,
               "scope": "api.example.com|write", **more}
    return {name: value for name, value in members.items() if value is not None}


def json_text(value):
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def jws(header, payload, key, alg="ES256", signature=None):
    """A token; header and payload may be text that is no JSON."""
    signed = f"{b64u(json_text(header).encode())}.{b64u(json_text(payload).encode())}"
    return f"{signed}.{b64u(key.sign(alg, signed.encode()) if signature is None else signature)}"


def claims(**more):
    good = {"iss": IDP, "aud": "https://sts.example.com", "sub": "workload", "tenant": "t1", "run": "7",
            "iat": NOW - 10, "exp": NOW + 590, **more}
    return {name: value for name, value in good.items() if value is not None}


def token(payload=None, header=None, key=KEY, **more):
    header = {"alg": "ES256", "kid": "a"} if header is None else header
    return jws(header, claims() if payload is None else payload, key, **more)


def with_token(value=None, document=None, **more):
    """An OIDC token in a request."""
    extra = {name: more.pop(name) for name in ("keys", "consumed", "now") if name in more}
    return request(form("id-token-bearer", "main", value or token(), **more), document, **extra)


def with_fetched(keys, header=None, payload=None, key=KEY):
    """A token whose issuer's keys come with the request."""
    value = token(claims(iss=FETCHED) if payload is None else payload, header, key)
    return request(form("id-token-bearer", "fetched", value), keys=keys)


def assertion(payload=None, header=None, key=LEAF_KEY, alg="ES256", **more):
    good = {"iss": "app_1", "sub": "app_1", "aud": f"{STS}/token", "jti": "j1", "iat": NOW, "exp": NOW + 600}
    good = {name: value for name, value in {**good, **more}.items() if value is not None}
    return jws(header or {"alg": alg}, payload or good, key, alg)


def with_certificate(certificate=None, chain="", jwt=None, document=None, **more):
    """An assertion with its certificate in a request; certificates may be DER or text."""
    as_text = lambda value: value if isinstance(value, str) else pem(value)
    members = form("x509-jwt-bearer", "machine", jwt or assertion(),
                   client_x509=as_text(leaf() if certificate is None else certificate),
                   client_x509_chain=as_text(chain))
    return request(members, document, **more)


def with_document(name, message=None, document=None, **more):
    """A signed document in a request; it may be DER or text."""
    message = {"ecs": ecs, "ec2": ec2}[name]() if message is None else message
    message = message if isinstance(message, str) else text(message)
    return request(form("pkcs7-bearer", name, message), document, **more)


def replay_key(jti, kind="assertion", client="app_1"):
    """The key by which a used assertion is remembered; version 0.1 had another kind."""
    parts = (part.encode() for part in (kind, client, jti))
    return hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts)).hexdigest()
