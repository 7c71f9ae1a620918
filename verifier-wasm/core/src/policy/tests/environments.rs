//! Environments that are known by name: what each binds, what it compiles to, and what does not load.

use super::{document, load};
use crate::expr::{Expression, Facts};
use crate::jose::tests::fake;
use crate::policy::{Preset, match_fields};
use crate::x509::tests::forge;
use crate::{base64, json};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// A policy with one provider and one credential of these members.
pub(super) fn policy(provider: &str, credential: &str) -> String {
    format!(
        r#"{{
  "version": 1,
  "issuer": "https://sts.example.com/oauth2",
  "providers": {{ "p": {{ {provider} }} }},
  "resources": {{ "api.example.com": {{ "scopes": ["read"] }} }},
  "clients": {{ "app": {{
    "scopes": {{ "api.example.com": ["read"] }},
    "credentials": {{ "c": {{ "provider": "p", {credential} }} }}
  }} }}
}}"#
    )
}

pub(super) const TOKENS: &str =
    r#""audiences": ["https://sts.example.com"], "keys": {"discovery": true}"#;

/// The condition that a credential of this provider compiles to, or the first error.
pub(super) fn compiled(provider: &str, credential: &str) -> Result<String, String> {
    match load(&policy(provider, credential)) {
        Ok(policy) => {
            let (_, client) = policy.clients().next().unwrap();
            let (_, credential) = client.credentials().next().unwrap();
            Ok(credential.condition().unwrap().text().to_string())
        }
        Err(errors) => Err(errors[0].to_string()),
    }
}

#[track_caller]
pub(super) fn check(provider: &str, structured: &str, expect: &str) {
    let found = compiled(provider, &format!(r#""match": {structured}"#));
    assert_eq!(found.as_deref(), Ok(expect));
}

#[track_caller]
pub(super) fn refused(provider: &str, credential: &str, says: &str) {
    let error = compiled(provider, credential).expect_err("the policy must not load");
    assert!(error.contains(says), "{error}");
}

pub(super) fn of(kind: &str) -> String {
    format!(r#""type": "{kind}", "issuer": "https://idp.example.com", {TOKENS}"#)
}

#[test]
fn structured_members_compile_to_the_language() {
    check(&of("oidc"), r#"{"subject": "a"}"#, r#"jwt.claims.sub == "a""#);
    check(&of("generic"), r#"{"subject": ["a", "b\"\\"]}"#, r#"jwt.claims.sub in ["a", "b\"\\"]"#);
    let kubernetes =
        r#"{"namespace": "shop", "service_account": ["orders", "carts"], "pod_prefix": "orders-"}"#;
    let expect = "jwt.claims.'kubernetes.io'.namespace == \"shop\" && \
                  jwt.claims.'kubernetes.io'.serviceaccount.name in [\"orders\", \"carts\"] && \
                  jwt.claims.'kubernetes.io'.pod.name.startsWith(\"orders-\")";
    check(&of("kubernetes"), kubernetes, expect);
    check(&of("ack_rrsa"), kubernetes, expect);
    check(
        &of("github_actions"),
        r#"{"repository_id": "77", "ref": "refs/heads/main", "event_name": ["push", "schedule"]}"#,
        "jwt.claims.repository_id == \"77\" && jwt.claims.ref == \"refs/heads/main\" && \
         jwt.claims.event_name in [\"push\", \"schedule\"]",
    );
    check(
        &of("gitlab_ci"),
        r#"{"project_id": "7", "ref_protected": "true"}"#,
        "jwt.claims.project_id == \"7\" && jwt.claims.ref_protected == \"true\"",
    );
    check(
        &of("azure_vm"),
        r#"{"subscription_id": "s", "resource_group": "g", "vm_name": ["a", "B"], "principal_id": "3C5E7A90-1B2D-4F60-8A9B-C0D1E2F3A4B5"}"#,
        "jwt.claims.oid == \"3c5e7a90-1b2d-4f60-8a9b-c0d1e2f3a4b5\" && jwt.claims.xms_mirid in \
         [\"/subscriptions/s/resourcegroups/g/providers/microsoft.compute/virtualmachines/a\", \
         \"/subscriptions/s/resourcegroups/g/providers/microsoft.compute/virtualmachines/b\"]",
    );
    check(
        &of("azure_vm"),
        r#"{"subscription_id": "s", "resource_group": "G", "scale_set_name": "Web"}"#,
        "jwt.claims.xms_mirid == \"/subscriptions/s/resourcegroups/g/providers/\
         microsoft.compute/virtualmachinescalesets/web\"",
    );
    refused(
        &of("azure_vm"),
        r#""match": {"subscription_id": "s", "resource_group": "g", "vm_name": "a", "scale_set_name": "b"}"#,
        "`vm_name` and `scale_set_name` are different things",
    );
    check(
        &of("gce_vm"),
        r#"{"project_number": 9, "instance_id": "5", "service_account_id": "1"}"#,
        "jwt.claims.google.compute_engine.project_number == 9 && \
         jwt.claims.google.compute_engine.instance_id == \"5\" && jwt.claims.sub == \"1\"",
    );
}

#[test]
fn larger_rsa_keys_are_allowed_by_name() {
    let root = base64::encode_standard(&forge::any_root());
    let pca = |allow: &str| format!(r#""type": "pca", "roots": ["{root}"], "allow": ["{allow}"]"#);
    let leaf = r#"{"common_name": "press-7"}"#;
    check(&pca("rsa-8192"), leaf, "cert.subject.CN == \"press-7\"");
    let credential = format!(r#""match": {leaf}"#);
    refused(&pca("rsa-16384"), &credential, "nothing of this name to allow");
    refused(&pca("sha1-dsa"), &credential, "nothing of this name to allow");
}

#[test]
fn certificates_and_documents_have_structured_members_too() {
    let root = base64::encode_standard(&forge::any_root());
    let pca = format!(r#""type": "pca", "roots": ["{root}"]"#);
    check(
        &pca,
        r#"{"common_name": "press-7", "organization": ["a", "b"]}"#,
        "cert.subject.CN == \"press-7\" && cert.subject.O in [\"a\", \"b\"]",
    );
    refused(&pca, r#""match": {"organization": "a"}"#, "identifies the bearer");
    refused(&pca, r#""match": {"serial_number": "00c0"}"#, "identifies the bearer");
    check(
        &pca,
        r#"{"serial_number": "00c0", "issuer_common_name": "CA"}"#,
        "cert.issuer.CN == \"CA\" && cert.serialNumber == \"c0\"",
    );
    refused(
        &pca,
        r#""match": {"serial_number": ["01", "zz"]}"#,
        "/match/serial_number/1: `zz` can never",
    );
    check(
        &pca,
        r#"{"dns_name": "Worker-7.example.com"}"#,
        "cert.san.dns[0] == \"worker-7.example.com\" && cert.san.dns.size() == 1",
    );
    let ecs = format!(
        r#""type": "pkcs7", "profile": "alibaba_ecs", "audience": "idaas_7f3c91d0b2", "signers": [{{"pem": "{root}"}}]"#
    );
    check(
        &ecs,
        r#"{"account_id": "1", "instance_id": ["i-1", "i-2"], "region": "eu"}"#,
        "pkcs7.payload.jsonData.'owner-account-id' == \"1\" && \
         pkcs7.payload.jsonData.'instance-id' in [\"i-1\", \"i-2\"] && \
         pkcs7.payload.jsonData.'region-id' == \"eu\"",
    );
    refused(&ecs, r#""match": {"instance_id": "i-1"}"#, "identifies the bearer");
    // An account has many instances, so this is a group.
    refused(&ecs, r#""match": {"account_id": "1"}"#, "`binds: group`");
    refused(&ecs, r#""accounts": ["1"]"#, "`binds: group`");
}

#[test]
fn a_match_and_a_condition_hold_together() {
    let both =
        r#""match": {"subject": "a"}, "condition": "jwt.claims.x == 'y' || jwt.claims.z == 'y'""#;
    assert_eq!(
        compiled(&of("oidc"), both).as_deref(),
        Ok("jwt.claims.sub == \"a\" && (jwt.claims.x == 'y' || jwt.claims.z == 'y')")
    );
    // The alternative of the condition is no way around the match.
    refused(
        &of("oidc"),
        r#""condition": "jwt.claims.sub == 'a' || jwt.claims.z == 'y'""#,
        "identifies the bearer",
    );
}

#[test]
fn what_a_match_cannot_say_does_not_load() {
    let oidc = of("oidc");
    refused(&oidc, r#""match": {}"#, "this matches every proof");
    refused(&oidc, r#""match": {"sub": "a"}"#, "`sub` is not known here");
    refused(&oidc, r#""match": {"subject": []}"#, "empty");
    refused(&oidc, r#""match": {"subject": ""}"#, "empty");
    refused(&oidc, r#""match": {"subject": "team-*"}"#, "a star has no special meaning");
    refused(&oidc, r#""match": {"subject": 77}"#, "put the number in quotes");
    refused(&of("gce_vm"), r#""match": {"project_number": "9"}"#, "without quotes");
    refused(
        &of("kubernetes"),
        r#""match": {"service_account": "orders"}"#,
        "identifies the bearer",
    );
    refused(
        &of("kubernetes"),
        r#""match": {"namespace": "shop", "pod_prefix": "orders-"}"#,
        "identifies the bearer",
    );
    refused(
        &of("azure_vm"),
        r#""match": {"vm_name": "a"}"#,
        "one `subscription_id` and one `resource_group`",
    );
    refused(
        &of("azure_vm"),
        r#""match": {"subscription_id": "s", "resource_group": "g"}"#,
        "identifies the bearer",
    );
    let escaping = r#""match": {"subscription_id": "s", "resource_group": "g/x", "vm_name": "a"}"#;
    refused(&of("azure_vm"), escaping, "not a valid name in Azure");
}

#[test]
fn every_preset_has_structured_members_that_its_model_knows() {
    for preset in Preset::ALL {
        // A client's own key is all that there is to match.
        let is_key = preset.takes() == crate::policy::Takes::Keys;
        assert_eq!(match_fields(*preset).is_empty(), is_key, "{preset:?}");
    }
}

#[test]
fn presets_of_public_services_know_their_issuer() {
    let github = format!(r#""type": "github_actions", {TOKENS}"#);
    let owned = r#""condition": "jwt.claims.repository_owner_id == '42' && jwt.claims.repository_id == '77'""#;
    let policy = load(&policy(&github, owned)).unwrap();
    let (_, provider) = policy.providers().next().unwrap();
    let crate::policy::ProviderKind::Oidc(provider) = provider.kind() else { panic!() };
    assert_eq!(provider.issuer(), "https://token.actions.githubusercontent.com");
    // Clusters have no public issuer.
    refused(&format!(r#""type": "kubernetes", {TOKENS}"#), owned, "`issuer` is missing");
}

/// O4: a token of an issuer that serves everybody proves nothing before its owner is known.
#[test]
fn o04_a_shared_issuer_must_bind_an_owner() {
    let shared = |issuer: &str| format!(r#""type": "oidc", "issuer": "{issuer}", {TOKENS}"#);
    let with = |condition: &str| format!(r#""condition": "{condition}""#);
    for (issuer, name, owner) in [
        (
            "https://token.actions.githubusercontent.com",
            "sub == 'repo:o/r:ref:refs/heads/main'",
            "repository_owner_id == '4242'",
        ),
        (
            "https://gitlab.com",
            "sub == 'project_path:g/p:ref_type:branch:ref:main'",
            "namespace_id in ['7']",
        ),
        (
            "https://app.terraform.io",
            "sub == 'organization:o:project:p'",
            "terraform_organization_id == 'org-1'",
        ),
        (
            "https://app.eu.terraform.io",
            "sub == 'organization:o:project:p'",
            "terraform_organization_name == 'o'",
        ),
        (
            "https://agent.buildkite.com",
            "sub == 'organization:o:pipeline:p'",
            "organization_slug == 'o'",
        ),
        ("https://oidc.vercel.com", "sub == 'owner:o:project:p'", "owner_id == 'o'"),
    ] {
        refused(
            &shared(issuer),
            &with(&format!("jwt.claims.{name}")),
            "anybody gets tokens of this issuer",
        );
        let good = with(&format!("jwt.claims.{name} && jwt.claims.{owner}"));
        assert!(compiled(&shared(issuer), &good).is_ok(), "{issuer}");
        let half =
            with(&format!("jwt.claims.{name} && (jwt.claims.{owner} || jwt.claims.x == 'y')"));
        refused(&shared(issuer), &half, "anybody gets tokens of this issuer");
    }
    // The same conditions are enough where the issuer is one's own.
    let own = shared("https://git.example.com");
    assert!(compiled(&own, &with("jwt.claims.sub == 'repo:o/r:ref:refs/heads/main'")).is_ok());
}

/// O16: a service account's name is nobody without its namespace.
#[test]
fn o16_a_service_account_is_named_within_its_namespace() {
    let kubernetes = of("kubernetes");
    let name = "jwt.claims.'kubernetes.io'.serviceaccount.name == 'orders'";
    refused(&kubernetes, &format!(r#""condition": "{name}""#), "identifies the bearer");
    let both =
        format!(r#""condition": "{name} && jwt.claims.'kubernetes.io'.namespace == 'shop'""#);
    assert!(compiled(&kubernetes, &both).is_ok());
    let by_id = r#""condition": "jwt.claims.'kubernetes.io'.serviceaccount.uid == '3c5e7a90-1b2d-4f60-8a9b-c0d1e2f3a4b5'""#;
    assert!(compiled(&kubernetes, by_id).is_ok());
}

/// O17: machines are named by their tenant or project, and by ids that nobody chooses.
#[test]
fn o17_machines_are_bound_by_tenant_or_project_and_id() {
    let azure = |issuer: &str| format!(r#""type": "azure_vm", "issuer": "{issuer}", {TOKENS}"#);
    let principal = r#""match": {"principal_id": "3c5e7a90-1b2d-4f60-8a9b-c0d1e2f3a4b5"}"#;
    assert!(compiled(&azure("https://sts.windows.net/4f5e/"), principal).is_ok());
    for everybody in [
        "https://login.microsoftonline.com/common/v2.0",
        "https://login.microsoftonline.com/organizations/v2.0",
        "https://sts.windows.net/",
        "https://login.microsoftonline.com/{tenantid}/v2.0",
    ] {
        refused(&azure(everybody), principal, "every tenant");
    }
    refused(
        &azure("https://sts.windows.net/4f5e/"),
        r#""condition": "jwt.claims.appid == '3c5e7a90-1b2d-4f60-8a9b-c0d1e2f3a4b5'""#,
        "identifies the bearer",
    );

    let google = format!(r#""type": "gce_vm", {TOKENS}"#);
    refused(&google, r#""match": {"instance_id": "5"}"#, "identifies the bearer");
    refused(
        &google,
        r#""condition": "jwt.claims.email == 'a@b.iam.gserviceaccount.com'""#,
        "identifies the bearer",
    );
    assert!(compiled(&google, r#""match": {"instance_id": "5", "project_number": 9}"#).is_ok());
    assert!(compiled(&google, r#""match": {"service_account_id": "1"}"#).is_ok());
}

/// O15: what can only be a mistake does not load, and a claim that is known is of its kind.
#[test]
fn o15_conditions_that_are_the_same_for_every_proof_do_not_load() {
    let oidc = of("oidc");
    let with =
        |condition: &str| format!(r#""condition": "jwt.claims.sub == 'a' && ({condition})""#);
    for (condition, says) in [
        ("true", "the same for every proof"),
        ("1 == 1", "the same for every proof"),
        ("glob(jwt.claims.ref, '**')", "more in it than stars"),
        ("jwt.claims.ref.startsWith('')", "every text has the empty text"),
        ("jwt.claims.iat == '7'", "integer does not compare with string"),
        ("[].all(x, x == jwt.claims.ref)", "nothing is in an empty list"),
    ] {
        refused(&oidc, &with(condition), says);
    }
    assert!(compiled(&oidc, &with("jwt.claims.ref.startsWith('refs/')")).is_ok());
}

#[test]
fn spiffe_is_certificates_or_tokens_of_one_trust_domain() {
    let tokens = format!(
        r#""type": "spiffe", "trust_domain": "example.org", "issuer": "https://oidc.example.org", {TOKENS}"#
    );
    let one = r#""match": {"id": "spiffe://example.org/ns/shop/sa/orders"}"#;
    let policy = load(&policy(&tokens, one)).unwrap();
    let (_, provider) = policy.providers().next().unwrap();
    assert_eq!(provider.preset(), Preset::SpiffeJwt);
    assert_eq!(
        provider.trust_condition().unwrap().text(),
        "jwt.claims.sub.startsWith(\"spiffe://example.org/\")"
    );
    refused(
        &tokens,
        r#""condition": "jwt.claims.sub.startsWith('spiffe://example.org/ns/')""#,
        "identifies the bearer",
    );
    refused(&tokens.replace("example.org\"", "spiffe://example.org\""), one, "not a trust domain");
    refused(&tokens.replace("\"example.org\"", "\"Example.org\""), one, "not a trust domain");
    refused(r#""type": "spiffe", "trust_domain": "example.org""#, one, "certificate or a token");
    let both = format!(r#"{tokens}, "roots": []"#);
    refused(&both, one, "certificate or a token");
}

#[test]
fn spiffe_tokens_need_no_issuer_when_the_keys_are_those_of_the_domain() {
    let of = |keys: &str| {
        format!(
            r#""type": "spiffe", "trust_domain": "example.org", "audiences": ["https://sts.example.com"], "keys": {keys}"#
        )
    };
    let one = r#""match": {"id": "spiffe://example.org/ns/shop/sa/orders"}"#;
    let bundle = |usage: &str| {
        let key = fake::rsa_jwk(1, &format!(r#","kid":"a","use":"{usage}""#));
        format!(r#"{{"jwks": {}}}"#, fake::jwks(&[key]))
    };
    assert!(compiled(&of(r#"{"jwks_uri": "https://spire.example.org/bundle"}"#), one).is_ok());
    assert!(compiled(&of(&bundle("jwt-svid")), one).is_ok());
    refused(&of(&bundle("x509-svid")), one, "jwks_empty");
    refused(&of(r#"{"discovery": true}"#), one, "the issuer is not an https URL");
    let elsewhere = format!(
        r#""type": "oidc", "issuer": "https://idp.example.com", "audiences": ["a"], "keys": {}"#,
        bundle("jwt-svid")
    );
    refused(&elsewhere, r#""match": {"subject": "a"}"#, "jwks_empty");
    refused(
        &elsewhere.replace("\"issuer\": \"https://idp.example.com\", ", ""),
        one,
        "`issuer` is missing",
    );
}

#[test]
fn spiffe_certificates_have_exactly_one_uri() {
    let root = base64::encode_standard(&forge::any_root());
    let provider =
        format!(r#""type": "spiffe", "trust_domain": "example.org", "roots": ["{root}"]"#);
    let one = r#""match": {"id": "spiffe://example.org/sa/orders"}"#;
    let policy = load(&policy(&provider, one)).unwrap();
    let (_, provider) = policy.providers().next().unwrap();
    assert_eq!(provider.preset(), Preset::SpiffeX509);
    let (_, client) = policy.clients().next().unwrap();
    let (_, credential) = client.credentials().next().unwrap();
    let check = |uris: &str, trusted: Option<bool>, verified: Option<bool>| {
        let facts = format!(r#"{{"cert": {{"san": {uris}}}}}"#);
        let facts = Facts::new(json::parse_object(facts.as_bytes()).unwrap());
        let holds = |condition: Option<&Expression>| condition.unwrap().condition(&facts).ok();
        assert_eq!(holds(provider.trust_condition()), trusted, "{uris}");
        assert_eq!(holds(credential.condition()), verified, "{uris}");
    };
    check(r#"{"uri": ["spiffe://example.org/sa/orders"]}"#, Some(true), Some(true));
    check(r#"{"uri": ["spiffe://example.org/sa/other"]}"#, Some(true), Some(false));
    check(r#"{"uri": ["spiffe://example.org.evil/sa/orders"]}"#, Some(false), Some(false));
    check(r#"{"uri": ["spiffe://example.org/sa/orders", "urn:x"]}"#, Some(false), Some(true));
    check(r#"{"uri": []}"#, Some(false), None);
    check("{}", None, None);
}

/// O1: key sets live inside their issuers, and one key in two of them is reported.
#[test]
fn o01_one_key_in_two_issuers_is_reported() {
    let jwks = fake::jwks(&[fake::rsa_jwk(1, r#","kid":"a""#)]);
    let other = fake::jwks(&[fake::rsa_jwk(2, r#","kid":"a""#)]);
    let second = |jwks: &str| {
        format!(
            r#""second": {{ "type": "oidc", "issuer": "https://second.example.com",
               "audiences": ["https://sts.example.com"], "max_lifetime": 3600,
               "keys": {{ "jwks": {jwks} }} }}, "idp": {{"#
        )
    };
    let found = |jwks: &str| -> Vec<String> {
        let text = document(&[("\"idp\": {", &second(jwks))]);
        let lints = load(&text).unwrap().lints(None);
        lints.iter().map(|lint| lint.id.as_str().to_string()).collect()
    };
    assert!(found(&jwks).contains(&"issuers_share_a_key".to_string()));
    assert!(!found(&other).contains(&"issuers_share_a_key".to_string()));
}
