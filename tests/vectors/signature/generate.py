#!/usr/bin/env python3
"""Writes known-answers.json: signatures made by OpenSSL, which no back end of ours is built on.

Keys are made anew and thrown away, so a run changes every line; the cases stay. Run it in this folder to
add a case: python3 generate.py
"""

import base64
import hashlib
import json
import pathlib
import subprocess
import tempfile

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


def case(verdict, name, primitive, hash_name, key, signature, message=MESSAGE):
    encode = lambda octets: base64.b64encode(octets).decode()
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
        "an octet after the digest": info + b"\x00",
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


def integers(der):
    """r and s of an Ecdsa-Sig-Value as OpenSSL writes it: every length is one octet."""
    r_length = der[3]
    return int.from_bytes(der[4:4 + r_length], "big"), int.from_bytes(der[6 + r_length:], "big")


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
        r, s = integers(key.sign("SHA-256", b""))
        case("good", f"{curve}, empty message", curve, "SHA-256", key, fixed(r, s), b"")
        for index, name in enumerate(("r", "s")):
            pair = integers(key.sign("SHA-256", MESSAGE))
            while pair[index] >> (8 * size - 8):
                pair = integers(key.sign("SHA-256", MESSAGE))
            case("good", f"{curve}, {name} starts with a zero octet", curve, "SHA-256", key, fixed(*pair))


rsa_good()
rsa_bad()
ecdsa()
lines = ",\n".join(json.dumps(entry) for entry in cases)
pathlib.Path(__file__).with_name("known-answers.json").write_text(f"[\n{lines}\n]\n")
