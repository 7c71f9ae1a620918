"""Signatures: by an algorithm of the key's own set, of one length, over the whole block."""

import hashlib
import hmac

from keys import CURVES, DIGEST_INFO, b64u, digest
from tokens import ED25519, OTHER_RSA, P256, P384, P521, RSA, in_set, token, with_key

KEYS = {"RS": RSA, "PS": RSA, "ES256": P256, "ES384": P384, "ES512": P521, "EdDSA": ED25519}
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]


def cases():
    return [*algorithms(), *confusions(), *matrix(), *ranges(), *lengths(), *paddings(), *salts()]


def key_of(alg):
    return KEYS.get(alg) or KEYS[alg[:2]]


def algorithms():
    for alg in ALGORITHMS:
        key = key_of(alg)
        yield f"{alg} by a key that says so", in_set(
            token({"alg": alg, "kid": "a"}, key=key), key.jwk(kid="a", alg=alg)), "accept"
        yield f"{alg} by a SubjectPublicKeyInfo", with_key(
            token({"alg": alg}, key=key), key.spki(), algorithms=[alg]), "accept"
    new = token({"alg": "Ed25519", "kid": "a"}, key=ED25519, alg="EdDSA")
    for of_key in ["Ed25519", "EdDSA", None]:
        yield f"Ed25519 by a key for {of_key}", in_set(new, ED25519.jwk(kid="a", alg=of_key)), "accept"
    yield "EdDSA by a key for Ed25519", in_set(
        token({"alg": "EdDSA", "kid": "a"}, key=ED25519), ED25519.jwk(kid="a", alg="Ed25519")), "accept"
    for listed in ["EdDSA", "Ed25519"]:
        yield f"Ed25519 when {listed} is listed", in_set(new, ED25519.jwk(kid="a"), algorithms=[listed]), "accept"
    yield "Ed25519 by a key for ES256", in_set(new, P256.jwk(kid="a", alg="ES256")), "algorithm_not_allowed"
    for alg in ["ED25519", "ed25519", "Ed448", "Ed25519ph"]:
        yield f"alg {alg}", in_set(
            token({"alg": alg, "kid": "a"}, key=ED25519, alg="EdDSA"), ED25519.jwk(kid="a")), "unsupported_algorithm"
    for alg in ["RS256", "ES256", "ES384", "ES512", "EdDSA"]:
        key = key_of(alg)
        yield f"{alg} by default", in_set(token({"alg": alg}, key=key), key.jwk()), "accept"


def confusions():
    for alg in ["none", "None", "nOnE", "NONE", "", "es256", "ES256 ", "ES257"]:
        yield f"j01 alg {alg!r}", in_set(token({"alg": alg, "kid": "a"}, key=P256, alg="ES256")), "unsupported_algorithm"
    yield "j01 the good twin", in_set(token({"alg": "ES256", "kid": "a"})), "accept"
    yield "j01 alg none without signature", in_set(token({"alg": "none"}, signature=b"")), "jws_malformed"
    yield "j02 the good twin", in_set(token({"alg": "RS256", "kid": "a"}, key=RSA), RSA.jwk(kid="a")), "accept"
    for name, secret in [("as DER", RSA.spki()), ("as its modulus", b64u(RSA.n.to_bytes(256, "big")).encode())]:
        def mac(message, secret=secret):
            return hmac.digest(secret, message, hashlib.sha256)

        jws = token({"alg": "HS256", "kid": "a"}, signature=mac)
        yield f"j02 the public key {name} for a secret", in_set(jws, RSA.jwk(kid="a")), "unsupported_algorithm"
        yield f"j02 the same when HS256 is listed {name}", in_set(
            jws, RSA.jwk(kid="a"), algorithms=["HS256", "RS256"]), "unsupported_algorithm"


def matrix():
    """Every algorithm against a key of each kind that is for another one."""
    for alg in ALGORITHMS:
        jws = token({"alg": alg, "kid": "a"}, key=key_of(alg))
        for of_key in ["RS256", "PS512", "ES256", "ES384", "ES512", "EdDSA"]:
            if of_key != alg:
                key = key_of(of_key)
                yield f"j03 {alg} by a key for {of_key}", in_set(jws, key.jwk(kid="a", alg=of_key)), "algorithm_not_allowed"
        yield f"j03 {alg} when it is not listed", in_set(
            jws, key_of(alg).jwk(kid="a"), algorithms=[other for other in ALGORITHMS if other != alg]), "algorithm_not_allowed"
    listed = ["RS256", "RS512", "PS384"]
    for alg in ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]:
        yield f"j03 {alg} by a key for three that are listed", in_set(
            token({"alg": alg, "kid": "a"}, key=RSA), RSA.jwk(kid="a"), algorithms=listed,
        ), "accept" if alg in listed else "algorithm_not_allowed"
    # The signature is by another algorithm than the header says.
    for says, by in [("RS256", "PS256"), ("PS256", "RS256"), ("RS256", "RS512"), ("PS256", "PS512")]:
        yield f"j03 {by} that says {says}", in_set(
            token({"alg": says, "kid": "a"}, key=RSA, alg=by), RSA.jwk(kid="a", alg=says)), "jws_signature_invalid"


def ranges():
    for curve, key, alg in [("P-256", P256, "ES256"), ("P-384", P384, "ES384"), ("P-521", P521, "ES512")]:
        order, bits = CURVES[curve][2], int(alg[2:])

        def check(name, expect, change):
            jws = token({"alg": alg, "kid": "a"}, signature=lambda message: key.fixed(*change(*key.numbers(bits, message))))
            return name, in_set(jws, key.jwk(kid="a")), expect

        yield check(f"j14 {alg}: the good twin", "accept", lambda r, s: (r, s))
        for name, change in [("r and s are 0", lambda r, s: (0, 0)), ("r is 0", lambda r, s: (0, s)),
                             ("s is 0", lambda r, s: (r, 0)), ("r is the order", lambda r, s: (order, s)),
                             ("s is the order", lambda r, s: (r, order)), ("r is over it", lambda r, s: (order + 1, s)),
                             ("s is over it", lambda r, s: (r, order + 1))]:
            yield check(f"j14 {alg}: {name}", "signature_malformed", change)
        yield check(f"j14 {alg}: r and s are 1", "jws_signature_invalid", lambda r, s: (1, 1))
        yield check(f"j16 {alg}: the other form", "accept", lambda r, s: (r, order - s))
        yield check(f"j16 {alg}: r and s in the other order", "jws_signature_invalid", lambda r, s: (s, r))


def lengths():
    for alg, key in [("ES256", P256), ("ES384", P384), ("ES512", P521), ("EdDSA", ED25519), ("RS256", RSA), ("PS256", RSA)]:
        yield f"j15 {alg}: the good twin", in_set(
            token({"alg": alg, "kid": "a"}, key=key), key.jwk(kid="a", alg=alg)), "accept"
        changes = {"a byte more": lambda content: content + b"\0", "a byte less": lambda content: content[:-1],
                   "a zero before": lambda content: b"\0" + content, "half": lambda content: content[:len(content) // 2],
                   "twice": lambda content: content * 2}
        for name, change in changes.items():
            jws = token({"alg": alg, "kid": "a"}, signature=lambda message: change(key.sign(alg, message)))
            yield f"j15 {alg}: {name}", in_set(jws, key.jwk(kid="a", alg=alg)), "signature_malformed"
    yield "j15 ES256: in DER", in_set(
        token({"alg": "ES256", "kid": "a"}, signature=lambda message: P256.der(256, message))), "signature_malformed"
    yield "j15 ES256: of P-384", in_set(
        token({"alg": "ES256", "kid": "a"}, signature=lambda message: P384.sign("ES384", message))), "signature_malformed"


def paddings():
    def check(name, expect, block):
        jws = token({"alg": "RS256", "kid": "a"}, signature=block)
        return f"j19 {name}", in_set(jws, RSA.jwk(kid="a")), expect

    info = DIGEST_INFO[256]
    yield check("the good twin", "accept", lambda message: RSA.pkcs1(256, message))
    bad = {
        "DigestInfo without NULL": lambda message: RSA.pkcs1(
            256, message, bytes.fromhex("302f300b0609608648016503040201") + b"\x04\x20" + digest(256, message)),
        "DigestInfo with a length in two bytes": lambda message: RSA.pkcs1(
            256, message, b"\x30\x81" + info[1:] + digest(256, message)),
        "a byte after the digest": lambda message: RSA.pkcs1(256, message, info + digest(256, message) + b"\0"),
        "no DigestInfo": lambda message: RSA.pkcs1(256, message, digest(256, message)),
        "the DigestInfo of another hash": lambda message: RSA.pkcs1(
            256, message, DIGEST_INFO[512] + digest(512, message)),
        "short padding and rubbish behind": lambda message: RSA.raw(
            (b"\0\1" + b"\xff" * 8 + b"\0" + info + digest(256, message)).ljust(256, b"\x5a")),
        "padding with another byte": lambda message: RSA.raw(
            b"\0\1" + b"\xff" * 10 + b"\xfe" + b"\xff" * 191 + b"\0" + info + digest(256, message)),
        "block type 2": lambda message: RSA.raw(b"\0\2" + b"\xff" * 202 + b"\0" + info + digest(256, message)),
        "another key": lambda message: OTHER_RSA.pkcs1(256, message),
    }
    for name, block in bad.items():
        yield check(name, "jws_signature_invalid", block)
    yield check("the signature plus the modulus", "signature_malformed",
                lambda message: (int.from_bytes(RSA.pkcs1(256, message), "big") + RSA.n).to_bytes(257, "big"))


def salts():
    def check(name, expect, block, alg="PS256"):
        return f"j20 {name}", in_set(token({"alg": alg, "kid": "a"}, signature=block), RSA.jwk(kid="a", alg=alg)), expect

    for bits in DIGEST_INFO:
        yield check(f"PS{bits}: the good twin", "accept", lambda message: RSA.pss(bits, message), f"PS{bits}")
        for salt in [0, 20, bits // 8 - 1, bits // 8 + 1, 256 - bits // 8 - 2]:
            if salt != bits // 8 and salt >= 0:
                yield check(f"PS{bits}: a salt of {salt}", "jws_signature_invalid",
                            lambda message: RSA.pss(bits, message, salt), f"PS{bits}")
    yield check("a mask by another hash", "jws_signature_invalid", lambda message: RSA.pss(256, message, mask_bits=512))
    yield check("the hash of another", "jws_signature_invalid", lambda message: RSA.pss(512, message, salt=32))
    yield check("another last byte", "jws_signature_invalid", lambda message: RSA.raw(b"\0" + b"\x11" * 254 + b"\xbb"))
    yield check("the signature plus the modulus", "signature_malformed",
                lambda message: (int.from_bytes(RSA.pss(256, message), "big") + RSA.n).to_bytes(257, "big"))
