"""Assertions that clients sign for themselves by the standard types: with a key of their own, with a certificate in the
header, and JWT-SVIDs."""

import base64

from certificates import LEAF_KEY, MIDDLE_KEY, OTHER_ROOT_KEY, leaf, middle, pem, root
from der import integer
from keys import Ec
from world import (FETCHED, KEY, NOW, OTHER_KEY, STS, assertion, claims, credential, form, jws, policy, replay_key,
                   request, token, with_certificate)

OWN, SECOND = Ec("P-256", 0xA11CE), Ec("P-256", 0xB0B)
"""The keys of app_2 and of app_3."""
BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SPIFFE = "urn:ietf:params:oauth:client-assertion-type:jwt-spiffe"
GRANT = "urn:ietf:params:oauth:grant-type:"
API = {"api.example.com": ["read", "write"]}
ENDPOINT = f"{STS}/token"
LOOSE = "issuer_or_token_endpoint"


def own_key(key, **more):
    return {"type": "client_key", "keys": {"jwks": {"keys": [key.jwk(kid="1")]}}, **more}


def client(provider):
    return {"scopes": API, "credentials": {"main": {"provider": provider}}}


def with_keys(*changes):
    """The policy with two clients that have keys of their own."""
    return policy(("providers", "own", own_key(OWN)), ("providers", "second", own_key(SECOND)),
                  ("clients", "app_2", client("own")), ("clients", "app_3", client("second")), *changes)


def signed(payload=None, key=OWN, header=None, **more):
    """An assertion of app_2."""
    header = {"alg": "ES256", "kid": "1", **(header or {})}
    good = {"iss": "app_2", "sub": "app_2", "aud": STS, "jti": "j1", "iat": NOW, "exp": NOW + 60, **more}
    good = {name: value for name, value in good.items() if value is not None}
    header = {name: value for name, value in header.items() if value is not None}
    return jws(header, payload or good, key)


def standard(value, kind=BEARER, document=None, keys=None, consumed=None, **more):
    """A request as a stock client sends it: neither client nor credential is named."""
    members = {"grant_type": "client_credentials", "client_assertion_type": kind, "client_assertion": value,
               "scope": "api.example.com|write", **more}
    members = {name: own for name, own in members.items() if own is not None}
    beside = {name: own for name, own in (("keys", keys), ("consumed", consumed)) if own is not None}
    return request(members, document or with_keys(), **beside)


def own_keys():
    own = ("providers", "own")
    app_3 = ("clients", "app_3", "credentials")
    remote = {"type": "client_key", "keys": {"jwks_uri": "https://app.example.com/keys"}}
    fetched = with_keys((*own, remote))
    return [
        ("own key: an assertion", standard(signed()), "accept"),
        ("own key: with the client's id", standard(signed(), client_id="app_2"), "accept"),
        ("own key: with the names of client and credential",
         standard(signed(), client_id="app_2", application_federated_credential_name="main"), "accept"),
        ("own key: an assertion with a line break behind it", standard(signed() + "\n"), "accept"),
        ("own key: type JWT", standard(signed(header={"typ": "JWT"})), "accept"),
        ("own key: type client-authentication+jwt",
         standard(signed(header={"typ": "client-authentication+jwt"})), "accept"),
        *((f"own key: type {typ}", standard(signed(header={"typ": typ})), "type_wrong")
          for typ in ["at+jwt", "dpop+jwt", "JOSE", "logout+jwt"]),
        ("own key: no kid", standard(signed(header={"kid": None})), "accept"),
        ("own key: another kid", standard(signed(header={"kid": "2"})), "key_unknown"),
        ("own key: the audience in a list", standard(signed(aud=[STS])), "accept"),
        ("own key: the token endpoint as audience", standard(signed(aud=ENDPOINT)), "audience_wrong"),
        ("own key: the token endpoint as audience where that is taken",
         standard(signed(aud=ENDPOINT), document=with_keys((*own, "assertion_audiences", LOOSE))), "accept"),
        ("own key: issuer and token endpoint where both are taken",
         standard(signed(aud=[STS, ENDPOINT]), document=with_keys((*own, "assertion_audiences", LOOSE))),
         "audience_ambiguous"),
        ("own key: two audiences", standard(signed(aud=[STS, "https://other.example.com"])), "audience_ambiguous"),
        ("own key: an assertion for another server", standard(signed(aud="https://other.example.com")),
         "audience_wrong"),
        ("own key: the issuer with a slash", standard(signed(aud=f"{STS}/")), "audience_wrong"),
        ("own key: no audience", standard(signed(aud=None)), "audience_missing"),
        ("own key: no jti", standard(signed(jti=None)), "jti_missing"),
        ("own key: no expiry", standard(signed(exp=None)), "expiry_missing"),
        ("own key: ten minutes", standard(signed(exp=NOW + 600)), "accept"),
        ("own key: an hour", standard(signed(exp=NOW + 3600)), "lifetime_too_long"),
        ("own key: an hour where that is taken",
         standard(signed(exp=NOW + 3600), document=with_keys((*own, "max_lifetime", 3600))), "accept"),
        ("own key: expired", standard(signed(iat=NOW - 600, exp=NOW - 60)), "expired"),
        ("own key: another subject", standard(signed(sub="app_3")), "subject_wrong"),
        ("own key: no subject", standard(signed(sub=None)), "subject_wrong"),
        ("own key: no issuer", standard(signed(iss=None)), "issuer_unknown"),
        ("own key: of a client that is not there", standard(signed(iss="app_9", sub="app_9")), "issuer_unknown"),
        ("own key: of a client without one", standard(signed(iss="app_1", sub="app_1")), "issuer_unknown"),
        ("own key: of a disabled client",
         standard(signed(), document=with_keys(("clients", "app_2", "enabled", False))), "client_disabled"),
        ("own key: of a disabled credential",
         standard(signed(), document=with_keys(("clients", "app_2", "credentials", "main", "enabled", False))),
         "credential_disabled"),
        ("own key: of a disabled provider", standard(signed(), document=with_keys((*own, "enabled", False))),
         "provider_disabled"),
        ("mix-up: the key of one client for another by its claims",
         standard(signed(iss="app_3", sub="app_3")), "jws_signature_invalid"),
        ("mix-up: the key of one client for another by the request", standard(signed(), client_id="app_3"),
         "issuer_unknown"),
        ("mix-up: the key of one client for the credential of another",
         standard(signed(), client_id="app_3", application_federated_credential_name="main"), "jws_signature_invalid"),
        ("mix-up: the key of a client as an issuer", standard(token(claims(), {"alg": "ES256"}, OWN),
         document=with_keys(("clients", "app_1", "credentials", "main", "discoverable", True))),
         "jws_signature_invalid"),
        ("mix-up: the key of an issuer as a client's", standard(signed(key=KEY)), "jws_signature_invalid"),
        ("own key: of another signer", standard(signed(key=OTHER_KEY)), "jws_signature_invalid"),
        *((f"own key: {member} in the header", standard(signed(header={member: value})), "jws_embedded_key")
          for member, value in [("jwk", OTHER_KEY.jwk()), ("jku", "https://app.example.com/keys"), ("x5c", x5c(leaf())),
                                ("x5u", "https://app.example.com/pem")]),
        ("own key: HMAC", standard(signed(header={"alg": "HS256"})), "unsupported_algorithm"),
        ("own key: no algorithm", standard(signed(header={"alg": "none"})), "unsupported_algorithm"),
        ("own key: an algorithm of another kind of key", standard(signed(header={"alg": "RS256"})),
         "algorithm_not_allowed"),
        ("own key: bound to a key of its holder", standard(signed(cnf={"jkt": "x"})), "token_bound"),
        ("own key: as the grant", standard(None, grant_type=GRANT + "jwt-bearer", client_assertion_type=None,
                                           client_assertion=None, assertion=signed()), "issuer_unknown"),
        ("own key: as a subject token",
         standard(None, grant_type=GRANT + "token-exchange", client_assertion_type=None, client_assertion=None,
                  subject_token=signed(), subject_token_type="urn:ietf:params:oauth:token-type:jwt"),
         "issuer_unknown"),
        ("own key: as a token of the compatible service",
         request(form("id-token-bearer", "main", signed(), client_id="app_2"), with_keys()), "provider_kind"),
        ("own key: as a JWT-SVID", standard(signed(), SPIFFE), "issuer_unknown"),
        ("own key: for the second time",
         standard(signed(), consumed=[replay_key("j1", client="app_2")]), "proof_replayed"),
        ("own key: one jti of two clients", standard(signed(), consumed=[replay_key("j1", client="app_3")]), "accept"),
        ("own key: keys that are fetched",
         standard(signed(), document=fetched, keys={"app_2": {"keys": [OWN.jwk(kid="1")]}}), "accept"),
        ("own key: fetched keys of another client",
         standard(signed(), document=fetched, keys={"app_3": {"keys": [OWN.jwk(kid="1")]}}), "keys_unavailable"),
    ]


def x5c(*certificates):
    return [base64.b64encode(certificate).decode() for certificate in certificates]


def with_x5c(*changes):
    return policy(("providers", "plant", "x5c", "accept"),
                  ("clients", "app_1", "credentials", "machine", "discoverable", True), *changes)


def certified(chain=None, key=LEAF_KEY, header=None, **more):
    """An assertion of app_1 with its certificate in the header."""
    header = {"alg": "ES256", "x5c": x5c(leaf()) if chain is None else chain, **(header or {})}
    return assertion(header=header, key=key, **{"aud": STS, **more})


def certificates():
    def bring(value=None, document=None, **more):
        return standard(value or certified(), document=document or with_x5c(), **more)

    below = leaf(issuer="Middle", signer=MIDDLE_KEY)
    loose = with_x5c(("providers", "plant", "assertion_audiences", LOOSE))
    names = {"client_id": "app_1", "application_federated_credential_name": "machine"}
    foreign = leaf(issuer="Other", signer=OTHER_ROOT_KEY)
    return [
        ("x5c: the certificate in the header", bring(), "accept"),
        ("x5c: with the client's id", bring(client_id="app_1"), "accept"),
        ("x5c: with the names of client and credential", bring(**names), "accept"),
        ("x5c: type client-authentication+jwt", bring(certified(header={"typ": "client-authentication+jwt"})), "accept"),
        ("x5c: type at+jwt", bring(certified(header={"typ": "at+jwt"})), "type_wrong"),
        ("x5c: below a middle authority", bring(certified(x5c(below, middle()))), "accept"),
        ("x5c: without the middle authority", bring(certified(x5c(below))), "path_not_found"),
        ("x5c: the leaf last", bring(certified(x5c(middle(), below))), "certificate_is_ca"),
        ("x5c: a chain of a foreign root", bring(certified(x5c(foreign, root(OTHER_ROOT_KEY, "Other")))),
         "path_not_found"),
        ("x5c: another key than the certificate's", bring(certified(key=OTHER_KEY)), "jws_signature_invalid"),
        ("x5c: a client of another name", bring(certified(iss="app_9", sub="app_9")), "issuer_unknown"),
        ("x5c: another subject", bring(certified(sub="app_9")), "subject_wrong"),
        ("x5c: another client in the request", bring(client_id="app_2", document=with_x5c(
            ("clients", "app_2", {"scopes": API, "credentials": {"machine": {**credential(
                "plant", 'cert.subject.CN == "worker-8"'), "discoverable": True}}}))), "issuer_unknown"),
        ("x5c: a certificate of another workload", bring(certified(x5c(leaf(common_name="worker-8")))),
         "credential_not_found"),
        ("x5c: by name, a certificate of another workload",
         bring(certified(x5c(leaf(common_name="worker-8"))), **names), "verification_condition_false"),
        ("x5c: the token endpoint as audience", bring(certified(aud=ENDPOINT)), "audience_wrong"),
        ("x5c: the token endpoint as audience where that is taken", bring(certified(aud=ENDPOINT), loose), "accept"),
        ("x5c: no jti", bring(certified(jti=None)), "jti_missing"),
        ("x5c: no list", bring(certified("x")), "jws_header_invalid"),
        ("x5c: an empty list", bring(certified([])), "jws_header_invalid"),
        ("x5c: base64url", bring(certified([base64.urlsafe_b64encode(leaf()).decode().rstrip("=")])),
         "jws_header_invalid"),
        ("x5c: PEM", bring(certified([pem(leaf())])), "jws_header_invalid"),
        ("x5c: no certificate", bring(certified(x5c(b"0\0"))), "certificate_malformed"),
        ("x5c: nine certificates", bring(certified(x5c(*[leaf()] * 9))), "certificates_too_many"),
        ("x5c: a provider that does not take it", bring(document=with_x5c(("providers", "plant", "x5c", "refuse"))),
         "certificate_in_header"),
        ("x5c: by name, a provider that does not take it",
         bring(document=with_x5c(("providers", "plant", "x5c", "refuse")), **names), "certificate_in_header"),
        ("x5c: by name, without x5c", bring(assertion(aud=STS), **names), "provider_kind"),
        ("x5c: without x5c", bring(assertion(aud=STS)), "issuer_unknown"),
        ("x5c: the same certificate beside it", bring(client_x509=pem(leaf())), "accept"),
        ("x5c: another certificate beside it", bring(client_x509=pem(leaf(serial=integer(99)))),
         "assertion_certificate"),
        ("x5c: a header beyond 4 KiB", bring(certified(x5c(leaf(), *[middle()] * 7), header={"note": "x" * 2000})),
         "accept"),
        ("x5c: a header beyond 16 KiB", bring(certified(header={"note": "x" * 17000})), "jws_header_too_large"),
        ("x5c: a header beyond 4 KiB in a token of an issuer",
         standard(token(header={"alg": "ES256", "kid": "a", "x5c": x5c(leaf()), "note": "x" * 5000}), document=with_x5c(
             ("clients", "app_1", "credentials", "main", "discoverable", True))), "jws_embedded_key"),
        ("x5c: one jti beside the request and in the header",
         bring(certified(), consumed=[replay_key("j1")]), "proof_replayed"),
        ("x5c: one jti in the header and beside the request",
         with_certificate(document=with_x5c(), consumed=[replay_key("j1")]), "proof_replayed"),
        ("x5c: a jti that version 0.1 has seen", bring(consumed=[replay_key("j1", "pca")]), "proof_replayed"),
    ]


def mesh(issuer=None, **more):
    provider = {"type": "spiffe", "trust_domain": "example.org", "audiences": ["https://mesh.example.org"],
                "keys": {"jwks": {"keys": [KEY.jwk(kid="a", use="jwt-svid")]}}, "max_lifetime": 3600, **more}
    if issuer:
        provider["issuer"] = issuer
    binding = 'jwt.claims.sub == "spiffe://example.org/ns/shop/sa/orders"'
    return policy(("providers", "mesh", provider),
                  ("clients", "app_1", "credentials", "svid", {**credential("mesh", binding), "discoverable": True}))


def svids():
    def svid(header=None, document=None, keep=SPIFFE, names=None, **more):
        good = {"sub": "spiffe://example.org/ns/shop/sa/orders", "aud": STS, "exp": NOW + 300, **more}
        good = {name: value for name, value in good.items() if value is not None}
        value = jws({"alg": "ES256", "kid": "a", **(header or {})}, good, KEY)
        return standard(value, keep, document or mesh(), **(names or {}))

    return [
        ("jwt-spiffe: an SVID", svid(), "accept"),
        ("jwt-spiffe: an SVID with an issuer that is not asked for", svid(iss="https://spire.example.org"), "accept"),
        ("jwt-spiffe: with the client's id", svid(names={"client_id": "app_1"}), "accept"),
        ("jwt-spiffe: another client's id", svid(names={"client_id": "app_9"}), "client_unknown"),
        ("jwt-spiffe: with the names of client and credential",
         svid(names={"client_id": "app_1", "application_federated_credential_name": "svid"}), "accept"),
        ("jwt-spiffe: by name, a provider of other tokens",
         svid(names={"client_id": "app_1", "application_federated_credential_name": "main"}), "provider_kind"),
        ("jwt-spiffe: the audience in a list", svid(aud=[STS]), "accept"),
        ("jwt-spiffe: two audiences", svid(aud=[STS, "https://mesh.example.org"]), "audience_ambiguous"),
        ("jwt-spiffe: the audience of other requests", svid(aud="https://mesh.example.org"), "audience_wrong"),
        ("jwt-spiffe: the token endpoint as audience", svid(aud=ENDPOINT), "audience_wrong"),
        ("jwt-spiffe: the token endpoint as audience where that is taken",
         svid(aud=ENDPOINT, document=mesh(assertion_audiences=LOOSE)), "accept"),
        ("jwt-spiffe: of another server", svid(aud="https://other.example.com"), "audience_wrong"),
        ("jwt-spiffe: another workload", svid(sub="spiffe://example.org/ns/shop/sa/other"), "credential_not_found"),
        ("jwt-spiffe: another trust domain", svid(sub="spiffe://example.com/ns/shop/sa/orders"), "issuer_unknown"),
        ("jwt-spiffe: no subject", svid(sub=None), "issuer_unknown"),
        ("jwt-spiffe: a subject that is no SPIFFE ID", svid(sub="example.org/ns"), "issuer_unknown"),
        ("jwt-spiffe: the type of an access token", svid({"typ": "at+jwt"}), "type_wrong"),
        ("jwt-spiffe: another issuer than is asked for", svid(iss=FETCHED, document=mesh("https://oidc.example.org")), "issuer_wrong"),
        ("jwt-spiffe: a token of an issuer", standard(token(claims(aud=STS)), SPIFFE, mesh()), "issuer_unknown"),
    ]


def cases():
    return [*own_keys(), *certificates(), *svids()]
