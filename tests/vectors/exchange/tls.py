"""Certificates that clients show in a handshake of TLS (RFC 8705 section 2.1)."""

from certificates import (DIGITAL_SIGNATURE, MIDDLE_KEY, OTHER_ROOT_KEY, SERVER_AUTH, extended_key_usage, key_usage, leaf,
                          middle, pem, root)
from world import assertion, policy, request, with_certificate

GRANT = "client_credentials"


def with_tls(*changes):
    return policy(("providers", "plant", "tls", "accept"),
                  ("clients", "app_1", "credentials", "machine", "discoverable", True), *changes)


def show(certificate=None, chain="", document=None, **more):
    """A request of app_1 on a connection with this certificate; a change of None takes a parameter out."""
    members = {"grant_type": GRANT, "client_id": "app_1", "scope": "api.example.com|write", **more}
    members = {name: value for name, value in members.items() if value is not None}
    tls = {"certificate": pem(leaf() if certificate is None else certificate), "chain": chain}
    return request(members, document or with_tls(), tls=tls)


def cases():
    below = leaf(issuer="Middle", signer=MIDDLE_KEY)
    refusing = with_tls(("providers", "plant", "tls", "refuse"))
    of_servers = leaf([key_usage(DIGITAL_SIGNATURE), extended_key_usage(SERVER_AUTH)])
    other = ("clients", "app_2", {"scopes": {"api.example.com": ["read"]}, "credentials": {"machine": {
        "provider": "plant", "discoverable": True, "condition": 'cert.subject.CN == "worker-8"'}}})
    named = {"application_federated_credential_name": "machine"}
    without = request({"grant_type": GRANT, "client_id": "app_1", "scope": "api.example.com|write"}, with_tls())
    beside = with_certificate(jwt=assertion(aud="https://other.example.com"), document=with_tls())
    return [
        ("tls: a certificate", show(), "accept"),
        ("tls: a plain scope", show(scope="write"), "accept"),
        ("tls: with the name of the credential", show(**named), "accept"),
        ("tls: below a middle authority", show(below, pem(middle())), "accept"),
        ("tls: without the middle authority", show(below), "path_not_found"),
        ("tls: below a foreign root", show(leaf(issuer="Other", signer=OTHER_ROOT_KEY), pem(root(OTHER_ROOT_KEY, "Other"))),
         "path_not_found"),
        ("tls: signed by another key of the root's name", show(leaf(signer=OTHER_ROOT_KEY)), "path_signature_invalid"),
        ("tls: expired", show(leaf(end="250101000000Z")), "certificate_expired"),
        ("tls: for servers", show(of_servers), "certificate_extended_key_usage"),
        ("tls: an authority", show(root()), "certificate_is_ca"),
        ("tls: no certificate of X.509", show(b"0\0"), "certificate_malformed"),
        ("tls: another workload", show(leaf(common_name="worker-8")), "credential_not_found"),
        ("tls: the certificate of another client", show(client_id="app_2", document=with_tls(other)),
         "credential_not_found"),
        ("tls: a client that is not there", show(client_id="app_9"), "client_unknown"),
        ("tls: no client", show(client_id=None), "parameter_missing"),
        ("tls: no certificate", without, "parameter_missing"),
        ("tls: certificates as parameters", request({**without["form"], "client_x509": pem(leaf())}, with_tls()),
         "parameter_missing"),
        ("tls: an assertion without its type", show(client_assertion=assertion()), "parameter_missing"),
        ("tls: nine certificates", show(chain=pem(middle()) * 8), "certificates_too_many"),
        ("tls: a provider that does not take it", show(document=refusing), "issuer_unknown"),
        ("tls: by name, a provider that does not take it", show(document=refusing, **named), "provider_kind"),
        ("tls: a credential that is not discoverable", show(document=policy(("providers", "plant", "tls", "accept"))),
         "issuer_unknown"),
        ("tls: beside an assertion, which counts alone",
         {**beside, "tls": {"certificate": pem(leaf())}}, "audience_wrong"),
        ("tls: of a stranger beside a good assertion",
         {**with_certificate(document=with_tls()), "tls": {"certificate": pem(leaf(signer=OTHER_ROOT_KEY))}}, "accept"),
    ]
