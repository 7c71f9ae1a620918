"""Form: one serialisation, one spelling, one strict JSON object."""

import json

from keys import b64u
from tokens import P256, es256, in_set, text, token


def cases():
    return [*serialisations(), *spellings(), *headers(), *extensions(), *widths()]


def check(name, expect, jws):
    return name, in_set(jws), expect


def header(name, expect, text_of_header):
    """A token with this text for its header, signed."""
    return check(name, expect, token(text_of_header, key=P256, alg="ES256"))


def serialisations():
    good = es256()
    head, payload, signature = good.split(".")
    yield check("j24 the good twin", "accept", good)
    flat = {"payload": payload, "protected": head, "signature": signature}
    general = {"payload": payload, "signatures": [{"protected": head, "signature": signature}]}
    for name, jws in [("the flattened JSON form", json.dumps(flat)), ("the general JSON form", json.dumps(general)),
                      ("one part", head), ("two parts", f"{head}.{payload}"), ("nothing", ""), ("two dots", ".."),
                      ("no header", f".{payload}.{signature}"), ("no signature", f"{head}.{payload}.")]:
        yield check(f"j24 {name}", "jws_malformed", jws)
    yield check("j24 no payload", "jws_signature_invalid", f"{head}..{signature}")
    yield check("j24 a dot more", "jws_encrypted", f"{good}.")
    yield check("j24 a token that is too large", "token_too_large", "." * (16 * 1024 + 1))
    yield check("j22 three parts", "accept", good)
    yield check("j22 five parts", "jws_encrypted", f"{good}.{payload}.{signature}")


def spellings():
    # A payload whose encoding has both letters that differ between the alphabets, and spare bits at its end.
    good = es256('{"a":"???>>>~~"}')
    head, payload, signature = good.split(".")
    assert "_" in payload and "-" in payload and len(payload) % 4 == 2
    yield check("j25 the good twin", "accept", good)
    spare = chr(ord(payload[-1]) + 1)
    for name, changed in [("padded", f"{payload}=="), ("with a blank", f"{payload[:8]} {payload[8:]}"),
                          ("with a line end", f"{payload}\n"), ("with a slash", payload.replace("_", "/")),
                          ("with a plus", payload.replace("-", "+")), ("with spare bits", payload[:-1] + spare),
                          ("with another letter", f"{payload}é"), ("of a length that none has", f"{payload}AAA")]:
        yield check(f"j25 a payload {name}", "jws_malformed", f"{head}.{changed}.{signature}")
    yield check("j25 a header padded", "jws_malformed", f"{head}=.{payload}.{signature}")
    yield check("j25 a signature padded", "jws_malformed", f"{head}.{payload}.{signature}==")
    yield check("j25 a signature with spare bits", "jws_malformed", f"{good[:-1]}{chr(ord(good[-1]) + 1)}")


def headers():
    good = '{"alg":"ES256","kid":"a"}'
    yield header("j26 blanks around the header", "accept", f" {good}\n")
    for name, changed in [("a byte order mark", "\ufeff" + good), ("something behind", good + "{}"),
                          ("a comment", '{"alg":"ES256"/**/,"kid":"a"}'), ("a comma too many", good[:-1] + ",}"),
                          ("a lone surrogate", good[:-1] + ',"x":"\\ud800"}'), ("a list", '["ES256"]'),
                          ("a NUL in a name", good[:-1] + ',"x\\u0000":1}'), ("text", '"ES256"'), ("nothing", " ")]:
        yield header(f"j26 a header with {name}" if name[:2] == "a " else f"j26 a header of {name}",
                     "json_malformed", changed)
    signed = f"{b64u(bytes([0x7B, 0xFF, 0x7D]))}.{b64u(b'{}')}"
    yield check("j26 a header that is not UTF-8", "json_malformed",
                f"{signed}.{b64u(P256.sign('ES256', signed.encode()))}")
    yield header("j10 alg twice", "json_duplicate_member", '{"alg":"ES256","kid":"a","alg":"ES256"}')
    yield header("j10 alg twice, once escaped", "json_duplicate_member", '{"alg":"ES256","kid":"a","al\\u0067":"none"}')
    yield header("j10 a member twice in depth", "json_duplicate_member", good[:-1] + ',"jwk":{"k":1,"k":2}}')
    yield header("j01 alg missing", "jws_header_invalid", '{"kid":"a"}')
    for name, value in [("null", "null"), ("a number", "256"), ("a list", '["ES256"]'), ("an object", "{}")]:
        yield header(f"j01 alg {name}", "jws_header_invalid", f'{{"alg":{value},"kid":"a"}}')


def extensions():
    yield check("j08 the good twin, with a member that means nothing", "accept", es256(x="y"))
    for name, crit in [("empty", []), ("a registered name", ["exp"]), ("its own algorithm", ["alg"]),
                       ("an unknown name", ["x"]), ("a name twice", ["x", "x"]), ("a name that is absent", ["y"]),
                       ("null", None), ("text", "x")]:
        yield check(f"j08 crit {name}", "jws_critical", es256(x=1, crit=crit))
    yield check("j09 the good twin", "accept", es256())
    yield check("j09 b64 false", "jws_critical", es256(b64=False))
    yield check("j09 b64 false, as it should be", "jws_critical", es256(b64=False, crit=["b64"]))
    yield check("j09 b64 true", "jws_critical", es256(b64=True))
    for name, member in [("enc", "A128GCM"), ("zip", "DEF"), ("p2c", 1_000_000)]:
        yield check(f"j22 {name} in the header", "jws_encrypted", es256(**{name: member}))
    for name in ["JWT", "jwt", "application/jwt"]:
        yield check(f"j23 cty {name}", "jws_nested", es256(es256(), cty=name))
    yield check("j23 another cty", "accept", es256(cty="json"))


def widths():
    def deep(levels):
        return f'{{"alg":"ES256","kid":"a","x":{"[" * levels}{"]" * levels}}}'

    yield header("j27 a header as deep as may be", "accept", deep(15))
    yield header("j27 a header one level deeper", "json_too_deep", deep(16))
    yield header("j27 a header of brackets", "json_too_deep", '{"x":' + "[" * 3000)
    wide = {"alg": "ES256", "kid": "a", **{str(number): 0 for number in range(254)}}
    yield header("j27 a header as wide as may be", "accept", text(wide))
    yield header("j27 a header one member wider", "json_too_wide", text({**wide, "x": 0}))
    yield check("j27 claims of brackets are not read before the signature", "jws_signature_invalid",
                token({"alg": "ES256", "kid": "a"}, "[" * 3000, signature=b"\1" * 64))
    yield header("j27 a header that is too large", "jws_header_too_large", text({"alg": "ES256", "x": "x" * 4096}))
