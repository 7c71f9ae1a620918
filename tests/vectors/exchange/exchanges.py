"""Access tokens of the issuer itself that are exchanged (RFC 8693): by whoever holds one, and by another client."""

from certificates import leaf, pem
from keys import Ec
from world import (
    IDP, NOW, OTHER_KEY, STS, assertion, claims, form, jws, policy, replay_key, request, token, with_token,
)

OWN_KEY, RETIRED_KEY = Ec("P-256", 0x0517), Ec("P-256", 0x0518)
KEYS = {STS: {"keys": [OWN_KEY.jwk(kid="own", alg="ES256", use="sig")]}}
GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS, JWT, ID = (f"urn:ietf:params:oauth:token-type:{kind}" for kind in ("access_token", "jwt", "id_token"))
API, URI, OTHER = "api.example.com", "https://api.example.com/v1", "reports.example.com"
APP = ("clients", "app_1")
MAIN = (*APP, "credentials", "main")


def world(*changes, may_exchange=(API, OTHER)):
    """The policy with a second resource, a second client that may exchange tokens, and changes."""
    scopes = {API: ["write", "admin"], OTHER: ["list", "export"]}
    gate = {"scopes": scopes, "credentials": {
        "gate": {"provider": "plant", "condition": 'cert.subject.CN == "worker-7"'}}}
    if may_exchange:
        gate["may_exchange"] = list(may_exchange)
    return policy(("resources", API, "resource", URI), ("resources", OTHER, {"scopes": ["list", "export", "purge"]}),
                  ("clients", "app_2", gate), (*APP, "scopes", OTHER, ["list"]), (*MAIN, "scopes", OTHER, ["list"]),
                  *changes)


def own(header=None, key=OWN_KEY, **more):
    """An access token of the issuer for `app_1`; a change of None takes a claim out, and one of the header a member."""
    good = {"iss": STS, "sub": "app_1:urn:x:7", "aud": API, "client_id": "app_1",
            "application_federated_credential_name": "main", "scope": "read write", "jti": "t1",
            "iat": NOW - 60, "exp": NOW + 600, "team": "t1", **more}
    good = {name: value for name, value in good.items() if value is not None}
    header = {"alg": "ES256", "kid": "own", "typ": "at+jwt", **(header or {})}
    return jws({name: value for name, value in header.items() if value is not None}, good, key)


def alone(value=None, document=None, keys=KEYS, **more):
    """A subject token by itself."""
    members = {"grant_type": GRANT, "subject_token": value or own(), "subject_token_type": ACCESS, **more}
    return request({name: value for name, value in members.items() if value is not None}, document or world(), keys=keys)


def by_client(value=None, document=None, consumed=(), jwt=None, **more):
    """A subject token beside the assertion of `app_2`, which has a certificate."""
    jwt = jwt or assertion(iss="app_2", sub="app_2")
    members = form("x509-jwt-bearer", "gate", jwt, **{
        "grant_type": GRANT, "client_id": "app_2", "client_x509": pem(leaf()), "client_x509_chain": "",
        "subject_token": value or own(), "subject_token_type": ACCESS, **more})
    return request(members, document or world(), keys=KEYS, consumed=list(consumed))


def narrowed():
    return [
        ("i08 a token without a scope asked for", alone(), "accept"),
        ("i08 one value of its scope", alone(scope="write"), "accept"),
        ("i08 one value with its resource", alone(scope=f"{API}|write"), "accept"),
        ("i08 all of it", alone(scope=".all"), "accept"),
        ("i08 its resource by an identifier", alone(resource=URI, scope="read"), "accept"),
        ("i08 its resource as an audience", alone(audience=API), "accept"),
        ("i08 a value that it lacks, though its credential has it", alone(own(scope="write"), scope="read"),
         "scope_beyond_token"),
        ("i08 a value beside all of it", alone(own(scope="write"), scope=".all read"), "scope_beyond_token"),
        ("i08 another resource, though its credential has scopes there", alone(audience=OTHER), "target_beyond_token"),
        ("i08 another resource in the scope", alone(scope=f"{OTHER}|list"), "target_beyond_token"),
        ("i08 two resources", alone(resource=URI, audience=OTHER), "target_ambiguous"),
        ("its client by name", alone(client_id="app_1"), "accept"),
        ("its client and credential by name", alone(client_id="app_1", application_federated_credential_name="main"),
         "accept"),
        ("another client by name", alone(client_id="app_2"), "subject_token_owner"),
        ("another credential by name", alone(client_id="app_1", application_federated_credential_name="machine"),
         "subject_token_owner"),
        ("its last second", alone(own(exp=NOW + 1)), "accept"),
        ("its end", alone(own(exp=NOW)), "expired"),
        ("its end within the skew", alone(own(exp=NOW - 1)), "expired"),
        ("no end", alone(own(exp=None)), "expiry_missing"),
        ("a token that is bound to a key", alone(own(cnf={"jkt": "x"})), "token_bound"),
        ("a token that a client uses for its subject", alone(own(act={"sub": "app_2"})), "subject_token_exchanged"),
        ("a token for a resource that is gone", alone(own(aud="gone.example.com")), "audience_wrong"),
        ("a token for the issuer", alone(own(aud=STS)), "audience_wrong"),
        ("a token for two resources", alone(own(aud=[API, OTHER])), "audience_ambiguous"),
        ("a token without a credential", alone(own(application_federated_credential_name=None)), "claims_malformed"),
        ("a token without a jti", alone(own(jti=None)), "jti_missing"),
        ("an ID token of ours", alone(own({"typ": "JWT"})), "type_wrong"),
        ("a token of ours without a type", alone(own({"typ": None})), "type_wrong"),
        ("a token of ours as a JWT", alone(subject_token_type=JWT), "accept"),
        ("a token of a retired key", alone(own({"kid": "retired"}, RETIRED_KEY)), "key_unknown"),
        ("a token of another key under the name of ours", alone(own(key=OTHER_KEY)), "jws_signature_invalid"),
        ("a token without the name of its key", alone(own({"kid": None})), "key_unknown"),
        ("a token without signature", alone(own({"alg": "none"})), "unsupported_algorithm"),
        ("a token whose keys nobody brings", alone(keys={}), "keys_unavailable"),
        ("a client that is disabled since", alone(document=world((*APP, "enabled", False))), "client_disabled"),
        ("a credential that is disabled since", alone(document=world((*MAIN, "enabled", False))), "credential_disabled"),
        ("a provider that is disabled since", alone(document=world(("providers", "idp", "enabled", False))),
         "provider_disabled"),
        ("a scope that is withdrawn since", alone(document=world((*MAIN, "scopes", API, ["write"]))),
         "scope_not_granted"),
        ("a scope that is left since", alone(document=world((*MAIN, "scopes", API, ["write"])), scope="write"), "accept"),
        ("an actor token", alone(actor_token=own(), actor_token_type=ACCESS), "actor_token"),
        ("a SAML assertion asked for", alone(requested_token_type="urn:ietf:params:oauth:token-type:saml2"),
         "parameter_invalid"),
    ]


def delegated():
    without, elsewhere = world(may_exchange=()), world(may_exchange=[OTHER])
    return [
        ("i30 a client on the resource of the token", by_client(), "accept"),
        ("i30 all that both have there", by_client(scope=f"{API}|.all"), "accept"),
        ("i30 a client on another resource", by_client(scope=f"{OTHER}|list"), "accept"),
        ("i30 what the client lacks", by_client(scope=f"{API}|read"), "scope_not_granted"),
        ("i30 what the token lacks", by_client(own(scope="read")), "scope_beyond_token"),
        ("i30 what the subject lacks", by_client(scope=f"{API}|admin"), "scope_beyond_subject"),
        ("i30 what the subject lacks on another resource", by_client(scope=f"{OTHER}|export"), "scope_beyond_subject"),
        ("i30 nothing that both have", by_client(own(scope="read"), scope=f"{API}|.all"), "scope_beyond_subject"),
        ("i30 a client without may_exchange", by_client(document=without), "client_not_authorized"),
        ("i30 a resource that is not in may_exchange", by_client(document=elsewhere), "target_not_granted"),
        ("i30 one that is", by_client(document=elsewhere, scope=f"{OTHER}|list"), "accept"),
        ("an assertion of a client for the second time", by_client(consumed=[replay_key("j1", client="app_2")]),
         "proof_replayed"),
        ("a token that was exchanged by a client", by_client(own(act={"sub": "app_2"})), "subject_token_exchanged"),
        ("a bound token by a client", by_client(own(cnf={})), "token_bound"),
        ("an ID token type for a client's subject", by_client(subject_token_type=ID), "parameter_invalid"),
        ("a subject that is disabled since", by_client(document=world((*APP, "enabled", False))), "client_disabled"),
        ("a subject token of an outside issuer", by_client(token()), "key_unknown"),
        ("a client with the assertion of another", by_client(jwt=assertion()), "issuer_wrong"),
        ("a standard client assertion beside a subject token",
         by_client(client_assertion_type="urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
         "unsupported_assertion_type"),
    ]


def confused():
    """One kind of token in the place of another."""
    document = world((*MAIN, "discoverable", True))
    grant = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer"}
    client = {"grant_type": "client_credentials",
              "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}
    standard = lambda **members: request({"scope": f"{API}|write", **members}, document, keys=KEYS)
    forged = token(claims(iss=STS))
    return [
        ("i08 a proof as the grant", standard(**grant, assertion=token()), "accept"),
        ("i08 a token of ours as the grant", standard(**grant, assertion=own()), "issuer_unknown"),
        ("i08 a proof as the assertion of a client", standard(**client, client_assertion=token()), "accept"),
        ("i08 a token of ours as the assertion of a client", standard(**client, client_assertion=own()),
         "issuer_unknown"),
        ("i08 a token of ours as an OIDC proof", with_token(own(), document), "key_unknown"),
        ("i08 a proof as the subject token", alone(token(), document, scope=f"{API}|write"), "accept"),
        ("i08 a proof that says that it is of us", alone(forged, document), "key_unknown"),
        ("i08 a token of ours that says that it is of another issuer", alone(own(iss=IDP), document), "key_unknown"),
        ("i08 a subject token as the assertion and the reverse",
         request(form("id-token-bearer", "main", own(), grant_type=GRANT, subject_token=token(),
                      subject_token_type=ACCESS), document, keys=KEYS), "key_unknown"),
    ]


def cases():
    return [*narrowed(), *delegated(), *confused()]
