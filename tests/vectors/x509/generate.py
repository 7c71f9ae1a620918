#!/usr/bin/env python3
"""Writes signature-algorithms.json: certificates of each algorithm that is accepted, and their neighbours that are not.

Keys are made anew and thrown away. What must come out is stated by hand, as "accept" or a code; the rest of a
record is what the command says. To add a case, build the command and run this in its folder, with Python's
`cryptography`: python3 generate.py ../../../target/debug/credmint
"""

import datetime
import json
import pathlib
import subprocess
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, ed448, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

TIME = "2026-11-24T12:00:00Z"
BEGIN = datetime.datetime(2026, 1, 1)
END = datetime.datetime(2029, 1, 1)
KEY_USAGES = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
              "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
SHA256, SHA384, SHA512 = hashes.SHA256(), hashes.SHA384(), hashes.SHA512()
cases = []


def name(common):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def certificate(common, key, issuer, signer, usage, **how):
    """A certificate for `key`, signed by `signer`; `how` says with which hash and padding."""
    usages = {other: other == usage for other in KEY_USAGES}
    builder = (x509.CertificateBuilder().subject_name(name(common)).issuer_name(name(issuer))
               .public_key(key.public_key()).serial_number(0x1234).not_valid_before(BEGIN).not_valid_after(END)
               .add_extension(x509.KeyUsage(**usages), critical=True))
    if usage == "key_cert_sign":
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    else:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
    return builder.sign(signer, how.get("hash"), rsa_padding=how.get("padding"))


def pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


class Authority:
    def __init__(self, key, **how):
        self.key = key
        self.root = pem(certificate("Root", key, "Root", key, "key_cert_sign", **how))

    def case(self, verdict, case_name, leaf=None, **how):
        """What this root makes of a leaf of its own that is signed so; or of the leaf that is given."""
        leaf = leaf or self.leaf(**how)
        request = {"leaf": leaf, "anchors": [self.root], "time": TIME}
        cases.append((case_name, request, verdict))

    def leaf(self, key=None, **how):
        return pem(certificate("worker", key or ec.generate_private_key(ec.SECP256R1()), "Root", self.key,
                               "digital_signature", **how))


def pss(hash, salt=None, mask=None):
    length = hash.digest_size if salt is None else salt
    return {"hash": hash, "padding": padding.PSS(padding.MGF1(mask or hash), length)}


def of_rsa():
    authority = Authority(rsa.generate_private_key(65537, 2048), hash=SHA256)
    unsupported = "unsupported_certificate_algorithm"
    for hash in (SHA256, SHA384, SHA512):
        authority.case("accept", f"x15 PKCS#1 v1.5 with {hash.name}", hash=hash)
        authority.case("accept", f"x15 PSS with {hash.name}", **pss(hash))
    authority.case(unsupported, "x15 PSS with a salt of 20 bytes", **pss(SHA256, salt=20))
    authority.case(unsupported, "x15 PSS with a salt of 31 bytes", **pss(SHA256, salt=31))
    authority.case(unsupported, "x15 PSS with the longest salt", **pss(SHA256, salt=256 - 32 - 2))
    authority.case(unsupported, "x15 PSS without a salt", **pss(SHA256, salt=0))
    authority.case(unsupported, "x15 PSS with MGF1 of another hash", **pss(SHA256, mask=SHA512))
    authority.case(unsupported, "x15 PSS with SHA-224", **pss(hashes.SHA224()))
    # Parameters of one certificate, signature of another.
    honest, other = (authority.leaf(**pss(hash)) for hash in (SHA256, SHA384))
    authority.case("path_signature_invalid", "x15 PSS with the signature of another certificate",
                   swap(honest, other))


def swap(certificate_pem, other_pem):
    """The first certificate with the signature of the second, which is as long."""
    first, second = (x509.load_pem_x509_certificate(text.encode()) for text in (certificate_pem, other_pem))
    der = first.public_bytes(serialization.Encoding.DER)
    assert der.endswith(first.signature) and len(first.signature) == len(second.signature)
    der = der[:-len(first.signature)] + second.signature
    return pem(x509.load_der_x509_certificate(der))


def of_curves():
    for curve in (ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()):
        authority = Authority(ec.generate_private_key(curve), hash=SHA256)
        for hash in (SHA256, SHA384, SHA512):
            authority.case("accept", f"x15 ECDSA on {curve.name} with {hash.name}", hash=hash)
        unsupported = "unsupported_certificate_algorithm"
        authority.case(unsupported, f"x15 ECDSA on {curve.name} with SHA-224", hash=hashes.SHA224())
    weak = Authority(ec.generate_private_key(ec.SECP256K1()), hash=SHA256)
    weak.case("unsupported_key", "x17 a root on secp256k1", hash=SHA256)
    strong = Authority(ec.generate_private_key(ec.SECP521R1()), hash=SHA512)
    strong.case("accept", "x17 a root on P-521", hash=SHA512)


def of_edwards():
    authority = Authority(ed25519.Ed25519PrivateKey.generate())
    authority.case("accept", "x15 Ed25519")
    authority.case("accept", "x15 Ed25519 for a leaf of Ed25519", authority.leaf(ed25519.Ed25519PrivateKey.generate()))
    twin = Authority(ed25519.Ed25519PrivateKey.generate())
    authority.case("path_signature_invalid", "x15 Ed25519 of another root", twin.leaf())
    of_rsa = Authority(rsa.generate_private_key(65537, 2048), hash=SHA256)
    authority.case("path_signature_invalid", "x15 PSS under a root of Ed25519", of_rsa.leaf(**pss(SHA256)))
    of_rsa.case("path_signature_invalid", "x15 Ed25519 under a root of RSA", authority.leaf())
    long = Authority(ed448.Ed448PrivateKey.generate())
    long.case("unsupported_key", "x15 a root of Ed448")


def answers(command):
    lines = "".join(json.dumps({"id": name, **request}) + "\n" for name, request, _ in cases)
    run = subprocess.run([command, "x509", "verify", "--batch"], input=lines, capture_output=True, text=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


def vector(case, record):
    case_name, request, expect = case
    said = record.get("code", record["verdict"])
    assert said == expect, f"{case_name}: must be {expect}, is {record}"
    return {"name": case_name, "command": "x509", "request": {"id": case_name, **request}, "expect": record}


of_rsa()
of_curves()
of_edwards()
vectors = [vector(case, record) for case, record in zip(cases, answers(sys.argv[1]), strict=True)]
lines = ",\n".join(json.dumps(entry, sort_keys=True) for entry in vectors)
pathlib.Path(__file__).with_name("signature-algorithms.json").write_text(f"[\n{lines}\n]\n")
