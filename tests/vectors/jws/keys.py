"""Keys that are the same in every run, and signatures by them: good ones, and blocks that nobody should sign.

They protect nothing. RSA is done by hand, because the cases need padding that no library writes.
"""

import base64
import hashlib
import random

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

# AlgorithmIdentifier of the digest, parameters NULL, and the header of the digest (RFC 8017 section 9.2).
DIGEST_INFO = {
    256: bytes.fromhex("3031300d060960864801650304020105000420"),
    384: bytes.fromhex("3041300d060960864801650304020205000430"),
    512: bytes.fromhex("3051300d060960864801650304020305000440"),
}
CURVES = {
    "P-256": (ec.SECP256R1(), 32, 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551),
    "P-384": (ec.SECP384R1(), 48,
              0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973),
    "P-521": (ec.SECP521R1(), 66, int("1" + "F" * 65 + "A51868783BF2F966B7FCC0148F709A5D03BB5C9B8899C47AEBB6FB71E91386409", 16)),
}
HASHES = {256: hashes.SHA256(), 384: hashes.SHA384(), 512: hashes.SHA512()}


def b64u(content):
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def big_endian(number):
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def digest(bits, message):
    return hashlib.new(f"sha{bits}", message).digest()


class Rsa:
    """An RSA key whose primes come from a seed."""

    def __init__(self, seed, bits=2048, exponent=65537):
        draw = random.Random(seed)
        self.size = bits // 8
        self.e = exponent
        p, q = prime(draw, bits // 2, exponent), prime(draw, bits // 2, exponent)
        self.n = p * q
        self.d = pow(exponent, -1, (p - 1) * (q - 1))

    def jwk(self, **more):
        return {"kty": "RSA", "n": b64u(big_endian(self.n)), "e": b64u(big_endian(self.e)), **more}

    def spki(self):
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
        return spki(RSAPublicNumbers(self.e, self.n).public_key())

    def raw(self, block):
        """The private operation on a block of the length of the modulus."""
        return pow(int.from_bytes(block, "big"), self.d, self.n).to_bytes(self.size, "big")

    def pkcs1(self, bits, message, info=None):
        """PKCS#1 v1.5 with this DigestInfo, digest included, or the right one."""
        info = DIGEST_INFO[bits] + digest(bits, message) if info is None else info
        return self.raw(b"\0\1" + b"\xff" * (self.size - len(info) - 3) + b"\0" + info)

    def pss(self, bits, message, salt=None, mask_bits=None):
        """PSS (RFC 8017 section 9.1.1) with a salt of one repeated byte, as long as the hash unless told."""
        salt = b"\x5a" * (bits // 8 if salt is None else salt)
        hashed = digest(bits, b"\0" * 8 + digest(bits, message) + salt)
        block = b"\0" * (self.size - len(salt) - len(hashed) - 2) + b"\1" + salt
        masked = bytes(a ^ b for a, b in zip(block, mask(mask_bits or bits, hashed, len(block))))
        return self.raw(bytes([masked[0] & 0x7F]) + masked[1:] + hashed + b"\xbc")

    def sign(self, alg, message):
        bits = int(alg[2:])
        return self.pss(bits, message) if alg.startswith("PS") else self.pkcs1(bits, message)


class Ec:
    """A key on a curve, by its private number. Signatures are deterministic (RFC 6979)."""

    def __init__(self, curve, number):
        self.curve = curve
        kind, self.size, self.order = CURVES[curve]
        self.key = ec.derive_private_key(number, kind)

    def point(self):
        numbers = self.key.public_key().public_numbers()
        return numbers.x.to_bytes(self.size, "big"), numbers.y.to_bytes(self.size, "big")

    def jwk(self, **more):
        x, y = self.point()
        return {"kty": "EC", "crv": self.curve, "x": b64u(x), "y": b64u(y), **more}

    def spki(self):
        return spki(self.key.public_key())

    def der(self, bits, message):
        return self.key.sign(message, ec.ECDSA(HASHES[bits], deterministic_signing=True))

    def numbers(self, bits, message):
        return decode_dss_signature(self.der(bits, message))

    def fixed(self, r, s):
        return r.to_bytes(self.size, "big") + s.to_bytes(self.size, "big")

    def sign(self, alg, message):
        return self.fixed(*self.numbers(int(alg[2:]), message))


class Ed25519:
    """An Ed25519 key by its 32 bytes (RFC 8032)."""

    def __init__(self, seed):
        self.key = ed25519.Ed25519PrivateKey.from_private_bytes(seed)

    def raw_public(self):
        return self.key.public_key().public_bytes_raw()

    def jwk(self, **more):
        return {"kty": "OKP", "crv": "Ed25519", "x": b64u(self.raw_public()), **more}

    def spki(self):
        return spki(self.key.public_key())

    def sign(self, _alg, message):
        return self.key.sign(message)


def spki(key):
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def mask(bits, seed, length):
    """MGF1 (RFC 8017 appendix B.2.1)."""
    blocks = (digest(bits, seed + counter.to_bytes(4, "big")) for counter in range(length * 8 // bits + 1))
    return b"".join(blocks)[:length]


def prime(draw, bits, exponent):
    """A prime with its two highest bits set, so that the product of two has all its bits."""
    while True:
        number = draw.getrandbits(bits) | 3 << (bits - 2) | 1
        if number % exponent != 1 and is_prime(number, draw):
            return number


def is_prime(number, draw):
    """Miller-Rabin, forty rounds."""
    if any(number % small == 0 for small in (3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)):
        return False
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for _ in range(40):
        power = pow(draw.randrange(2, number - 1), odd, number)
        if power in (1, number - 1):
            continue
        for _ in range(twos - 1):
            power = power * power % number
            if power == number - 1:
                break
        else:
            return False
    return True
