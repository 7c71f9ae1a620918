"""Claims: of the right type, exact, and of the right kind of token."""

from tokens import AUDIENCE, ISSUER, NOW, claims, es256, text, with_claims


def cases():
    return [*times(), *lifetimes(), *types(), *texts(), *duplicates()]


def check(name, expect, payload=None, header=None, **rules):
    return name, with_claims(es256(payload, **(header or {})), **rules), expect


def times():
    yield check("j11 the good twin", "accept")
    yield check("j11 exp with a fraction", "accept", claims(exp=NOW + 590.5))
    yield check("j11 exp with an exponent", "accept", text(claims(exp=0)).replace('"exp":0', '"exp":1.7955219e9'))
    for name, value in [("as text", f'"{NOW + 590}"'), ("null", "null"), ("a list", f"[{NOW + 590}]"),
                        ("negative", "-1"), ("true", "true")]:
        yield check(f"j11 exp {name}", "claims_malformed", raw("exp", value))
    for name, value in [("2^53", str(2**53)), ("2^63", str(2**63)), ("2^64", str(2**64)), ("10^40", str(10**40))]:
        yield check(f"j11 exp {name}", "claims_malformed", raw("exp", value))
        yield check(f"j11 another claim of {name}", "accept", raw("account", value))
        yield check(f"j11 a list with -{name}", "accept", raw("accounts", f"[1, -{value}, [{value}]]"))
    for name, value in [("1e400", "1e400"), ("-1e400", "-1e400"), ("1e16", "1e16"), ("2^53 with a fraction", f"{2**53}.0")]:
        yield check(f"j11 exp {name}", "json_number", raw("exp", value))
        yield check(f"j11 another claim of {name}", "json_number", raw("account", value))
    big = str(2**53 + 1)
    for claim in ["iss", "sub", "aud", "jti", "nbf", "iat"]:
        yield check(f"j11 {claim} 2^53", "claims_malformed", raw(claim, big))
    yield check("j10 a large number twice", "json_duplicate_member", raw("a", f'{big},"a":{big}'))
    for name, value in [("NaN", "NaN"), ("with a leading zero", "01795521900"), ("hexadecimal", "0x6b05c2d4")]:
        yield check(f"j11 exp {name}", "json_malformed", raw("exp", value))
    yield check("j11 exp missing", "expiry_missing", claims(exp=None))
    yield check("j11 nbf as text", "claims_malformed", claims(nbf=str(NOW)))
    yield check("j11 iat as text", "claims_malformed", claims(iat=str(NOW)))
    yield check("j11 a fraction does not lengthen exp", "expired", claims(iat=NOW - 60, exp=NOW - 0.001), skew=0)
    yield check("j13 exp within the skew", "accept", claims(iat=NOW - 600, exp=NOW - 29))
    yield check("j13 exp at the skew", "expired", claims(iat=NOW - 600, exp=NOW - 30))
    yield check("j13 nbf at the skew", "accept", claims(nbf=NOW + 30))
    yield check("j13 nbf beyond the skew", "not_yet_valid", claims(nbf=NOW + 31))
    yield check("j13 the largest skew that can be asked for", "accept", claims(iat=NOW - 600, exp=NOW - 119), skew=120)
    yield check("j13 no larger skew can be asked for", "error", claims(), skew=121)


def raw(claim, value):
    """Good claims with this text for the value of one."""
    return text(claims(**{claim: 0})).replace(f'"{claim}":0', f'"{claim}":{value}')


def lifetimes():
    yield check("j12 a lifetime of ten minutes", "accept", claims(), max_lifetime=600)
    yield check("j12 a second longer", "lifetime_too_long", claims(exp=NOW + 591), max_lifetime=600)
    yield check("j12 exp in the year 9999", "lifetime_too_long", claims(exp=253_402_300_799))
    yield check("j12 without iat the rest counts", "accept", claims(iat=None), max_lifetime=590)
    yield check("j12 without iat, a second longer", "lifetime_too_long", claims(iat=None), max_lifetime=589)
    yield check("j12 iat at the skew", "accept", claims(iat=NOW + 30))
    yield check("j12 iat in the future", "issued_in_future", claims(iat=NOW + 31))
    yield check("j12 exp before iat", "claims_malformed", claims(iat=NOW, exp=NOW - 1))
    yield check("j12 exp at iat", "claims_malformed", claims(iat=NOW, exp=NOW))
    yield check("j12 exp at nbf", "claims_malformed", claims(nbf=NOW + 10, exp=NOW + 10))


def types():
    yield check("j28 typ JWT", "accept", header={"typ": "JWT"})
    yield check("j28 typ as a media type in other letters", "accept", header={"typ": "Application/jwt"})
    yield check("j28 an access token for an ID token", "type_wrong", header={"typ": "at+jwt"})
    yield check("j28 an access token for an access token", "accept", header={"typ": "at+jwt"}, typ="at+jwt")
    yield check("j28 an ID token for an access token", "type_wrong", header={"typ": "JWT"}, typ="at+jwt")
    yield check("j28 no typ for an access token", "type_wrong", typ="at+jwt")
    yield check("j28 a logout token by its typ", "type_wrong", header={"typ": "logout+jwt"})
    logout = {"http://schemas.openid.net/event/backchannel-logout": {}}
    yield check("j28 a logout token by its events", "type_wrong", claims(events=logout))
    yield check("j28 other events", "accept", claims(events={"https://example.com/event": {}}))


def texts():
    yield check("j30 aud as a list of one", "accept", claims(aud=[AUDIENCE]))
    for name, value in [("an object", {}), ("an empty list", []), ("a list with a number", [AUDIENCE, 7]),
                        ("a list in a list", [[AUDIENCE]]), ("empty", ""), ("a number", 7), ("true", True)]:
        yield check(f"j30 aud {name}", "claims_malformed", claims(aud=value))
    for name, value in [("empty", ""), ("a number", 7), ("a list", ["workload"])]:
        yield check(f"j30 sub {name}", "claims_malformed", claims(sub=value))
    yield check("j30 sub missing", "accept", claims(sub=None))
    yield check("j30 iss null", "claims_malformed", raw("iss", "null"))
    yield check("j30 iss a list", "claims_malformed", claims(iss=[ISSUER]))
    yield check("j30 iss missing", "issuer_missing", claims(iss=None))
    yield check("j30 aud missing", "audience_missing", claims(aud=None))
    yield check("j30 iss with a slash", "issuer_wrong", claims(iss=f"{ISSUER}/"))
    yield check("j30 aud with a slash", "audience_wrong", claims(aud=f"{AUDIENCE}/"))
    yield check("j30 aud with another beside", "audience_ambiguous", claims(aud=[AUDIENCE, "https://other.example"]))


def duplicates():
    head = text(claims())[:-1]
    yield check("j10 a claim twice", "json_duplicate_member", f'{head},"sub":"other"}}')
    yield check("j10 a claim twice, once escaped", "json_duplicate_member", f'{head},"su\\u0062":"other"}}')
    yield check("j10 a member twice in depth", "json_duplicate_member", f'{head},"a":[{{"b":1,"b":1}}]}}')
    yield check("j10 one name in two objects", "accept", f'{head},"a":[{{"b":1}},{{"b":1}}]}}')
    yield check("j26 claims with something behind", "json_malformed", f"{head}}} 7")
    yield check("j26 claims that are a list", "json_malformed", "[1]")
