"""Keys: from configuration alone, found by exact names, sound in form."""

import base64
import hashlib

from keys import Ec, b64u, big_endian
from tokens import OTHER_P256, OTHER_RSA, P256, P384, RSA, es256, in_set, token, with_key


def cases():
    return [*embedded(), *names(), *counts(), *curves(), *moduli(), *sizes(), *uses()]


def embedded():
    own = OTHER_P256.jwk()
    yield "j04 a key in the token is not used", in_set(es256(key=OTHER_P256, jwk=own)), "jws_signature_invalid"
    yield "j04 a key in the token is ignored", in_set(es256(jwk=own)), "accept"
    yield "j04 a key in the token is no key of an unknown name", in_set(
        es256(key=OTHER_P256, kid="b", jwk=own)), "key_unknown"
    yield "j04 a certificate in the token is not used", in_set(
        es256(key=OTHER_P256, x5c=["MIIB"])), "jws_signature_invalid"
    for member in ["jku", "x5u"]:
        away = {member: "https://evil.example/keys"}
        yield f"j05 {member} is not fetched", in_set(es256(key=OTHER_P256, **away)), "jws_signature_invalid"
        yield f"j05 {member} is ignored", in_set(es256(**away)), "accept"


def names():
    yield "j06 a name is found", in_set(es256()), "accept"
    for name, kid in [("in other letters", "A"), ("with a blank", "a "), ("empty", ""), ("with a NUL", "a\0"),
                      ("a path", "../../dev/null"), ("SQL", "a' OR '1'='1"), ("an address", "https://evil.example/a"),
                      ("that steers a terminal", "\x1b[2J\u202e"), ("as long as may be", "a" * 256)]:
        yield f"j06 a name {name}", in_set(es256(kid=kid)), "key_unknown"
    yield "j06 a name longer than may be", in_set(es256(kid="a" * 257)), "jws_header_invalid"
    yield "j06 a name that is a number", in_set(es256(kid=7)), "jws_header_invalid"
    path = "../../dev/null"
    yield "j06 a path is a name", in_set(es256(kid=path), P256.jwk(kid=path)), "accept"


def counts():
    def bare(key=P256):
        return token({"alg": "ES256"}, key=key)

    others = [Ec("P-256", number).jwk(kid=str(number)) for number in range(2, 6)]
    yield "j07 no name, four keys", in_set(bare(), *others[:3], P256.jwk(kid="a")), "accept"
    yield "j07 no name, five keys", in_set(bare(), *others, P256.jwk(kid="a")), "keys_too_many"
    yield "j07 no name, four keys of another", in_set(bare(), *others), "jws_signature_invalid"
    yield "j07 no name, keys of other kinds do not count", in_set(
        bare(), P384.jwk(), RSA.jwk(), OTHER_RSA.jwk(), others[0], others[1], others[2], P256.jwk()), "accept"
    yield "j07 a name among many", in_set(es256(), *others, P256.jwk(kid="a")), "accept"
    yield "j07 one name for two keys of a type", in_set(
        es256(), P256.jwk(kid="a"), OTHER_P256.jwk(kid="a")), "jwks_duplicate_kid"
    yield "j07 one name for two keys, and a key of another name", in_set(
        es256(kid="b"), P256.jwk(kid="a"), OTHER_P256.jwk(kid="a"), P256.jwk(kid="b")), "accept"
    yield "j07 one name for two keys beside a key of another name", in_set(
        es256(), P256.jwk(kid="a"), OTHER_P256.jwk(kid="a"), P256.jwk(kid="b")), "key_unknown"
    yield "j07 the same key twice", in_set(es256(), P256.jwk(kid="a"), P256.jwk(kid="a", alg="ES256")), "accept"
    yield "j07 one name for keys of two types", in_set(es256(), RSA.jwk(kid="a"), P256.jwk(kid="a")), "accept"


def curves():
    good = es256()
    x, y = P256.point()
    yield "j17 the good twin", with_key(good, P256.jwk()), "accept"
    wrong = {
        "off the curve": (x, y[:-1] + bytes([y[-1] ^ 1])), "at infinity": (bytes(32), bytes(32)),
        "with a short x": (x[1:], y), "with a long y": (x, b"\0" + y), "with both in x": (x + y, b""),
    }
    for name, (x2, y2) in wrong.items():
        key = {"kty": "EC", "crv": "P-256", "x": b64u(x2), "y": b64u(y2)}
        yield f"j17 a point {name}", with_key(good, key), "key_malformed"
    yield "j17 a point of another curve", with_key(good, P256.jwk() | {"crv": "P-384"}), "key_malformed"
    yield "j17 a curve that is not offered", with_key(good, P256.jwk() | {"crv": "secp256k1"}), "unsupported_key"
    spki = P256.spki()
    start = spki[:-65]
    yield "j17 a SubjectPublicKeyInfo", with_key(good, spki), "accept"
    compressed = bytearray(start[:-2] + bytes([34, 0]) + bytes([2 + y[-1] % 2]) + x)
    compressed[1] = len(compressed) - 2
    compressed[len(start) - 3] = 3
    yield "j17 a compressed point", with_key(good, bytes(compressed)), "unsupported_key"
    yield "j17 a hybrid point", with_key(good, start + bytes([6 + y[-1] % 2]) + x + y), "key_malformed"


def moduli():
    good = token({"alg": "RS256"}, key=RSA)
    yield "j18 the good twin", with_key(good, RSA.jwk()), "accept"
    for name, exponent in [("1", 1), ("3", 3), ("65535", 65535), ("that is even", 65538), ("over 32 bits", 2**32 + 1)]:
        yield f"j18 an exponent {name}", with_key(good, RSA.jwk() | {"e": b64u(big_endian(exponent))}), "key_weak"
    yield "j18 an exponent with a leading zero", with_key(good, RSA.jwk() | {"e": "AAEAAQ"}), "key_malformed"
    for zeros, expect in [(1, "accept"), (2, "key_malformed")]:
        yield f"j18 a modulus with {zeros} leading zeros", with_key(
            good, RSA.jwk() | {"n": b64u(b"\0" * zeros + big_endian(RSA.n))}), expect
    padded = RSA.jwk(kid="a", n=b64u(b"\0" + big_endian(RSA.n)))
    yield "k3 one key with a zero and without", in_set(
        token({"alg": "RS256", "kid": "a"}, key=RSA), RSA.jwk(kid="a"), padded), "accept"
    yield "k3 a key whose private half is there with a zero", in_set(
        token({"alg": "RS256", "kid": "a"}, key=RSA), RSA.jwk(kid="a"), padded | {"d": "AA"}, OTHER_P256.jwk()), "key_unknown"
    # 65537 to the power 0 modulo every prime of the generator, which is how its moduli are known.
    primes = [number for number in range(2, 702) if all(number % divisor for divisor in range(2, number))]
    product = 1
    for number in primes:
        product *= number
    roca = 1 + product * (2**2048 // product - 1)
    for name, modulus in [("of 2047 bits", RSA.n >> 1 | 1), ("of 1024 bits", RSA.n >> 1024 | 1),
                          ("that is even", RSA.n - 1), ("that can be factored", roca)]:
        yield f"j18 a modulus {name}", with_key(good, RSA.jwk() | {"n": b64u(big_endian(modulus))}), "key_weak"


def sizes():
    good = es256()
    big = {"kty": "RSA", "e": "AQAB", "n": b64u(b"\xd5" * 513)}
    yield "j21 a modulus over 4096 bits", with_key(token({"alg": "RS256"}, key=RSA), big), "key_weak"
    few = [{"kty": "none"}] * 63
    yield "j21 a set of 64", in_set(good, P256.jwk(kid="a"), *few), "accept"
    yield "j21 a set of 65", in_set(good, P256.jwk(kid="a"), *few, {}), "jwks_too_large"


def uses():
    good = es256()
    yield "o12 for signatures", in_set(good, P256.jwk(kid="a", use="sig")), "accept"
    yield "o12 for encryption", in_set(good, P256.jwk(kid="a", use="enc"), OTHER_P256.jwk()), "key_unknown"
    yield "o12 for signing alone", in_set(good, P256.jwk(kid="a", key_ops=["sign"]), OTHER_P256.jwk()), "key_unknown"
    secret = {"kty": "oct", "k": b64u(hashlib.sha256(b"secret").digest()), "kid": "s"}
    yield "o12 secrets are warned of", in_set(good, P256.jwk(kid="a"), secret, OTHER_P256.jwk(d="AA")), "accept"
    yield "o12 no operation at all", in_set(good, P256.jwk(kid="a", key_ops=[]), OTHER_P256.jwk()), "key_unknown"
    silent = {"alg": None, "use": "", "key_ops": None, "x5c": None}
    yield "o12 members that say nothing", in_set(good, P256.jwk(kid="a", **silent)), "accept"
    for name, chain in [("that is no list", "AAAA"), ("that is empty", []), ("of a number", [1]), ("of PEM", ["-----BEGIN"]),
                        ("that is no certificate", ["AAAA"])]:
        yield f"o12 an x5c {name}", in_set(good, P256.jwk(kid="a", x5c=chain)), "accept"
    other = base64.b64encode(b"\x30\x82" + OTHER_P256.spki()).decode()
    yield "o12 an x5c of another key", in_set(good, P256.jwk(kid="a", x5c=[other]), OTHER_P256.jwk()), "key_unknown"
    for use in ["jwt-svid", "x509-svid"]:
        yield f"o12 a key of a bundle for {use}", in_set(good, P256.jwk(kid="a", use=use), OTHER_P256.jwk()), "key_unknown"
    for name, leak in [("another curve", {"crv": "P-384"}), ("an unknown curve", {"crv": "X25519"}),
                       ("an unknown type", {"kty": "future"})]:
        yield f"o12 a private half under {name}", in_set(
            good, P256.jwk(kid="a"), P256.jwk(d="") | leak, OTHER_P256.jwk()), "key_unknown"
    yield "o12 a set of a private key alone", in_set(good, P256.jwk(kid="a", d=None)), "jwks_empty"
    yield "o12 a private key is not used", in_set(good, P256.jwk(kid="a", d="AA"), OTHER_P256.jwk()), "key_unknown"
