"""OIDC tokens and the keys of their issuers."""

import json

from world import FETCHED, IDP, KEY, NOW, OTHER_KEY, claims, policy, token, with_fetched, with_token

HEADER = {"alg": "ES256", "kid": "a"}


def deep(depth):
    return "[" * depth + "]" * depth


def claim_text(more):
    """The good claims as text, with this text behind the first brace."""
    return "{" + more + "," + json.dumps(claims())[1:]


def header(**more):
    return with_token(token(header={**HEADER, **more}))


BIG = '"n":9007199254740993,"o":{"list":[1,18446744073709551617]}'
"""Two integers that two readers see differently."""


def reading(condition):
    """A condition beside the one that binds, on a token with large integers."""
    bound = f'jwt.claims.sub == "workload" && {condition}'
    path = ("clients", "app_1", "credentials", "main", "condition")
    return with_token(token(claim_text(BIG)), policy((*path, bound)))


def mapping(source):
    """A mapping of a token with large integers."""
    path = ("clients", "app_1", "credentials", "main", "attributes")
    return with_token(token(claim_text(BIG)), policy((*path, {"shown": source})))


def provider(payload, **more):
    """A token to a provider with these settings."""
    changes = [("providers", "idp", name, value) for name, value in more.items() if name != "typ"]
    head = {**HEADER, "typ": more["typ"]} if "typ" in more else HEADER
    return with_token(token(claims(**payload), head), policy(*changes))


def svid(payload, keys=None, issuer=None, typ="JOSE", key=KEY, kid="a"):
    """A JWT-SVID to a provider of its trust domain."""
    keys = [KEY.jwk(kid="a", use="jwt-svid")] if keys is None else keys
    provider = {"type": "spiffe", "trust_domain": "example.org", "audiences": ["https://sts.example.com"],
                "keys": {"jwks": {"keys": keys}}, **({"issuer": issuer} if issuer else {})}
    credential = ("clients", "app_1", "credentials", "main")
    bound = policy(("providers", "idp", provider), (*credential, "condition", f'jwt.claims.sub == "{WORKLOAD}"'),
                   (*credential, "attributes", {}))
    return with_token(token(claims(**{"sub": WORKLOAD, "iss": None, **payload}), {**HEADER, "typ": typ, "kid": kid}, key), bound)


WORKLOAD = "spiffe://example.org/ns/shop/sa/orders"


def svids():
    """JWT-SVIDs: the keys of the trust domain say who signed."""
    certificates = OTHER_KEY.jwk(kid="a", use="x509-svid")
    unnamed = OTHER_KEY.jwk(kid="b")
    return [
        ("an SVID without an issuer", svid({}), "accept"),
        ("an SVID of type JWT", svid({}, typ="JWT"), "accept"),
        ("an SVID of another type", svid({}, typ="at+jwt"), "type_wrong"),
        ("an SVID with an issuer that is not asked for", svid({"iss": "https://spire.example.org"}), "accept"),
        ("an SVID with an issuer of no text", svid({"iss": 7}), "claims_malformed"),
        ("an SVID without the issuer that is asked for", svid({}, issuer=IDP), "issuer_missing"),
        ("an SVID of another issuer than is asked for", svid({"iss": FETCHED}, issuer=IDP), "issuer_wrong"),
        ("an SVID of the issuer that is asked for", svid({"iss": IDP}, issuer=IDP), "accept"),
        ("an SVID of another trust domain", svid({"sub": "spiffe://example.org.evil/ns/shop/sa/orders"}),
         "trust_condition_false"),
        ("an SVID by a key for certificates of the same name",
         svid({}, [KEY.jwk(kid="a", use="jwt-svid"), certificates], key=OTHER_KEY), "jws_signature_invalid"),
        ("an SVID by a key of a bundle without a use",
         svid({}, [KEY.jwk(kid="a", use="jwt-svid"), unnamed], key=OTHER_KEY, kid="b"), "key_unknown"),
        ("an SVID beside a key for certificates", svid({}, [KEY.jwk(kid="a", use="jwt-svid"), certificates]), "accept"),
    ]


OURS, OTHER, THIRD = "https://sts.example.com", "https://other.example.com", "account"


def settings():
    """What a provider may say of audiences, clocks and types."""
    return [
        ("two audiences that are both listed",
         provider({"aud": [OURS, OTHER]}, audiences=[OURS, OTHER]), "accept"),
        ("an audience twice", provider({"aud": [OURS, OURS]}), "accept"),
        ("another audience that is named as such",
         provider({"aud": [THIRD, OURS]}, other_audiences=[THIRD]), "accept"),
        ("a third audience beside it",
         provider({"aud": [THIRD, OURS, OTHER]}, other_audiences=[THIRD]), "audience_ambiguous"),
        ("another audience alone", provider({"aud": THIRD}, other_audiences=[THIRD]), "audience_wrong"),
        ("other audiences alone",
         provider({"aud": [THIRD, OTHER]}, other_audiences=[THIRD, OTHER]), "audience_wrong"),
        ("a token for the other audience as one for ours", provider({"aud": [THIRD]}, other_audiences=[THIRD]),
         "audience_wrong"),
        ("an end within a wider skew", provider({"iat": NOW - 600, "exp": NOW - 119}, clock_skew=120), "accept"),
        ("an end at a wider skew", provider({"iat": NOW - 600, "exp": NOW - 120}, clock_skew=120), "expired"),
        ("a beginning without skew", provider({"nbf": NOW + 1}, clock_skew=0), "not_yet_valid"),
        ("a beginning at once without skew", provider({"nbf": NOW}, clock_skew=0), "accept"),
        ("an access token where such are wanted", provider({}, types=["at+jwt"], typ="application/AT+JWT"), "accept"),
        ("an ID token where access tokens are wanted", provider({}, types=["at+jwt"], typ="JWT"), "type_wrong"),
        ("no type where access tokens are wanted", provider({}, types=["at+jwt"]), "type_wrong"),
        ("no type where both are wanted", provider({}, types=["JWT", "at+jwt"]), "accept"),
        ("the type of SVIDs elsewhere", provider({}, typ="JOSE"), "type_wrong"),
        ("a token of another provider's issuer with keys of its own",
         with_fetched({FETCHED: {"keys": [OTHER_KEY.jwk(kid="b")]}}, payload=claims()), "token_of_another_provider"),
        ("a token of another provider's issuer under a name that both use",
         with_fetched({FETCHED: {"keys": [OTHER_KEY.jwk(kid="a")]}}, payload=claims()), "token_of_another_provider"),
        ("a token of another provider's issuer with the same keys",
         with_fetched({FETCHED: {"keys": [KEY.jwk(kid="a")]}}, payload=claims()), "issuer_wrong"),
        ("a token of nobody's issuer with keys of its own",
         with_fetched({FETCHED: {"keys": [OTHER_KEY.jwk(kid="b")]}}, payload=claims(iss="https://x.example")),
         "key_unknown"),
        ("a token of its own issuer with a key of its own",
         with_fetched({FETCHED: {"keys": [OTHER_KEY.jwk(kid="b")]}}), "key_unknown"),
        ("two keys of one name, and the token's own",
         with_fetched({FETCHED: {"keys": [KEY.jwk(kid="a"), OTHER_KEY.jwk(kid="b"), KEY.jwk(kid="b")]}}), "accept"),
        ("a key of the attacker's under the name of the token's",
         with_fetched({FETCHED: {"keys": [KEY.jwk(kid="a"), OTHER_KEY.jwk(kid="a")]}}, key=OTHER_KEY), "key_unknown"),
    ]


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
        ("a number beyond 2^53 in a header", with_token(token(header='{"alg":"ES256","kid":"a","n":9007199254740992}')),
         "json_number"),
        ("an integer beyond 2^53", with_token(token(claim_text('"n":9007199254740992'))), "accept"),
        ("a decimal beyond 2^53", with_token(token(claim_text('"n":9007199254740992.0'))), "json_number"),
        ("an integer beyond 2^53 that a condition asks for", reading("has(jwt.claims.n)"), "accept"),
        *((f"an integer beyond 2^53 in {condition}", reading(condition), "verification_condition_error")
          for condition in ["jwt.claims.n == 9007199254740991", "jwt.claims.n == 7", "jwt.claims.n != 7", "jwt.claims.n > 1",
                            "jwt.claims.n in [1, 2]", "!IsNullOrEmpty(jwt.claims.n)", "jwt.claims['n'] == 'x'",
                            "Append('', jwt.claims.n) == '9007199254740993'", "jwt.claims.o.list[1] == 1",
                            "jwt.claims.o.list == [1, 2]", "jwt.claims.o.list.all(one, one > 0)", "2 in jwt.claims.o.list"]),
        ("an integer beyond 2^53 beside the element that is asked for", reading("1 in jwt.claims.o.list"), "accept"),
        ("an integer beyond 2^53 in a list that is counted", reading("jwt.claims.o.list.size() == 2"), "accept"),
        *((f"an integer beyond 2^53 in a mapping of {source}", mapping(source), "mapping_error")
          for source in ["jwt.claims.n", "jwt.claims.o", "jwt.claims.o.list", "Append('', jwt.claims.n)"]),
        ("a claim beside one that is beyond 2^53 in a mapping", mapping("jwt.claims.run"), "accept"),
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
        *settings(),
        *svids(),
    ]
