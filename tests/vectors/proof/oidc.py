"""Exchanges of OIDC tokens: who is bound by what, and what is granted."""

import hashlib

from keys import b64u
from tokens import AUDIENCE, ISSUER, NOW, OTHER_P256, P256, claims, es256, text

STS = "https://sts.example.com/oauth2"
TYPE = "urn:cloud:idaas:params:oauth:client-assertion-type:id-token-bearer"


def cases():
    return [*granted(), *bindings(), *keys(), *embedded(), *pins(), *of_claims(), *conditions(), *scopes()]


def thumbprint(key):
    """RFC 7638."""
    return b64u(hashlib.sha256(text(dict(sorted(key.jwk().items()))).encode()).digest())


def policy(keys=None, provider=None, credential=None, client=None):
    return {
        "version": 1,
        "issuer": STS,
        "providers": {
            "idp": {
                "type": "oidc", "issuer": ISSUER, "audiences": [AUDIENCE],
                "keys": keys or {"jwks_uri": f"{ISSUER}/keys"},
                "trust_condition": "jwt.claims.tenant == 't1'", **(provider or {}),
            },
        },
        "resources": {"api.example.com": {"scopes": ["read", "write"]}},
        "clients": {
            "app_1": {
                "scopes": {"api.example.com": ["read", "write"]},
                "credentials": {
                    "main": {"provider": "idp", "condition": "jwt.claims.sub == 'workload'", **(credential or {})},
                },
                **(client or {}),
            },
        },
    }


def request(token=None, of_policy=None, keys=None, **form):
    form = {
        "grant_type": "client_credentials", "client_id": "app_1", "client_assertion_type": TYPE,
        "application_federated_credential_name": "main", "client_assertion": token or es256(good()),
        "scope": "api.example.com|read", **form,
    }
    keys = {ISSUER: {"keys": [P256.jwk(kid="a")]}} if keys is None else keys
    return {"policy": of_policy or policy(), "now": NOW, "form": form, "keys": keys}


def good(**more):
    return claims(tenant="t1", **more)


def granted():
    yield "a token is granted what was asked for", request(), "accept"
    yield "all stands for everything", request(scope="api.example.com|.all"), "accept"
    mapped = policy(credential={"attributes": {"client.activeSubjectUrn": "Append('urn:run:', jwt.claims.run)"}})
    yield "the subject has what is mapped", request(es256(good(run="7")), mapped), "accept"


def bindings():
    yield "an unknown client", request(client_id="app_2"), "client_unknown"
    yield "an unknown credential", request(application_federated_credential_name="other"), "credential_unknown"
    yield "a client that is disabled", request(of_policy=policy(client={"enabled": False})), "client_disabled"
    yield "a credential that is disabled", request(
        of_policy=policy(credential={"enabled": False})), "credential_disabled"
    yield "a provider that is disabled", request(of_policy=policy(provider={"enabled": False})), "provider_disabled"
    yield "form comes before the client", request("a.b", client_id="app_2"), "jws_malformed"


def keys():
    yield "no keys", request(keys={}), "keys_unavailable"
    yield "o01 the keys of another issuer", request(
        keys={f"{ISSUER}/": {"keys": [P256.jwk(kid="a")]}}), "keys_unavailable"
    yield "o01 the issuer's own keys", request(), "accept"
    yield "o01 a token of another issuer by these keys", request(es256(good(iss=f"{ISSUER}/"))), "issuer_wrong"
    yield "another key of that name", request(es256(good(), OTHER_P256)), "jws_signature_invalid"
    yield "a key of another name", request(es256(good(), kid="b")), "key_unknown"
    fixed = policy(keys={"jwks": {"keys": [P256.jwk(kid="a")]}})
    yield "keys that are given", request(of_policy=fixed, keys={}), "accept"


def embedded():
    strict = policy(provider={"embedded_keys": "refuse"})
    for member, value in [("jwk", P256.jwk()), ("x5c", ["AAAA"]), ("jku", "https://evil.example"), ("x5u", "x")]:
        token = es256(good(), **{member: value})
        yield f"j04 {member} where it is refused", request(token, strict), "jws_embedded_key"
        yield f"j04 {member} where it is ignored", request(token), "accept"
    yield "j04 no key in the token where one is refused", request(of_policy=strict), "accept"


def pins():
    source = {"jwks_uri": f"{ISSUER}/keys"}
    pinned = policy(keys={**source, "pins": [thumbprint(OTHER_P256), thumbprint(P256)]})
    other = policy(keys={**source, "pins": [thumbprint(OTHER_P256)]})
    yield "a key that is pinned", request(of_policy=pinned), "accept"
    yield "a key that is not pinned, alone", request(of_policy=other), "key_unknown"
    both = {ISSUER: {"keys": [P256.jwk(kid="a"), OTHER_P256.jwk(kid="b")]}}
    yield "a key that is not pinned, beside one that is", request(of_policy=other, keys=both), "key_unknown"
    yield "the one that is", request(es256(good(), OTHER_P256, kid="b"), other, both), "accept"


def of_claims():
    yield "o03 another audience", request(es256(good(aud="https://other.example"))), "audience_wrong"
    yield "o03 two audiences", request(es256(good(aud=[AUDIENCE, "https://other.example"]))), "audience_ambiguous"
    yield "o03 the one audience in a list", request(es256(good(aud=[AUDIENCE]))), "accept"
    yield "an expired token", request(es256(good(iat=NOW - 100, exp=NOW - 30))), "expired"
    yield "an access token", request(es256(good(), typ="at+jwt")), "type_wrong"


def conditions():
    yield "another tenant", request(es256(claims(tenant="t2"))), "trust_condition_false"
    yield "no tenant", request(es256(claims())), "trust_condition_error"
    yield "another subject", request(es256(good(sub="other"))), "verification_condition_false"
    yield "another tenant hides another subject", request(
        es256(claims(tenant="t2", sub="other"))), "trust_condition_false"


def scopes():
    yield "a scope that is not granted", request(scope="api.example.com|admin"), "scope_not_granted"
    yield "another resource", request(scope="other.example.com|read"), "scope_not_granted"
    yield "one of two that is not granted", request(
        scope="api.example.com|read api.example.com|admin"), "scope_not_granted"
