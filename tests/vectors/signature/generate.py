#!/usr/bin/env python3
"""Writes known-answers.json: signatures made by OpenSSL, which no back end of ours is built on, and signatures and
keys that no honest signer makes, for which the arithmetic is written out.

The verdict of a case is one of

  good       the signature verifies
  bad        a back end says that it does not
  malformed  the form of the signature is refused before a back end is asked
  weak       so is the key, which is of small order
  no key     so is the key, whose form is not good

Keys are made anew and thrown away, so a run changes every line; the cases stay. Run it in this folder to
add a case: python3 generate.py. It needs the package `cryptography` for honest signatures of Ed25519.
"""

import base64
import hashlib
import json
import math
import pathlib
import subprocess
import tempfile

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import edwards

HASHES = {"SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}
# AlgorithmIdentifier of the digest, parameters NULL, and the header of the digest (RFC 8017 section 9.2).
DIGEST_INFO = {
    "SHA-1": "3021300906052b0e03021a05000414",
    "SHA-256": "3031300d060960864801650304020105000420",
    "SHA-384": "3041300d060960864801650304020205000430",
    "SHA-512": "3051300d060960864801650304020305000440",
}
CURVES = {
    "P-256": ("prime256v1", 32, 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551),
    "P-384": ("secp384r1", 48,
              0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973),
    "P-521": ("secp521r1", 66,
              0x1FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFA51868783BF2F966B7FCC0148F709A5D03BB5C9B8899C47AEBB6FB71E91386409),
}
MESSAGE = b"The quick brown fox jumps over the lazy dog"

scratch = tempfile.TemporaryDirectory()
folder = pathlib.Path(scratch.name)
cases = []


def openssl(*arguments, data=b""):
    return subprocess.run(["openssl", *arguments], input=data, capture_output=True, check=True).stdout


class Key:
    """A private key in a scratch file, and its public half."""

    def __init__(self, *arguments):
        self.path = folder / f"{len(list(folder.iterdir()))}.pem"
        openssl("genpkey", *arguments, "-out", str(self.path))
        self.spki = openssl("pkey", "-in", str(self.path), "-pubout", "-outform", "DER")

    def sign(self, name, message, *options):
        return openssl("dgst", f"-{HASHES[name]}", "-sign", str(self.path), *options, data=message)

    def raw(self, block):
        """The private operation of RSA on a block of the length of the modulus, without any padding."""
        return openssl("pkeyutl", "-decrypt", "-inkey", str(self.path), "-pkeyopt", "rsa_padding_mode:none", data=block)

    def modulus(self):
        text = openssl("rsa", "-in", str(self.path), "-noout", "-modulus").decode()
        return int(text.strip().removeprefix("Modulus="), 16)


class Bytes:
    """A public key as it is written."""

    def __init__(self, spki):
        self.spki = spki


class OddKey:
    """An RSA key of 2049 bits, which OpenSSL does not make: a block of PSS is a byte shorter than the modulus."""

    def __init__(self):
        prime = lambda bits: int(openssl("prime", "-generate", "-bits", str(bits)))
        self.n = 0
        while self.n.bit_length() != 2049 or math.gcd(self.order, 65537) != 1:
            p, q = prime(1025), prime(1024)
            self.n, self.order = p * q, (p - 1) * (q - 1)
        integer = lambda value, size: b"\x02" + size + value.to_bytes(-(-value.bit_length() // 8), "big")
        key = integer(self.n, b"\x82\x01\x01") + integer(65537, b"\x03")
        bits = b"\x00\x30\x82" + len(key).to_bytes(2, "big") + key
        spki = bytes.fromhex("300d06092a864886f70d0101010500") + b"\x03\x82" + len(bits).to_bytes(2, "big") + bits
        self.spki = b"\x30\x82" + len(spki).to_bytes(2, "big") + spki

    def raw(self, block):
        value = pow(int.from_bytes(block, "big"), pow(65537, -1, self.order), self.n)
        return value.to_bytes(257, "big")


def case(verdict, name, primitive, hash_name, key, signature, message=MESSAGE):
    encode = lambda content: base64.b64encode(content).decode()
    cases.append({
        "name": name,
        "primitive": primitive,
        "hash": hash_name,
        "key": encode(key.spki),
        "message": encode(message),
        "signature": encode(signature),
        "verdict": verdict,
    })


def rsa_key(bits, exponent=65537):
    return Key("-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{bits}", "-pkeyopt", f"rsa_keygen_pubexp:{exponent}")


def rsa_good():
    for bits in (2048, 2050, 2056, 3072, 4096, 8192):
        key = rsa_key(bits)
        for hash_name in HASHES if bits < 8192 else ["SHA-256"]:
            case("good", f"{bits} bits, {hash_name}", "RSA", hash_name, key, key.sign(hash_name, MESSAGE))
        case("good", f"{bits} bits, empty message", "RSA", "SHA-256", key, key.sign("SHA-256", b""), b"")
    key = rsa_key(2048, 4294967291)
    case("good", "exponent of 32 bits", "RSA", "SHA-256", key, key.sign("SHA-256", MESSAGE))


def rsa_bad():
    key = rsa_key(2048)
    length = 256
    digest = hashlib.sha256(MESSAGE).digest()
    info = bytes.fromhex(DIGEST_INFO["SHA-256"]) + digest
    no_null = bytes.fromhex("302f300b0609608648016503040201") + b"\x04\x20" + digest
    long_length = bytes.fromhex("308131300d060960864801650304020105000420") + digest
    other_name = bytes.fromhex(DIGEST_INFO["SHA-384"])[:2] + info[2:]
    sha512_256 = bytes.fromhex("3031300d060960864801650304020605000420") + digest

    def block(content, kind=1, fill=b"\xff", end=b"\x00"):
        return b"\x00" + bytes([kind]) + fill * (length - 3 - len(content)) + end + content

    case("good", "the block of the cases below", "RSA", "SHA-256", key, key.raw(block(info)))
    for name, content in {
        "DigestInfo without NULL": no_null,
        "DigestInfo with a long length": long_length,
        "DigestInfo of the wrong length": other_name,
        "DigestInfo of SHA-512/256": sha512_256,
        "digest without DigestInfo": digest,
        "DigestInfo twice": info + info,
        "a byte after the digest": info + b"\x00",
        "an empty digest": info[:-32],
    }.items():
        case("bad", name, "RSA", "SHA-256", key, key.raw(block(content)))
    short = b"\x00\x01" + b"\xff" * 8 + b"\x00" + info
    case("bad", "short padding, rubbish behind", "RSA", "SHA-256", key, key.raw(short + b"\xaa" * (length - len(short))))
    case("bad", "short padding, zeros before", "RSA", "SHA-256", key, key.raw(b"\x00" * (length - len(short)) + short))
    case("bad", "block type 0", "RSA", "SHA-256", key, key.raw(block(info, kind=0, fill=b"\x00")))
    case("bad", "block type 2", "RSA", "SHA-256", key, key.raw(block(info, kind=2)))
    case("bad", "padding of zeros", "RSA", "SHA-256", key, key.raw(block(info, fill=b"\x00")))
    case("bad", "padding that does not end", "RSA", "SHA-256", key, key.raw(block(info, end=b"\xff")))
    pss = key.sign("SHA-256", MESSAGE, "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32")
    case("bad", "PSS instead of PKCS#1 v1.5", "RSA", "SHA-256", key, pss)
    for name, value in {"0": 0, "1": 1, "the modulus": key.modulus(), "the modulus less 1": key.modulus() - 1}.items():
        case("bad", f"signature is {name}", "RSA", "SHA-256", key, value.to_bytes(length, "big"))
    odd = rsa_key(2050)
    good = odd.sign("SHA-256", MESSAGE)
    case("good", "below the modulus", "RSA", "SHA-256", odd, good)
    above = int.from_bytes(good, "big") + odd.modulus()
    case("bad", "the same plus the modulus", "RSA", "SHA-256", odd, above.to_bytes(257, "big"))


def mgf1(hash_name, seed, length):
    blocks = range(-(-length // 20))
    mask = b"".join(hashlib.new(HASHES[hash_name], seed + n.to_bytes(4, "big")).digest() for n in blocks)
    return mask[:length]


def pss_block(bits, hash_name, salt, mask_hash=None, trailer=0xBC, separator=0x01, padding=0x00, clear=True):
    """EMSA-PSS (RFC 8017 section 9.1.1), with its parts to choose."""
    digest = lambda content: hashlib.new(HASHES[hash_name], content).digest()
    length = -(-(bits - 1) // 8)
    h = digest(bytes(8) + digest(MESSAGE) + salt)
    before = length - len(salt) - len(h) - 2
    db = bytes(before - 1) + bytes([padding, separator]) + salt if before else bytes([separator]) + salt
    masked = bytearray(a ^ b for a, b in zip(db, mgf1(mask_hash or hash_name, h, len(db))))
    unused = 8 * length - (bits - 1)
    masked[0] &= 0xFF >> unused
    if not clear:
        masked[0] |= 0x80 >> (unused - 1)
    block = bytes(masked) + h + bytes([trailer])
    return bytes(-(-bits // 8) - length) + block


def pss_good():
    for bits in (2048, 2050, 2056, 3072, 4096, 8192):
        key = rsa_key(bits)
        for hash_name in ("SHA-256", "SHA-384", "SHA-512") if bits < 8192 else ["SHA-256"]:
            signature = key.sign(hash_name, MESSAGE, "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:-1")
            case("good", f"PSS, {bits} bits, {hash_name}", "RSA-PSS", hash_name, key, signature)
        signature = key.sign("SHA-256", b"", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:-1")
        case("good", f"PSS, {bits} bits, empty message", "RSA-PSS", "SHA-256", key, signature, b"")


def pss_bad():
    bits = 2050
    key = rsa_key(bits)
    length = -(-bits // 8)
    salt = bytes(range(32))

    def block(salt=salt, **parts):
        return key.raw(pss_block(bits, "SHA-256", salt, **parts))

    def bad(name, signature):
        case("bad", f"PSS, {name}", "RSA-PSS", "SHA-256", key, signature)

    case("good", "PSS, the block of the cases below", "RSA-PSS", "SHA-256", key, block())
    for size in (0, 1, 20, 31, 33, 48, 64, 257 - 32 - 2):
        bad(f"salt of {size} bytes", block(bytes(range(size))))
    for size in (0, 20, 31, 33, 64):
        option = ("-sigopt", "rsa_padding_mode:pss", "-sigopt", f"rsa_pss_saltlen:{size}")
        bad(f"salt of {size} bytes, by OpenSSL", key.sign("SHA-256", MESSAGE, *option))
    for mask_hash in ("SHA-1", "SHA-384", "SHA-512"):
        bad(f"MGF1 with {mask_hash}", block(mask_hash=mask_hash))
    bad("trailer of ISO 9796-2", block(trailer=0xCC))
    bad("no separator", block(separator=0x00))
    bad("another separator", block(separator=0x02))
    bad("padding that is not zero", block(padding=0x80))
    # Such a block may be above the modulus; with one salt of many it is not.
    blocks = (pss_block(bits, "SHA-256", bytes([n]) * 32, clear=False) for n in range(256))
    bad("unused bits that are not zero", key.raw(next(b for b in blocks if int.from_bytes(b, "big") < key.modulus())))
    bad("PKCS#1 v1.5 instead of PSS", key.sign("SHA-256", MESSAGE))
    whole = OddKey()
    good = pss_block(2049, "SHA-256", salt)
    assert good[0] == 0
    case("good", "PSS, a byte before the block", "RSA-PSS", "SHA-256", whole, whole.raw(good))
    case("bad", "PSS, a byte before the block that is not zero", "RSA-PSS", "SHA-256", whole,
         whole.raw(b"\x01" + bytes([good[1] & 0x7F]) + good[2:]))
    for name, value in {"0": 0, "1": 1, "the modulus": key.modulus(), "the modulus less 1": key.modulus() - 1}.items():
        bad(f"signature is {name}", value.to_bytes(length, "big"))
    # Of a modulus of 2050 bits, twice the modulus still has as many bytes.
    above = int.from_bytes(block(), "big") + key.modulus()
    bad("the same plus the modulus", above.to_bytes(length, "big"))
    for name, change in {"a byte in front": lambda s: b"\x00" + s, "a byte behind": lambda s: s + b"\x00",
                         "a byte less": lambda s: s[:-1], "nothing": lambda s: b""}.items():
        case("malformed", f"PSS, {name}", "RSA-PSS", "SHA-256", key, change(block()))


def integers(der):
    """r and s of a SEQUENCE of two INTEGERs as OpenSSL writes it: each of them is shorter than 128 bytes."""
    der = der[3:] if der[1] == 0x81 else der[2:]
    r_length = der[1]
    return int.from_bytes(der[2:2 + r_length], "big"), int.from_bytes(der[4 + r_length:], "big")


def out_of_range(label, primitive, hash_name, key, size, order, r, s):
    """Pairs that a verifier of CVE-2022-21449 takes, and neighbours of the good one."""
    fixed = lambda r, s: r.to_bytes(size, "big") + s.to_bytes(size, "big")
    good = fixed(r, s)
    for name, signature in {
        "r and s are 0": fixed(0, 0),
        "r is 0": fixed(0, s),
        "s is 0": fixed(r, 0),
        "r is n": fixed(order, s),
        "s is n": fixed(r, order),
        "r and s are n": fixed(order, order),
        "r is n + 1": fixed(order + 1, s),
        "all ones": b"\xff" * (2 * size),
        "a byte in front": b"\x00" + good,
        "a byte behind": good + b"\x00",
        "a byte less": good[:-1],
        "nothing": b"",
    }.items():
        case("malformed", f"{label}, {name}", primitive, hash_name, key, signature)
    if s + order < 1 << 8 * size:
        case("malformed", f"{label}, s plus n", primitive, hash_name, key, fixed(r, s + order))


def ecdsa():
    for curve, (openssl_name, size, order) in CURVES.items():
        key = Key("-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{openssl_name}")
        other = Key("-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{openssl_name}")
        fixed = lambda r, s: r.to_bytes(size, "big") + s.to_bytes(size, "big")
        for hash_name in ("SHA-256", "SHA-384", "SHA-512"):
            r, s = integers(key.sign(hash_name, MESSAGE))
            label = f"{curve}, {hash_name}"
            case("good", label, curve, hash_name, key, fixed(r, s))
            case("good", f"{label}, n - s", curve, hash_name, key, fixed(r, order - s))
            case("bad", f"{label}, n - r", curve, hash_name, key, fixed(order - r, s))
            case("bad", f"{label}, r and s exchanged", curve, hash_name, key, fixed(s, r))
            case("bad", f"{label}, another key", curve, hash_name, other, fixed(r, s))
        case("bad", f"{curve}, r and s are 1", curve, "SHA-256", key, fixed(1, 1))
        case("bad", f"{curve}, r and s are n - 1", curve, "SHA-256", key, fixed(order - 1, order - 1))
        out_of_range(curve, curve, "SHA-256", key, size, order, *integers(key.sign("SHA-256", MESSAGE)))
        der = key.sign("SHA-256", MESSAGE)
        case("malformed", f"{curve}, DER", curve, "SHA-256", key, der)
        r, s = integers(key.sign("SHA-256", b""))
        case("good", f"{curve}, empty message", curve, "SHA-256", key, fixed(r, s), b"")
        for index, name in enumerate(("r", "s")):
            pair = integers(key.sign("SHA-256", MESSAGE))
            while pair[index] >> (8 * size - 8):
                pair = integers(key.sign("SHA-256", MESSAGE))
            case("good", f"{curve}, {name} starts with a zero byte", curve, "SHA-256", key, fixed(*pair))


def ed25519():
    def each(verdict, name, key, signature, message=MESSAGE):
        case(verdict, f"Ed25519, {name}", "Ed25519", None, key, signature, message)

    fixed = lambda r, s: r + s.to_bytes(32, "little")
    private = Ed25519PrivateKey.generate()
    spki = lambda key: key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    honest, other = Bytes(spki(private)), Bytes(spki(Ed25519PrivateKey.generate()))
    by_openssl = private.sign

    for name, message in {"by OpenSSL": MESSAGE, "empty message": b"", "long message": bytes(1000)}.items():
        each("good", name, honest, by_openssl(message), message)
    each("bad", "another key", other, by_openssl(MESSAGE))
    each("bad", "another message", honest, by_openssl(b"."))

    key = edwards.Signer(b"key")
    r, s, k = key.sign(MESSAGE)
    each("good", "the signature of the cases below", key, fixed(r, s))
    each("bad", "S plus 1", key, fixed(r, (s + 1) % edwards.L))
    each("bad", "S is 0", key, fixed(r, 0))
    each("bad", "-S", key, fixed(r, edwards.L - s))
    negative = (edwards.P - edwards.BASE[0], edwards.BASE[1])
    each("bad", "-R", key, fixed(edwards.encode(negative), s))
    # What the variants of RFC 8032 section 5.1 put before the hash.
    for name, flag in {"Ed25519ctx": 0, "Ed25519ph": 1}.items():
        prefix = b"SigEd25519 no Ed25519 collisions" + bytes([flag, 3]) + b"ctx"
        message = hashlib.sha512(MESSAGE).digest() if flag else MESSAGE
        r_of, s_of, _ = key.sign(message, prefix=prefix)
        each("bad", f"a signature of {name}", key, fixed(r_of, s_of))
    for times in (1, 2, 8, 14):
        each("malformed", f"S plus {times} times the order", key, fixed(r, s + times * edwards.L))
    each("malformed", "S is the order", key, fixed(r, edwards.L))
    each("malformed", "S is all ones", key, fixed(r, 2**256 - 1))
    for bit in range(253, 256):
        each("malformed", f"S with bit {bit}", key, fixed(r, s | 1 << bit))
    good = fixed(r, s)
    for name, signature in {"a byte in front": b"\x00" + good, "a byte behind": good + b"\x00",
                            "a byte less": good[:-1], "R alone": r, "nothing": b""}.items():
        each("malformed", name, key, signature)

    torsion = edwards.small_order()
    odd = edwards.not_canonical()
    # R of small order: the equation holds with S = k a, for R itself or up to the cofactor.
    for index, point in enumerate([edwards.encode(point) for point in torsion] + odd[True]):
        k = edwards.challenge(point, key.public, MESSAGE)
        each("malformed", f"R of small order, {index}", key, fixed(point, k * key.scalar % edwards.L))
    for index, point in enumerate(odd[False]):
        each("malformed", f"R is not canonical, {index}", key, fixed(point, s))
    no_point = next(y for y in range(2, 100) if edwards.point_of(y, 0) is None)
    each("malformed", "R is not a point", key, fixed(no_point.to_bytes(32, "little"), s))

    # R or A with a part of small order: only the equation with the cofactor holds.
    r, s, _ = key.sign(MESSAGE, torsion=torsion[1])
    each("bad", "R of mixed order", key, fixed(r, s))
    mixed = edwards.Signer(b"mixed", torsion[1])
    for verdict, wanted in (("bad", lambda k: k % 8), ("good", lambda k: k % 8 == 0)):
        nonce = next(n for n in range(1, 1000) if wanted(mixed.sign(MESSAGE, n)[2]))
        r, s, _ = mixed.sign(MESSAGE, nonce)
        each(verdict, f"A of mixed order, the equation {'fails' if verdict == 'bad' else 'holds'}", mixed, fixed(r, s))

    # A of small order: R = [S]B is good for every message for which k A is neutral, and for the neutral A for all.
    key_of = lambda point: Bytes(key.spki[:12] + point)
    for index, point in enumerate(torsion):
        signature = fixed(edwards.encode(edwards.BASE), 1)
        each("weak", f"A of small order, {index}", key_of(edwards.encode(point)), signature)
    for index, point in enumerate(odd[True] + odd[False]):
        small = int.from_bytes(point, "little") & (1 << 255) - 1 < edwards.P
        each("weak" if small else "no key", f"A is not canonical, {index}", key_of(point), fixed(r, s))
    each("no key", "A is not a point", key_of(no_point.to_bytes(32, "little")), fixed(r, s))


def dsa():
    for bits, q_bits, standard in ((1024, 160, "fips186_2"), (2048, 256, "fips186_4")):
        parameters = folder / f"dsa{bits}.pem"
        openssl("genpkey", "-genparam", "-algorithm", "DSA", "-pkeyopt", f"dsa_paramgen_bits:{bits}",
                "-pkeyopt", f"dsa_paramgen_q_bits:{q_bits}", "-pkeyopt", f"type:{standard}", "-out", str(parameters))
        key, other = Key("-paramfile", str(parameters)), Key("-paramfile", str(parameters))
        size = q_bits // 8
        order = dsa_order(key.spki)
        fixed = lambda r, s: r.to_bytes(size, "big") + s.to_bytes(size, "big")
        label = f"DSA, {bits} bits"
        r, s = integers(key.sign("SHA-1", MESSAGE))
        case("good", label, "DSA", "SHA-1", key, fixed(r, s))
        case("good", f"{label}, empty message", "DSA", "SHA-1", key, fixed(*integers(key.sign("SHA-1", b""))), b"")
        case("bad", f"{label}, q - s", "DSA", "SHA-1", key, fixed(r, order - s))
        case("bad", f"{label}, r and s exchanged", "DSA", "SHA-1", key, fixed(s, r))
        case("bad", f"{label}, r and s are 1", "DSA", "SHA-1", key, fixed(1, 1))
        case("bad", f"{label}, another key", "DSA", "SHA-1", other, fixed(r, s))
        case("bad", f"{label}, SHA-256", "DSA", "SHA-1", key, fixed(*integers(key.sign("SHA-256", MESSAGE))))
        out_of_range(label, "DSA", "SHA-1", key, size, order, r, s)


def dsa_order(spki):
    """q: the second INTEGER of the parameters, which come after the SEQUENCEs and the OID."""
    at = spki.index(bytes.fromhex("06072a8648ce380401")) + 9
    at += 4 if spki[at + 1] == 0x82 else 3
    length = int.from_bytes(spki[at + 2:at + 4], "big") + 4 if spki[at + 1] == 0x82 else spki[at + 2] + 3
    at += length
    return int.from_bytes(spki[at + 2:at + 2 + spki[at + 1]], "big")


rsa_good()
rsa_bad()
pss_good()
pss_bad()
ecdsa()
ed25519()
dsa()
lines = ",\n".join(json.dumps(entry) for entry in cases)
pathlib.Path(__file__).with_name("known-answers.json").write_text(f"[\n{lines}\n]\n")
