"""Parameters, binding, conditions, scope: what is not about the form of a proof."""

from world import claims, form, policy, replay_key, request, token, with_certificate, with_document, with_token

IDP, CLIENT = ("providers", "idp"), ("clients", "app_1")
MAIN = (*CLIENT, "credentials", "main")


def cases():
    return [
        ("an OIDC token", with_token(), "accept"),
        ("everything granted is asked for", with_token(scope="api.example.com|.all"), "accept"),
        ("a parameter that is not known", with_token(more="x"), "accept"),
        ("too many parameters", with_token(**{f"p{number}": "x" for number in range(64)}), "request_too_large"),
        ("no client_id", with_token(client_id=None), "parameter_missing"),
        ("an empty scope", with_token(scope=""), "parameter_missing"),
        ("a control character in the client_id", with_token(client_id="a\u0000"), "parameter_invalid"),
        ("a password grant", with_token(grant_type="password"), "unsupported_grant_type"),
        ("an assertion type of another specification",
         with_token(client_assertion_type="urn:ietf:params:oauth:client-assertion-type:saml2-bearer"),
         "unsupported_assertion_type"),
        ("a scope without an audience", with_token(scope="write"), "scope_malformed"),
        ("two audiences", with_token(scope="api.example.com|write other|write"), "scope_audiences"),
        ("a scope of another client", with_token(scope="api.example.com|admin"), "scope_not_granted"),
        ("another audience", with_token(scope="other|write"), "scope_not_granted"),
        ("an unknown client", with_token(client_id="app_2"), "client_unknown"),
        ("a disabled client", with_token(document=policy((*CLIENT, "enabled", False))), "client_disabled"),
        ("an unknown credential", with_token(application_federated_credential_name="x"), "credential_unknown"),
        ("a disabled credential", with_token(document=policy((*MAIN, "enabled", False))), "credential_disabled"),
        ("a disabled provider", with_token(document=policy((*IDP, "enabled", False))), "provider_disabled"),
        ("a token for a credential of documents",
         with_token(application_federated_credential_name="ecs"), "provider_kind"),
        ("another tenant", with_token(token(claims(tenant="t2"))), "trust_condition_false"),
        ("no tenant", with_token(token(claims(tenant=None))), "trust_condition_error"),
        ("another workload", with_token(token(claims(sub="other"))), "verification_condition_false"),
        ("no subject", with_token(token(claims(sub=None))), "verification_condition_error"),
        ("nothing to map", with_token(token(claims(run=None))), "mapping_error"),
        ("nothing visible to map", with_token(token(claims(run="\u200b"))), "mapping_error"),
        ("j33 a blank in what is mapped", with_token(token(claims(run="Production East"))), "accept"),
        ("j33 letters that no subject holds", with_token(token(claims(run="équipe"))), "mapping_error"),
        ("j33 the same letters encoded",
         with_token(token(claims(run="équipe")),
                    policy((*MAIN, "attributes", "client.activeSubjectUrn", "percentEncode(jwt.claims.run)"))),
         "accept"),
        ("j33 a blank at the end of what is mapped", with_token(token(claims(run="East "))), "mapping_error"),
        ("an assertion of a private CA", with_certificate(), "accept"),
        ("an assertion after another", with_certificate(consumed=[replay_key("j0")]), "accept"),
        ("an assertion for the second time", with_certificate(consumed=[replay_key("j1")]), "proof_replayed"),
        ("an assertion that version 0.1 has seen", with_certificate(consumed=[replay_key("j1", "pca")]),
         "proof_replayed"),
        ("a document of ECS", with_document("ecs"), "accept"),
        ("a document of EC2", with_document("ec2"), "accept"),
        ("an assertion without its certificate",
         request(form("x509-jwt-bearer", "machine", "a.b.c")), "parameter_missing"),
    ]
