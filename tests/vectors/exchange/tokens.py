"""OIDC tokens and the keys of their issuers."""

import json

from world import FETCHED, KEY, NOW, OTHER_KEY, claims, policy, token, with_fetched, with_token

HEADER = {"alg": "ES256", "kid": "a"}


def deep(depth):
    return "[" * depth + "]" * depth


def claim_text(more):
    """The good claims as text, with this text behind the first brace."""
    return "{" + more + "," + json.dumps(claims())[1:]


def header(**more):
    return with_token(token(header={**HEADER, **more}))


def cases():
    nameless = [KEY.jwk(alg="ES256")] + [type(KEY)("P-256", 0xD000 + n).jwk(alg="ES256") for n in range(5)]
    return [
        ("keys that came with the request", with_fetched({FETCHED: {"keys": [KEY.jwk(kid="a")]}}), "accept"),
        ("no text at all", with_token("x"), "jws_malformed"),
        ("padding in a part", with_token(token() + "="), "jws_malformed"),
        ("five parts", with_token(token() + ".eA.eA"), "jws_encrypted"),
        ("a token beyond 16 KiB", with_token(token(claims(more="x" * 13000))), "token_too_large"),
        ("a header beyond 4 KiB", header(more="x" * 4200), "jws_header_too_large"),
        ("a header without alg", with_token(token(header={"kid": "a"})), "jws_header_invalid"),
        ("a header that is no JSON", with_token(token(header="{")), "json_malformed"),
        ("a header with two kid", with_token(token(header='{"alg":"ES256","kid":"a","kid":"b"}')),
         "json_duplicate_member"),
        ("a critical extension", header(crit=["x"], x=1), "jws_critical"),
        ("a token in a token", header(cty="JWT"), "jws_nested"),
        ("no signature algorithm", with_token(token(header={**HEADER, "alg": "none"})), "unsupported_algorithm"),
        ("HMAC with the public key", with_token(token(header={**HEADER, "alg": "HS256"})), "unsupported_algorithm"),
        ("an algorithm that the key does not carry", with_token(token(header={**HEADER, "alg": "RS256"})),
         "algorithm_not_allowed"),
        ("a key of another name", header(kid="b"), "key_unknown"),
        ("too many keys without names",
         with_fetched({FETCHED: {"keys": nameless}}, {"alg": "ES256"}), "keys_too_many"),
        ("a signature of another key", with_token(token(key=OTHER_KEY)), "jws_signature_invalid"),
        ("a signature that is too short", with_token(token(signature=b"\1" * 63)), "signature_malformed"),
        ("an embedded key where that is refused",
         with_token(token(header={**HEADER, "jwk": KEY.jwk()}),
                    policy(("providers", "idp", "embedded_keys", "refuse"))), "jws_embedded_key"),
        ("claims that are no object", with_token(token("[]")), "json_malformed"),
        ("an expiry in text", with_token(token(claims(exp="soon"))), "claims_malformed"),
        ("a claim twice", with_token(token(claim_text('"sub":"x"'))), "json_duplicate_member"),
        ("a number beyond 2^53", with_token(token(claim_text('"n":9007199254740992'))), "json_number"),
        ("claims that are nested too deeply", with_token(token(claim_text('"n":' + deep(20)))), "json_too_deep"),
        ("too many claims",
         with_token(token(claim_text(",".join(f'"m{n}":0' for n in range(300))))), "json_too_wide"),
        ("the type of an access token", header(typ="at+jwt"), "type_wrong"),
        ("no issuer", with_token(token(claims(iss=None))), "issuer_missing"),
        ("an issuer with a slash", with_token(token(claims(iss="https://idp.example.com/"))), "issuer_wrong"),
        ("no audience", with_token(token(claims(aud=None))), "audience_missing"),
        ("another audience", with_token(token(claims(aud="https://other.example.com"))), "audience_wrong"),
        ("several audiences", with_token(token(claims(aud=["https://sts.example.com", "https://other.example.com"]))),
         "audience_ambiguous"),
        ("no expiry", with_token(token(claims(exp=None))), "expiry_missing"),
        ("expired", with_token(token(claims(iat=NOW - 700, exp=NOW - 100))), "expired"),
        ("not valid yet", with_token(token(claims(nbf=NOW + 100))), "not_yet_valid"),
        ("issued in the future", with_token(token(claims(iat=NOW + 100))), "issued_in_future"),
        ("a lifetime that is too long", with_token(token(claims(exp=NOW + 7200))), "lifetime_too_long"),
        ("keys that nobody brings", with_fetched({}), "keys_unavailable"),
        ("a key set that is none", with_fetched({FETCHED: {}}), "jwks_malformed"),
        ("an empty key set", with_fetched({FETCHED: {"keys": []}}), "key_unknown"),
        ("a key set of 65 keys", with_fetched({FETCHED: {"keys": [KEY.jwk(kid=f"k{n}") for n in range(65)]}}),
         "jwks_too_large"),
        ("two keys of one name", with_fetched({FETCHED: {"keys": [KEY.jwk(kid="a"), OTHER_KEY.jwk(kid="a")]}}),
         "key_unknown"),
        ("a key set of another kind of key",
         with_fetched({FETCHED: {"keys": [{"kty": "oct", "k": "AAAA", "kid": "a"}]}}), "key_unknown"),
    ]
