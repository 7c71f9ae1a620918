"""Signed messages (RFC 5652) as clouds send them, of which every part can be spoiled."""

import base64
import json

from certificates import CA, FROM, UNTIL, certificate, name
from der import NULL, explicit, integer, octet_string, oid, seq, set_of, tlv
from keys import Rsa, digest

NOW = 1_795_521_600
DATA, SIGNED_DATA, ENVELOPED_DATA = (f"1.2.840.113549.1.7.{last}" for last in (1, 2, 3))
SHA256, SHA1 = seq(oid("2.16.840.1.101.3.4.2.1"), NULL), seq(oid("1.3.14.3.2.26"), NULL)
MD5 = seq(oid("1.2.840.113549.2.5"), NULL)
RSA = seq(oid("1.2.840.113549.1.1.1"), NULL)
SIGNER = Rsa("a signer of documents")
ISSUER_AND_SERIAL = seq(name("Signer"), integer(7))
AUDIENCE = "idaas_0123456789abcdef"


def signer_certificate(end=UNTIL):
    """The certificate that a policy pins. Nobody looks at who signed it."""
    return certificate("Signer", SIGNER, "Signer", None, CA, start=FROM, end=end, signature=b"\0" * 8)


def ecs_document(**more):
    document = {"owner-account-id": "1", "instance-id": "i-1", "region-id": "r-1",
                "audience": {"aud": AUDIENCE, "signingTime": NOW - 60}}
    return json.dumps({key: value for key, value in {**document, **more}.items() if value is not None}).encode()


def ec2_document(**more):
    return json.dumps({"accountId": "111122223333", "instanceId": "i-1", "region": "r-1", **more}).encode()


def attribute(identifier, value):
    return seq(oid(f"1.2.840.113549.1.9.{identifier}"), set_of(value))


def attributes(content, *more, content_type=DATA, message_digest=None):
    """contentType and messageDigest, and these beside them."""
    found = digest(256, content) if message_digest is None else message_digest
    return [attribute(3, oid(content_type)), attribute(4, octet_string(found)), *more]


def signing_time(text="261124115900Z"):
    return attribute(5, tlv(0x17, text.encode()))


def signer_info(content, signed=None, *, version=1, identifier=ISSUER_AND_SERIAL, digest_algorithm=SHA256,
                signature_algorithm=RSA, signature=None):
    inside = set_of(*signed) if signed is not None else None
    signature = signature or SIGNER.pkcs1(256, content if inside is None else inside)
    return seq(integer(version), identifier, digest_algorithm,
               b"" if inside is None else b"\xa0" + inside[1:], signature_algorithm, octet_string(signature))


def message(content, infos, *, digests=(SHA256,), content_type=DATA, outer=SIGNED_DATA, attached=True, version=1):
    inside = seq(oid(content_type), explicit(0, octet_string(content)) if attached else b"")
    data = seq(integer(version), set_of(*digests), inside, set_of(*infos))
    return seq(oid(outer), explicit(0, data))


def ecs(content=None, **more):
    """A document as ECS signs: no attributes."""
    content = ecs_document() if content is None else content
    return message(content, [signer_info(content)], **more)


def ec2(content=None, signed=None, **more):
    """A document as EC2 signs: with attributes."""
    content = ec2_document() if content is None else content
    signed = attributes(content, signing_time()) if signed is None else signed
    return message(content, [signer_info(content, signed)], **more)


def text(der):
    return base64.b64encode(der).decode()
