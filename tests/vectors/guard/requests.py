"""One request, with the keys at hand: what it gets."""

import json

from protected import AUDIENCE, NOW, OTHER_P256, P256, RULES, SUBJECT, access_token, key_set

# RFC 6750 section 3.1 and the table of public codes: status, error of the challenge, sentence.
PUBLIC = {
    "expired": (401, "invalid_token", "The proof or token has expired."),
    "insufficient_scope": (403, "insufficient_scope", "The token does not carry the scope that this resource needs."),
    "invalid_request": (400, "invalid_request", "The request is malformed."),
    "malformed_proof": (401, "invalid_token", "The proof or token is malformed or of a form that is not accepted."),
    "not_trusted": (401, "invalid_token", "The client, its credential or the proof is not trusted here."),
    "not_yet_valid": (401, "invalid_token", "The proof or token is not valid yet; check the clock of its maker."),
    "temporarily_unavailable": (503, "temporarily_unavailable",
                                "Something needed for the decision is not available; try again shortly."),
    "token_missing": (401, "", "No token was presented."),
    "wrong_audience": (401, "invalid_token", "The proof or token is meant for another audience."),
    "wrong_type": (401, "invalid_token", "The token is of another kind than the one needed here."),
}


def accepted(scope="read:file write"):
    return {"accept": {"subject": SUBJECT, "client_id": "app_orders", "scope": scope}}


def refused(code, public, scope=()):
    """The answer of RFC 6750 section 3."""
    status, error, sentence = PUBLIC[public]
    description = f"{public}: {sentence}"
    headers = {"cache-control": "no-store", "content-type": "application/json", "credmint-error": public}
    if code == "token_missing":
        headers["www-authenticate"] = "Bearer"
    elif status < 500:
        challenge = f'Bearer error="{error}", error_description="{description}"'
        if code == "scope_insufficient":
            challenge += f', scope="{" ".join(scope)}"'
        headers["www-authenticate"] = challenge
    elif status == 503:
        headers["retry-after"] = "10"
    body = json.dumps({"error": error or public, "error_description": description}, separators=(",", ":"))
    return {"refuse": code, "status": status, "headers": headers, "body": body}


def vectors():
    keys = key_set(P256.jwk(kid="a", alg="ES256"))
    for name, authorization, expect, more in cases():
        vector = {"name": name, "rules": RULES, "keys": keys, "now": NOW, "authorization": authorization}
        yield {**vector, **more, "expect": expect}


def bearer(*args, **more):
    return [f"Bearer {access_token(*args, **more)}"]


def cases():
    """Name, values of the Authorization field, what comes, members that differ. `always`: at any time, so that hosts whose
    clock cannot be set have the case too."""
    always = {"always": True}
    good = bearer()[0]
    yield "a good token", [good], accepted(), {}
    yield "another case of the scheme", [good.replace("Bearer", "bEARER")], accepted(), {}
    yield "without scope", bearer(changes={"scope": None}), accepted(""), {}
    yield "a token that a client uses for its subject", bearer(changes={"act": {"sub": "gateway"}}), accepted(), {}
    malformed = refused("authorization_malformed", "invalid_request")
    yield "no token", [], refused("token_missing", "token_missing"), always
    yield "two fields", [good, good], malformed, always
    yield "two tokens in one field", [f"{good},{good}"], malformed, always
    yield "two blanks", [good.replace(" ", "  ")], malformed, always
    yield "no scheme", [good[7:]], malformed, always
    yield "another scheme", ["Basic YTpi"], malformed, always
    yield "no JWT", ["Bearer a.b"], refused("jws_malformed", "malformed_proof"), always
    none = refused("unsupported_algorithm", "not_trusted")
    yield "alg none", bearer(alg="none"), none, always
    untrusted = [("a key of another name", {"kid": "b"}, "key_unknown"), ("no name", {"kid": None}, "key_unknown")]
    for name, header, code in untrusted:
        yield name, bearer(**header), refused(code, "not_trusted"), always
    yield "another key of this name", bearer(OTHER_P256), refused("jws_signature_invalid", "not_trusted"), always
    wrong_type = refused("type_wrong", "wrong_type")
    yield "an ID token", bearer(typ="JWT"), wrong_type, always
    old = {"iat": NOW - 7200, "exp": NOW - 3600}
    yield "an old token", bearer(changes=old), refused("expired", "expired"), always
    changes = [
        ("another issuer", {"iss": "https://sts.example.com"}, "issuer_wrong", "not_trusted"),
        ("another audience", {"aud": "other"}, "audience_wrong", "wrong_audience"),
        ("two audiences", {"aud": [AUDIENCE, "other"]}, "audience_ambiguous", "wrong_audience"),
        ("no jti", {"jti": None}, "jti_missing", "malformed_proof"),
        ("no client", {"client_id": None}, "claims_malformed", "malformed_proof"),
        ("bound to a key", {"cnf": {"jkt": "x"}}, "token_bound", "wrong_type"),
    ]
    for name, change, code, public in changes:
        yield name, bearer(changes=change), refused(code, public), {}
    yield "issued in the future", bearer(changes={"iat": NOW + 31}), refused("issued_in_future", "not_yet_valid"), {}
    scope = ["write", "delete"]
    rules = {"rules": {**RULES, "scope": scope}}
    yield "a scope that is lacking", [good], refused("scope_insufficient", "insufficient_scope", scope), rules
    yield "a scope that is there", bearer(changes={"scope": "delete write"}), accepted("delete write"), rules
    unset = refused("clock_implausible", "temporarily_unavailable")
    yield "a clock that was never set", [good], unset, {"now": 0}
