"""Assertions of a private CA: certificates, paths, and the JWT that the leaf's key signed."""

import hashlib

from certificates import (CA, ECDSA_SHA1, KEY_CERT_SIGN, KEY_ENCIPHERMENT, LEAF, MIDDLE_KEY, OTHER_ROOT_KEY, SERVER_AUTH,
                          basic_constraints, extended_key_usage, extension, key_usage, leaf, middle, name, pem, root)
from der import bit_string, explicit, integer, oid, seq, tlv
from keys import Ec, Rsa, b64u
from world import NOW, OTHER_KEY, assertion, policy, with_certificate

WEAK = Rsa("a weak key", 1024)
UNKNOWN = "1.3.6.1.4.1.99999.1"
BELOW = {"issuer": "Middle", "signer": MIDDLE_KEY}


def below(chain, **more):
    """A leaf of the middle authority, with this chain."""
    return with_certificate(leaf(**BELOW), pem_of(chain), **more)


def pem_of(certificates):
    return "".join(pem(certificate) for certificate in certificates)


def dns_names(count):
    return extension("2.5.29.17", seq(*[tlv(0x82, f"{number}.example.com".encode()) for number in range(count)]))


def excluded(count):
    names = [seq(tlv(0x82, f"{number}.example.org".encode())) for number in range(count)]
    return extension("2.5.29.30", seq(explicit(1, b"".join(names))), True)


def permitted(domain, *directory_names):
    subtrees = [seq(tlv(0x82, domain.encode()))] + [seq(explicit(4, own)) for own in directory_names]
    return extension("2.5.29.30", seq(explicit(0, b"".join(subtrees))), True)


def tower(height, extensions=(), leaf_extensions=()):
    """Authorities one above another, the lowest first, and a leaf below them, each with these extensions too."""
    keys = [Ec("P-256", 0xE000 + level) for level in range(height)]
    names = [f"Level {level}" for level in range(height)]
    chain = [middle(CA + list(extensions), common_name=names[level], key=keys[level],
                    **({} if level == height - 1 else {"issuer": names[level + 1], "signer": keys[level + 1]}))
             for level in range(height)]
    return leaf(LEAF + list(leaf_extensions), issuer=names[0], signer=keys[0]), chain


def tangle():
    """Authorities of one name and many keys, which all could have signed one another."""
    keys = [Ec("P-256", 0xF000 + level) for level in range(6)]
    chain = [middle(common_name="Same", issuer="Same", signer=keys[(level + 1) % 6], key=keys[level])
             for level in range(6)]
    return leaf(issuer="Same", signer=OTHER_KEY), chain


def registered():
    """The policy with the leaf itself in the place of its authority."""
    fingerprint = hashlib.sha256(leaf()).hexdigest()
    return policy(("providers", "plant", {"type": "pca", "fingerprints": [fingerprint]}),
                  ("clients", "app_1", "credentials", "machine", "condition", f'cert.fingerprint == "{fingerprint}"'))


def cases():
    tall_leaf, tall = tower(6)
    named_leaf, named = tower(4, [dns_names(250), excluded(64)], [dns_names(250)])
    tangled_leaf, tangled = tangle()
    return [
        ("below a middle authority", below([middle()]), "accept"),
        ("a registered certificate", with_certificate(document=registered()), "accept"),
        ("a certificate that is not registered", with_certificate(leaf(serial=integer(99)), document=registered()),
         "certificate_not_registered"),
        ("a subject that is not the client", with_certificate(jwt=assertion(sub="app_2")), "subject_wrong"),
        ("an issuer that is not the client", with_certificate(jwt=assertion(iss="app_2")), "issuer_wrong"),
        ("an assertion without jti", with_certificate(jwt=assertion(jti=None)), "jti_missing"),
        ("an assertion of an hour", with_certificate(jwt=assertion(exp=NOW + 3600)), "lifetime_too_long"),
        ("the thumbprint of another certificate",
         with_certificate(jwt=assertion(header={"alg": "ES256", "x5t#S256": b64u(b"\0" * 32)})),
         "assertion_certificate"),
        ("an assertion of another key", with_certificate(jwt=assertion(key=OTHER_KEY)), "jws_signature_invalid"),
        ("an algorithm of another kind of key",
         with_certificate(jwt=assertion(header={"alg": "RS256"})), "algorithm_not_allowed"),
        ("a certificate that is no PEM", with_certificate("?"), "pem_malformed"),
        ("a private key", with_certificate(pem(b"\0", "PRIVATE KEY")), "pem_private_key"),
        ("two leaves", with_certificate(pem(leaf()) * 2), "pem_count"),
        ("nine certificates", with_certificate(chain=pem(middle()) * 9), "certificates_too_many"),
        ("a certificate beyond 16 KiB",
         with_certificate(leaf(LEAF + [extension(UNKNOWN, b"\0" * 17000)])), "certificate_too_large"),
        ("a certificate that is none", with_certificate(seq(integer(1))), "certificate_malformed"),
        ("extensions in version 1", with_certificate(leaf(version=b"")), "certificate_version"),
        ("a serial number that is negative", with_certificate(leaf(serial=integer(-1))), "certificate_serial"),
        ("two signature algorithms", with_certificate(leaf(outer=ECDSA_SHA1)), "certificate_algorithm_mismatch"),
        ("an extension twice", with_certificate(leaf([LEAF[0], LEAF[0]])), "certificate_extension_duplicate"),
        ("a keyUsage that cannot be read",
         with_certificate(leaf([extension("2.5.29.15", b"\x04\x00", True)])), "certificate_extension_invalid"),
        ("65 extensions",
         with_certificate(leaf([extension(f"{UNKNOWN}.{n}", b"\x05\x00") for n in range(65)])),
         "certificate_extensions_too_many"),
        ("a critical extension that nobody knows",
         with_certificate(leaf(LEAF + [extension(UNKNOWN, b"\x05\x00", True)])), "certificate_extension_critical"),
        ("signed with SHA-1", with_certificate(leaf(inner=ECDSA_SHA1, outer=ECDSA_SHA1)),
         "unsupported_certificate_algorithm"),
        ("an authority that nobody registered",
         with_certificate(leaf(issuer="Other", signer=OTHER_ROOT_KEY), pem(root(OTHER_ROOT_KEY, "Other"))),
         "path_not_found"),
        ("the root's name with another key", with_certificate(leaf(signer=OTHER_ROOT_KEY)), "path_signature_invalid"),
        ("an expired certificate", with_certificate(leaf(end="260101000000Z")), "certificate_expired"),
        ("a certificate that is not valid yet", with_certificate(leaf(start="270101000000Z")),
         "certificate_not_yet_valid"),
        ("a leaf that signed another", below([middle([key_usage(KEY_CERT_SIGN)])]), "certificate_not_ca"),
        ("a leaf for encryption", with_certificate(leaf([key_usage(KEY_ENCIPHERMENT)])), "certificate_key_usage"),
        ("a leaf for servers", with_certificate(leaf([LEAF[0], extended_key_usage(SERVER_AUTH)])),
         "certificate_extended_key_usage"),
        ("an authority below its path length",
         below([middle(issuer="Top", signer=OTHER_KEY),
                middle([basic_constraints(True, 0), key_usage(KEY_CERT_SIGN)], common_name="Top", key=OTHER_KEY)]),
         "certificate_path_length"),
        ("an authority that signs tokens", with_certificate(leaf(CA)), "certificate_is_ca"),
        ("a path of seven", with_certificate(tall_leaf, pem_of(tall)), "path_too_deep"),
        ("authorities that all sign one another", with_certificate(tangled_leaf, pem_of(tangled)), "path_budget"),
        ("a weak key", with_certificate(leaf(spki=WEAK.spki()), jwt=assertion(key=WEAK, alg="RS256")), "key_weak"),
        ("a key of a kind that is not offered",
         with_certificate(leaf(spki=seq(seq(oid("1.3.101.110")), bit_string(b"\0" * 32)))), "unsupported_key"),
        ("a point that is not on the curve",
         with_certificate(leaf(spki=seq(seq(oid("1.2.840.10045.2.1"), oid("1.2.840.10045.3.1.7")),
                                        bit_string(b"\4" + b"\1" * 64)))), "key_malformed"),
        ("more names and constraints than are compared", with_certificate(named_leaf, pem_of(named)),
         "name_constraints_budget"),
        ("an authority that demands a policy",
         below([middle(CA + [extension("2.5.29.36", seq(tlv(0x80, b"\0")), True)])]), "certificate_policies"),
        ("a name that a constraint forbids",
         with_certificate(leaf(LEAF + [dns_names(1)], **BELOW), pem(middle(CA + [permitted("example.org")]))),
         "certificate_name_constraints"),
        ("a name that a constraint permits, and a subject that none is about",
         with_certificate(leaf(LEAF + [dns_names(1)], **BELOW), pem(middle(CA + [permitted("example.com")]))),
         "verification_condition_false"),
        ("a name and a subject that constraints permit",
         with_certificate(leaf(LEAF + [dns_names(1)], **BELOW),
                          pem(middle(CA + [permitted("example.com", name("worker-7"))]))),
         "accept"),
    ]
