"""Requests of the standard grants: the forms, what is asked for, and whose a proof is that names nobody."""

import copy

from messages import ecs, ecs_document, text
from world import FETCHED, IDP, KEY, OTHER_KEY, STS, claims, credential, policy, request, token

PARAMETERS = "urn:ietf:params:oauth:"
TOKEN_TYPE = f"{PARAMETERS}token-type:"
ASSERTION_TYPE = f"{PARAMETERS}client-assertion-type:"
PKCS7_TYPE = "https://credmint.dev/oauth/token-type/pkcs7"
API = "https://api.example.com/v1"
DOMAIN = "spiffe://example.org"
CLIENT = ("clients", "app_1")
CREDENTIALS = (*CLIENT, "credentials")
MAIN = (*CREDENTIALS, "main")
AGAIN = {"provider": "again", "scopes": {"pay.example.com": ["pay"]}, "condition": 'jwt.claims.sub == "workload"'}
ALSO = "https://also.example.com"

POLICY = policy(
    (*MAIN, "discoverable", True),
    (*CREDENTIALS, "ecs", "discoverable", True),
    ("resources", "api.example.com", "resource", [API, f"{API}/too"]),
    ("resources", "pay.example.com", {"scopes": ["pay"]}),
    (*CLIENT, "scopes", "pay.example.com", ["pay"]),
    # One issuer, another audience, and the credential of another client.
    ("providers", "again", {"type": "oidc", "issuer": IDP, "audiences": [ALSO], "keys": {"jwks": {"keys": [KEY.jwk(kid="a")]}}}),
    ("providers", "mesh", {"type": "spiffe", "trust_domain": "example.org", "audiences": [STS],
                           "keys": {"jwks": {"keys": [KEY.jwk(kid="a")]}}}),
    ("clients", "app_2", {
        "scopes": {"pay.example.com": ["pay"], "api.example.com": ["read"]},
        "credentials": {
            "again": {**AGAIN, "discoverable": True},
            "mesh": {"provider": "mesh", "scopes": {"api.example.com": ["read"]}, "discoverable": True,
                     "condition": f'jwt.claims.sub == "{DOMAIN}/worker"'},
            "heads": {**credential("idp", 'jwt.claims.sub == "builder" && jwt.claims.ref.startsWith("heads/")'),
                      "scopes": {"api.example.com": ["read"]}, "discoverable": True},
            "tags": {**credential("idp", 'jwt.claims.sub == "builder" && jwt.claims.ref.startsWith("tags/")'),
                     "scopes": {"api.example.com": ["read"]}, "discoverable": True},
            "hidden": {**credential("idp", 'jwt.claims.sub == "hidden"'), "scopes": {"api.example.com": ["read"]}},
        },
    }),
)

BOTH = {"api.example.com": ["read", "write"], "pay.example.com": ["pay"]}


def changed(*changes):
    """The policy, after changes of what is at a path."""
    document = copy.deepcopy(POLICY)
    for *path, last, value in changes:
        at = document
        for step in path:
            at = at[step]
        at[last] = value
    return document


def sent(members, document=None, **more):
    """A request; a parameter of None is left out."""
    members = {name: value for name, value in {**members, **more}.items() if value is not None}
    return request(members, document or POLICY)


def grant(value=None, document=None, **more):
    return sent({"grant_type": f"{PARAMETERS}grant-type:jwt-bearer", "assertion": value or token()}, document, **more)


def exchange(value=None, kind=f"{TOKEN_TYPE}jwt", document=None, **more):
    return sent({"grant_type": f"{PARAMETERS}grant-type:token-exchange", "subject_token": value or token(),
                 "subject_token_type": kind}, document, **more)


def assertion(value=None, kind="jwt-bearer", document=None, **more):
    return sent({"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE + kind,
                 "client_assertion": value or token()}, document, **more)


FORMS = {"a jwt-bearer grant": grant, "a token exchange": exchange, "a client assertion": assertion}


def svid(**more):
    good = {"sub": f"{DOMAIN}/worker", "aud": STS, "exp": claims()["exp"], **more}
    return token({name: value for name, value in good.items() if value is not None})


def whose():
    """Whom a proof is found to be of, in every form that carries a token."""
    for form, of in FORMS.items():
        yield from [
            (f"{form} that names nobody", of(), "accept"),
            (f"{form} of an unknown workload", of(token(claims(sub="other"))), "credential_not_found"),
            (f"{form} that names its client", of(client_id="app_1"), "accept"),
            (f"{form} that names another client", of(client_id="app_2"), "credential_not_found"),
            (f"{form} that names an unknown client", of(client_id="app_3"), "client_unknown"),
            (f"{form} that names its credential",
             of(client_id="app_1", application_federated_credential_name="main"), "accept"),
            (f"{form} that names another credential",
             of(client_id="app_2", application_federated_credential_name="hidden"), "verification_condition_false"),
            (f"{form} that names a credential without its client",
             of(application_federated_credential_name="main"), "parameter_missing"),
            (f"{form} for another provider of its issuer", of(token(claims(aud=ALSO))), "accept"),
            (f"{form} for no provider of its issuer", of(token(claims(aud="https://x.example.com"))), "audience_wrong"),
            (f"{form} of the one of two whose condition holds",
             of(token(claims(sub="builder", ref="tags/1"))), "accept"),
            (f"{form} of two whose conditions do not hold",
             of(token(claims(sub="builder", ref="pull/1"))), "credential_not_found"),
            (f"{form} of a credential that is not discoverable", of(token(claims(sub="hidden"))), "credential_not_found"),
            (f"{form} of a credential that is not discoverable and is named",
             of(token(claims(sub="hidden")), client_id="app_2", application_federated_credential_name="hidden"), "accept"),
            (f"{form} of another tenant", of(token(claims(tenant="t2"))), "credential_not_found"),
            (f"{form} of an unknown issuer", of(token(claims(iss="https://x.example.com"))), "issuer_unknown"),
            (f"{form} of an issuer without a discoverable credential", of(token(claims(iss=FETCHED))), "issuer_unknown"),
            (f"{form} of no issuer", of(token(claims(iss=None))), "issuer_unknown"),
            (f"{form} signed by another", of(token(key=OTHER_KEY)), "jws_signature_invalid"),
            (f"{form} of a disabled client", of(document=changed((*CLIENT, "enabled", False))), "credential_not_found"),
            (f"{form} with a line break at its end", of(token() + "\n"), "accept"),
            (f"{form} with blanks around it", of(f" \t{token()}\r\n"), "accept"),
            (f"{form} with a secret", of(client_secret="x"), "client_secret_refused"),
        ]


def asked():
    """What is asked for."""
    two = changed((*MAIN, "scopes", BOTH))
    standing = changed((*MAIN, "scopes", BOTH), (*MAIN, "default_scopes", {"api.example.com": ["read"]}))
    return [
        ("a grant with an assertion of the client beside it",
         grant(client_assertion_type=ASSERTION_TYPE + "jwt-bearer", client_assertion="e30.e30.AA"), "parameter_invalid"),
        ("a token exchange with an assertion of no type", exchange(client_assertion="e30.e30.AA"), "parameter_invalid"),
        ("a token exchange with the type of an actor token", exchange(actor_token_type=f"{TOKEN_TYPE}jwt"), "actor_token"),
        ("an audience as long as a name may be", grant(audience="a" * 256), "target_not_granted"),
        ("an audience that is too long", grant(audience="a" * 257), "target_malformed"),
        ("a resource by its identifier", grant(resource=API), "accept"),
        ("a resource by its other identifier", grant(resource=f"{API}/too"), "accept"),
        ("a resource by its name", grant(audience="api.example.com"), "accept"),
        ("a resource by both", grant(resource=API, audience="api.example.com"), "accept"),
        ("a resource with a slash more", grant(resource=f"{API}/"), "target_not_granted"),
        ("a resource of another client", grant(audience="pay.example.com"), "target_not_granted"),
        ("a resource that is no URI", grant(resource="api.example.com"), "target_malformed"),
        ("a resource with a fragment", grant(resource=f"{API}#x"), "target_malformed"),
        ("two resources", grant(resource=API, audience="pay.example.com", document=two), "target_ambiguous"),
        ("a plain scope on the only resource", grant(scope="read"), "accept"),
        ("a plain scope that is not granted", grant(scope="admin"), "scope_not_granted"),
        ("a qualified scope of a grant", grant(scope="api.example.com|read"), "accept"),
        ("a qualified scope by an identifier", grant(scope=f"{API}|read"), "accept"),
        ("a scope of both dialects", grant(scope="read api.example.com|write"), "scope_malformed"),
        ("no resource of two", grant(document=two), "target_missing"),
        ("a plain scope on no resource of two", grant(scope="read", document=two), "target_missing"),
        ("no resource of two with default scopes on one", grant(document=standing), "accept"),
        ("more than the default scopes", grant(document=standing, scope="write"), "accept"),
        ("another resource than that of the default scopes",
         grant(document=standing, audience="pay.example.com"), "accept"),
    ]


def forms():
    """What one form has and no other."""
    document = text(ecs())
    return [
        ("an ID token as subject", exchange(kind=f"{TOKEN_TYPE}id_token"), "accept"),
        # As a subject it would be exchanged; no other form takes it.
        ("a token of the authorization server as a grant", grant(token(claims(iss=STS))), "issuer_unknown"),
        ("a token of the authorization server as a client assertion", assertion(token(claims(iss=STS))), "issuer_unknown"),
        ("an access token of an issuer as subject", exchange(kind=f"{TOKEN_TYPE}access_token"), "accept"),
        ("a SAML assertion as subject", exchange(kind=f"{TOKEN_TYPE}saml2"), "parameter_invalid"),
        ("a subject of no type", exchange(kind=None), "parameter_missing"),
        ("an access token that is requested", exchange(requested_token_type=f"{TOKEN_TYPE}access_token"), "accept"),
        ("an ID token that is requested", exchange(requested_token_type=f"{TOKEN_TYPE}id_token"), "parameter_invalid"),
        ("an actor", exchange(actor_token=token(), actor_token_type=f"{TOKEN_TYPE}jwt"), "actor_token"),
        ("a document as subject", exchange(document, PKCS7_TYPE), "accept"),
        ("a document as subject that says it is a token", exchange(document), "jws_malformed"),
        ("a token as subject that says it is a document", exchange(kind=PKCS7_TYPE), "cms_text"),
        ("a document of another instance as subject", exchange(text(ecs(ecs_document(**{"instance-id": "i-9"}))), PKCS7_TYPE),
         "credential_not_found"),
        ("an SVID", assertion(svid(), "jwt-spiffe"), "accept"),
        ("an SVID that names its client", assertion(svid(), "jwt-spiffe", client_id="app_2"), "accept"),
        ("an SVID that names another client", assertion(svid(), "jwt-spiffe", client_id="app_1"), "issuer_unknown"),
        ("an SVID of another trust domain",
         assertion(svid(sub="spiffe://example.com/worker"), "jwt-spiffe"), "issuer_unknown"),
        ("an SVID of another workload", assertion(svid(sub=f"{DOMAIN}/other"), "jwt-spiffe"), "credential_not_found"),
        ("a token of an issuer as SVID", assertion(kind="jwt-spiffe"), "issuer_unknown"),
        ("an SVID signed by another",
         assertion(token({"sub": f"{DOMAIN}/worker", "aud": STS, "exp": claims()["exp"]}, key=OTHER_KEY), "jwt-spiffe"),
         "jws_signature_invalid"),
        ("a client assertion of SAML", assertion(kind="saml2-bearer"), "unsupported_assertion_type"),
        ("a grant without its assertion", grant(assertion=None), "parameter_missing"),
        ("a grant with a client assertion alone", grant(assertion=None, client_assertion=token()), "parameter_missing"),
        ("an authorization code", sent({"grant_type": "authorization_code", "code": "x"}), "unsupported_grant_type"),
    ]


def cases():
    return [*whose(), *asked(), *forms()]
