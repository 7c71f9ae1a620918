"""Ed25519 in the open (RFC 8032 section 5.1): for signatures that no honest library makes."""

import hashlib

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
SQRT_MINUS_ONE = pow(2, (P - 1) // 4, P)
NEUTRAL = (0, 1)


def add(a, b):
    (x1, y1), (x2, y2) = a, b
    product = D * x1 * x2 * y1 * y2 % P
    return (
        (x1 * y2 + x2 * y1) * pow(1 + product, -1, P) % P,
        (y1 * y2 + x1 * x2) * pow(1 - product, -1, P) % P,
    )


def multiply(scalar, point):
    total = NEUTRAL
    while scalar:
        if scalar & 1:
            total = add(total, point)
        point = add(point, point)
        scalar >>= 1
    return total


def point_of(y, sign):
    """The point with this y, or None; x is as the sign says unless it is 0."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * SQRT_MINUS_ONE % P
    if x * x % P != square:
        return None
    return (P - x if x & 1 != sign and x else x, y % P)


BASE = point_of(4 * pow(5, -1, P) % P, 0)


def encode(point):
    x, y = point
    return (y | (x & 1) << 255).to_bytes(32, "little")


def small_order():
    """The eight points whose order divides 8."""
    y = 2
    while True:
        point = point_of(y, 0)
        torsion = multiply(L, point) if point else NEUTRAL
        if multiply(4, torsion) != NEUTRAL:
            return [multiply(factor, torsion) for factor in range(8)]
        y += 1


def not_canonical():
    """Every encoding of 32 bytes, by whether its point has small order, that is not the one of its point."""
    encodings = {True: [], False: []}
    for y in range(19):
        for sign in (0, 1):
            point = point_of(y, sign)
            if point:
                encoding = (y + P | sign << 255).to_bytes(32, "little")
                encodings[multiply(8, point) == NEUTRAL].append(encoding)
    for y in (1, P - 1):
        encodings[True].append((y | 1 << 255).to_bytes(32, "little"))
    return encodings


def challenge(r, a, message, prefix=b""):
    return int.from_bytes(hashlib.sha512(prefix + r + a + message).digest(), "little") % L


class Signer:
    """A key whose scalar is known; `torsion` is added to the point that is published."""

    def __init__(self, seed, torsion=NEUTRAL):
        digest = hashlib.sha512(seed).digest()
        self.scalar = int.from_bytes(digest, "little") % L
        self.public = encode(add(multiply(self.scalar, BASE), torsion))
        # AlgorithmIdentifier without parameters, then the key (RFC 8410 section 4).
        self.spki = bytes.fromhex("302a300506032b6570032100") + self.public

    def sign(self, message, nonce=1, torsion=NEUTRAL, prefix=b""):
        """R, S as integers would have them, and the challenge between them."""
        r = encode(add(multiply(nonce, BASE), torsion))
        k = challenge(r, self.public, message, prefix)
        return r, (nonce + k * self.scalar) % L, k
