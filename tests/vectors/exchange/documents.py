"""Signed documents of two clouds."""

from certificates import name, pem
from der import explicit, integer, oid, seq, set_of
from keys import Rsa
from messages import (DATA, ENVELOPED_DATA, MD5, NOW, SHA1, SHA256, SIGNED_DATA, attribute, attributes, ec2,
                      ec2_document, ecs, ecs_document, message, signer_certificate, signer_info, signing_time)
from world import policy, with_document


def of(document, **more):
    return with_document("ecs", ecs(ecs_document(**document), **more))


def audience(**more):
    return {"audience": {"aud": "idaas_0123456789abcdef", "signingTime": NOW - 60, **more}}


def signed(info, content=None, **more):
    content = ecs_document() if content is None else content
    return with_document("ecs", message(content, [signer_info(content, **info)], **more))


def deep(depth):
    """Content of segments in segments."""
    segments = b"\x24\x80" * depth + b"\0\0" * depth
    data = seq(integer(1), set_of(SHA256), seq(oid(DATA), explicit(0, segments)), set_of(signer_info(b"")))
    return seq(oid(SIGNED_DATA), explicit(0, data))


def cases():
    content, ec2_content = ecs_document(), ec2_document()
    other = Rsa("another signer")
    expired = [{"pem": pem(signer_certificate("260101000000Z"))}]
    return [
        ("in PEM", with_document("ecs", pem(ecs(), "PKCS7")), "accept"),
        ("an audience as text in a string",
         of({"audience": '{"aud":"idaas_0123456789abcdef","signingTime":%d}' % (NOW - 60)}), "accept"),
        ("no base64", with_document("ecs", "?"), "cms_text"),
        ("a message beyond 64 KiB", with_document("ecs", ecs(b" " * 50000 + content) + b"\0" * 20000), "cms_too_large"),
        ("a message that was cut", with_document("ecs", ecs()[:-10]), "ber_malformed"),
        ("values that are nested too deeply", with_document("ecs", deep(20)), "ber_too_deep"),
        ("too many values", with_document("ecs", seq(*[integer(1)] * 5000)), "ber_too_many"),
        ("a message of another version", with_document("ecs", ecs(version=3)), "cms_malformed"),
        ("an encrypted message", with_document("ecs", ecs(outer=ENVELOPED_DATA)), "cms_content_type"),
        ("content beside the message", with_document("ecs", ecs(attached=False)), "cms_content_detached"),
        ("two signers", with_document("ecs", message(content, [signer_info(content), signer_info(content, version=1,
                                                               identifier=seq(name("Other"), integer(8)))])),
         "cms_signer_count"),
        ("a signer that nobody registered", signed({"identifier": seq(name("Other"), integer(7))}),
         "cms_signer_unknown"),
        ("a document of another region", with_document("ec2", ec2(ec2_document(region="r-2"))), "cms_signer_unknown"),
        ("a signer whose certificate has expired",
         with_document("ecs", document=policy(("providers", "ecs", "signers", expired))), "cms_signer_expired"),
        ("a digest of MD5", signed({"digest_algorithm": MD5}, digests=[MD5]), "unsupported_cms_algorithm"),
        ("a digest that the message does not list", signed({}, digests=[SHA1]), "cms_algorithm_mismatch"),
        ("attributes where there are none",
         with_document("ecs", message(content, [signer_info(content, attributes(content))])), "cms_attributes"),
        ("no attributes where there are some",
         with_document("ec2", message(ec2_content, [signer_info(ec2_content)])), "cms_attributes"),
        ("an attribute that has no business here",
         with_document("ec2", ec2(signed=attributes(ec2_content, signing_time(), attribute(7, integer(1))))),
         "cms_attributes"),
        ("the digest of other content",
         with_document("ec2", ec2(signed=attributes(ec2_content, signing_time(), message_digest=b"\0" * 32))),
         "cms_digest_mismatch"),
        ("a signature of another key", signed({"signature": other.pkcs1(256, content)}), "cms_signature_invalid"),
        ("content that was altered",
         with_document("ecs", message(ecs_document(**{"instance-id": "i-2"}), [signer_info(content)])),
         "cms_signature_invalid"),
        ("a document that is no object", with_document("ecs", ecs(b"[]")), "json_malformed"),
        ("a document that is not ASCII",
         with_document("ecs", ecs('{"owner-account-id":"é"}'.encode())), "document_malformed"),
        ("no audience", of({"audience": None}), "document_audience_missing"),
        ("another audience", of(audience(aud="idaas_other")), "document_audience"),
        ("an audience without a time", of({"audience": "idaas_0123456789abcdef"}), "document_time_missing"),
        ("a document that is too old", of(audience(signingTime=NOW - 5000)), "document_stale"),
        ("a document of an instance that started long ago",
         with_document("ec2", ec2(signed=attributes(ec2_content, signing_time("261124110000Z")))), "document_stale"),
        ("a document from the future", of(audience(signingTime=NOW + 100)), "document_from_future"),
        ("a document of another account", of({"owner-account-id": "2"}), "verification_condition_false"),
    ]
