"""Certificates (RFC 5280), of which every part can be spoiled."""

import base64

from der import TRUE, bit_string, explicit, integer, octet_string, oid, seq, set_of, tlv
from keys import Ec

ECDSA_SHA256 = seq(oid("1.2.840.10045.4.3.2"))
ECDSA_SHA1 = seq(oid("1.2.840.10045.4.1"))
ROOT_KEY, OTHER_ROOT_KEY = Ec("P-256", 0xA001), Ec("P-256", 0xA002)
MIDDLE_KEY, LEAF_KEY = Ec("P-256", 0xA003), Ec("P-256", 0xA004)
V3 = explicit(0, integer(2))
FROM, UNTIL = "200101000000Z", "400101000000Z"


def name(common_name):
    return seq(set_of(seq(oid("2.5.4.3"), tlv(0x0C, common_name.encode()))))


def extension(identifier, value, critical=False):
    return seq(oid(identifier), TRUE if critical else b"", octet_string(value))


def basic_constraints(ca, path_length=None):
    value = seq(TRUE if ca else b"", b"" if path_length is None else integer(path_length))
    return extension("2.5.29.19", value, critical=True)


def key_usage(bits):
    unused = (bits & -bits).bit_length() - 1
    return extension("2.5.29.15", bit_string(bytes([bits]), unused), critical=True)


def extended_key_usage(purpose):
    return extension("2.5.29.37", seq(oid(purpose)))


DIGITAL_SIGNATURE, KEY_CERT_SIGN, KEY_ENCIPHERMENT = 0x80, 0x04, 0x20
CLIENT_AUTH, SERVER_AUTH = "1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.1"
CA = [basic_constraints(True), key_usage(KEY_CERT_SIGN)]
LEAF = [key_usage(DIGITAL_SIGNATURE), extended_key_usage(CLIENT_AUTH)]


def certificate(subject, key, issuer, signer, extensions, *, version=V3, serial=integer(7), inner=ECDSA_SHA256,
                outer=ECDSA_SHA256, start=FROM, end=UNTIL, spki=None, signature=None):
    """A certificate for `key`, or this SPKI, signed by `signer` in the name of `issuer`."""
    validity = seq(tlv(0x17, start.encode()), tlv(0x17, end.encode()))
    tbs = seq(version, serial, inner, name(issuer), validity, name(subject), spki or key.spki(),
              explicit(3, seq(*extensions)) if extensions else b"")
    return seq(tbs, outer, bit_string(signature or signer.der(256, tbs)))


def root(key=ROOT_KEY, common_name="Root"):
    return certificate(common_name, key, common_name, key, CA)


def middle(extensions=None, common_name="Middle", issuer="Root", signer=ROOT_KEY, key=MIDDLE_KEY, **more):
    return certificate(common_name, key, issuer, signer, CA if extensions is None else extensions, **more)


def leaf(extensions=None, issuer="Root", signer=ROOT_KEY, common_name="worker-7", key=LEAF_KEY, **more):
    return certificate(common_name, key, issuer, signer, LEAF if extensions is None else extensions, **more)


def pem(der, label="CERTIFICATE"):
    text = base64.b64encode(der).decode()
    lines = "\n".join(text[at:at + 64] for at in range(0, len(text), 64))
    return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n"
