//! Each finding, and a twin without it.

use super::LintId;
use crate::policy::tests::{document, load};
use crate::x509::Certificate;
use crate::x509::tests::forge;
use crate::{UnixTime, base64};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// The findings of a policy, as `id pointer`.
fn found(text: &str) -> Vec<String> {
    let policy = load(text).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let now = UnixTime::from_seconds(1_800_000_000);
    policy
        .lints(Some(now))
        .iter()
        .map(|lint| format!("{} {}", lint.id.as_str(), lint.pointer))
        .collect()
}

/// A policy with one OIDC provider of this type and issuer, and this condition; nothing else is to be found.
fn policy(kind: &str, issuer: &str, condition: &str) -> String {
    document(&[
        ("\"type\": \"oidc\"", &format!("\"type\": \"{kind}\", \"max_lifetime\": 900")),
        ("https://idp.example.com", issuer),
        ("jwt.claims.tenant == \\\"t1\\\"", "jwt.claims.repository_owner_id == '4242'"),
        ("jwt.claims.sub == \\\"workload\\\"", condition),
    ])
}

#[track_caller]
fn check(text: &str, expect: &[&str]) {
    assert_eq!(found(text), expect);
}

/// The finding stands in the condition of the credential.
#[track_caller]
fn check_condition(condition: &str, expect: &[&str]) {
    let text = document(&[
        ("\"type\": \"oidc\"", "\"type\": \"oidc\", \"max_lifetime\": 900"),
        ("jwt.claims.sub == \\\"workload\\\"", &format!("jwt.claims.sub == 'w' && ({condition})")),
    ]);
    // That they never hold is said of the credential.
    let place = |id: &str| if id == "conditions_never_hold" { "" } else { "/condition" };
    let expect: Vec<String> =
        expect.iter().map(|id| format!("{id} {CREDENTIAL}{}", place(id))).collect();
    assert_eq!(found(&text), expect, "{condition}");
}

const CREDENTIAL: &str = "/clients/app_1/credentials/main";
const SAFE: &str = "jwt.claims.repository_id == '77' && jwt.claims.event_name in ['push'] && \
                    jwt.claims.ref == 'refs/heads/main'";

#[test]
fn a_policy_without_a_finding() {
    check(&policy("github_actions", "https://git.example.com", SAFE), &[]);
    check(&document(&[]), &["no_lifetime_limit /providers/idp"]);
}

/// O7: names are given up and taken by others.
#[test]
fn o07_names_without_immutable_ids_are_reported() {
    let by_name = "jwt.claims.repository == 'o/r' && jwt.claims.environment == 'e'";
    let expect = format!("name_without_id {CREDENTIAL}");
    check(&policy("github_actions", "https://git.example.com", by_name), &[&expect]);
    let by_subject = "jwt.claims.sub == 'repo:o/r:environment:e' && jwt.claims.environment == 'e'";
    check(&policy("github_actions", "https://git.example.com", by_subject), &[&expect]);
    let gitlab = |condition: &str| policy("gitlab_ci", "https://git.example.com", condition);
    let protected = "jwt.claims.ref_protected == 'true'";
    check(&gitlab(&format!("jwt.claims.project_path == 'g/p' && {protected}")), &[&expect]);
    check(&gitlab(&format!("jwt.claims.project_id == '7' && {protected}")), &[]);
    let azure = |condition| policy("azure_vm", "https://sts.windows.net/t/", condition);
    check(&azure("jwt.claims.xms_mirid == '/subscriptions/s'"), &[&expect]);
    check(&azure("jwt.claims.oid == '3c5e7a90-1b2d-4f60-8a9b-c0d1e2f3a4b5'"), &[]);
}

#[test]
fn conditions_that_contradict_each_other_are_reported() {
    let never = format!("conditions_never_hold {CREDENTIAL}");
    let check = |condition: &str, expect: &[&str]| {
        let text = policy("oidc", "https://idp.example.com", condition);
        check(&text, expect);
    };
    // The trust condition fixes the owner.
    let sub = "jwt.claims.sub == 'w'";
    check(&format!("{sub} && jwt.claims.repository_owner_id == '4243'"), &[&never]);
    check(&format!("{sub} && jwt.claims.repository_owner_id == '4242'"), &[]);
    check(&format!("{sub} && jwt.claims.sub in ['x', 'y']"), &[&never]);
    check(&format!("{sub} && jwt.claims.sub in ['w', 'y']"), &[]);
    check(&format!("{sub} && jwt.claims.env == 'a' && jwt.claims.env != 'a'"), &[&never]);
    check(&format!("{sub} && !has(jwt.claims.sub)"), &[&never]);
    check(&format!("{sub} && (jwt.claims.sub == 'x' || jwt.claims.env == 'a')"), &[]);
    check(&format!("{sub} && client.clientId == 'other'"), &[]);
}

/// O8: a trusted branch in a token says nothing about whose code ran.
#[test]
fn o08_triggers_that_run_code_of_others_are_reported() {
    let github = |condition: &str| {
        let condition = format!("jwt.claims.repository_id == '77'{condition}");
        policy("github_actions", "https://git.example.com", &condition)
    };
    let expect = format!("untrusted_trigger {CREDENTIAL}");
    check(&github(""), &[&expect]);
    check(&github(" && jwt.claims.ref == 'refs/heads/main'"), &[&expect]);
    check(&github(" && jwt.claims.event_name in ['push', 'pull_request_target']"), &[&expect]);
    check(&github(" && jwt.claims.event_name == 'workflow_run'"), &[&expect]);
    check(
        &github(" && (jwt.claims.event_name == 'push' || jwt.claims.ref == 'refs/x')"),
        &[&expect],
    );
    check(&github(" && jwt.claims.environment == 'production'"), &[]);
    check(
        &github(" && jwt.claims.job_workflow_ref == 'o/r/.github/workflows/w.yml@refs/heads/main'"),
        &[],
    );
    check(
        &github(" && jwt.claims.event_name == 'push' && jwt.claims.ref == 'refs/heads/main'"),
        &[],
    );
}

/// Whoever may push a branch has jobs of it.
#[test]
fn bindings_that_any_branch_meets_are_reported() {
    let expect = format!("any_branch {CREDENTIAL}");
    let github = |condition: &str| {
        let condition = format!(
            "jwt.claims.repository_id == '77' && jwt.claims.event_name == 'push'{condition}"
        );
        policy("github_actions", "https://git.example.com", &condition)
    };
    check(&github(""), &[&expect]);
    check(
        &github(" && (jwt.claims.ref == 'refs/heads/main' || jwt.claims.actor == 'a')"),
        &[&expect],
    );
    for narrowed in
        ["glob(jwt.claims.ref, 'refs/heads/release/*')", "jwt.claims.ref.startsWith('refs/tags/v')"]
    {
        assert!(!found(&github(&format!(" && {narrowed}"))).contains(&expect), "{narrowed}");
    }
    let everything = format!("pattern_takes_everything {CREDENTIAL}/condition");
    for pattern in ["**/**", "refs/**", "refs/*/**", "*/*/*"] {
        let condition = format!(" && glob(jwt.claims.ref, '{pattern}')");
        let found = found(&github(&condition));
        assert!(found.contains(&expect) && found.contains(&everything), "{pattern}: {found:?}");
    }
    // The name of a branch is not its protection.
    let gitlab = |more: &str| {
        let condition = format!("jwt.claims.project_id == '7'{more}");
        policy("gitlab_ci", "https://git.example.com", &condition)
    };
    check(&gitlab(""), &[&expect]);
    check(&gitlab(" && jwt.claims.ref == 'main' && jwt.claims.ref_type == 'branch'"), &[&expect]);
    check(&gitlab(" && jwt.claims.environment == 'production'"), &[&expect]);
    check(&gitlab(" && jwt.claims.ref_protected == 'true'"), &[]);
    check(&gitlab(" && jwt.claims.environment_protected == 'true'"), &[]);
    let buildkite = |more: &str| {
        let condition =
            format!("jwt.claims.pipeline_id == '3c5e7a90-1b2d-4f60-8a9b-c0d1e2f3a4b5'{more}");
        policy("buildkite", "https://git.example.com", &condition)
    };
    check(&buildkite(""), &[&expect]);
    check(&buildkite(" && jwt.claims.build_branch == 'main'"), &[]);
}

/// What a provider takes beyond the defaults is told until it is accepted.
#[test]
fn loosened_providers_are_reported() {
    let with = |members: &str| {
        let text = document(&[(
            "\"type\": \"oidc\"",
            &format!("\"type\": \"oidc\", \"max_lifetime\": 900, {members}"),
        )]);
        found(&text)
    };
    let check = |members: &str, expect: &[&str]| assert_eq!(with(members), expect, "{members}");
    check(r#""other_audiences": ["account"]"#, &["other_audiences /providers/idp/other_audiences"]);
    check(
        r#""types": ["JWT", "Application/AT+jwt"]"#,
        &["access_tokens_as_proofs /providers/idp/types"],
    );
    check(r#""types": ["JWT", "id_token"]"#, &[]);
    check(r#""clock_skew": "31s""#, &["wide_clock_skew /providers/idp/clock_skew"]);
    check(r#""clock_skew": 30"#, &[]);
    let refused = |members: &str, says: &str| {
        let text = document(&[("\"type\": \"oidc\"", &format!("\"type\": \"oidc\", {members}"))]);
        let errors = load(&text).unwrap_err();
        assert!(errors.iter().any(|error| error.message.contains(says)), "{members}: {errors:?}");
    };
    refused(r#""clock_skew": 121"#, "not a duration within its range");
    refused(r#""clock_skew": -1"#, "not a duration within its range");
    refused(r#""types": []"#, "empty");
    refused(r#""types": ["a b"]"#, "media types");
    refused(r#""other_audiences": ["a", "a"]"#, "occurs twice");
    refused(r#""other_audiences": "a""#, "this is string");
}

/// O5: a pattern that ends within a name takes other names too.
#[test]
fn o05_patterns_that_end_within_a_name_are_reported() {
    check_condition("glob(jwt.claims.repository, 'org/app*')", &["open_pattern"]);
    for pattern in ["**/**", "*:*", "refs/**", "/", "**.**"] {
        let condition = format!("glob(jwt.claims.ref, '{pattern}')");
        check_condition(&condition, &["pattern_takes_everything"]);
    }
    check_condition("jwt.claims.ref.startsWith('refs/')", &["pattern_takes_everything"]);
    check_condition("jwt.claims.ref.contains('/')", &["pattern_takes_everything"]);
    check_condition("glob(jwt.claims.ref, 'refs/heads/**')", &[]);
    check_condition("glob(jwt.claims.repository, 'org/*')", &[]);
    check_condition("glob(jwt.claims.host, '*example.com')", &["open_pattern"]);
    check_condition("glob(jwt.claims.host, '*.example.com')", &[]);
    check_condition("jwt.claims.ref.startsWith('refs/heads/release')", &["open_pattern"]);
    check_condition("jwt.claims.ref.startsWith('refs/heads/release-')", &[]);
    check_condition("jwt.claims.host.endsWith('example.com')", &["open_pattern"]);
    check_condition("jwt.claims.host.endsWith('.example.com')", &[]);
    check_condition("jwt.claims.host.contains('example')", &["open_pattern"]);
    check_condition("jwt.claims.ref == 'refs/heads/*'", &["star_is_literal"]);
    check_condition("jwt.claims.ref in ['a', 'b*']", &["star_is_literal"]);
}

/// O6: a `sub` is joined from names, and a pattern over it has two meanings.
#[test]
fn o06_patterns_on_the_whole_subject_are_reported() {
    // The subject of the credential is another.
    let never = "conditions_never_hold";
    check_condition("glob(jwt.claims.sub, 'repo:org/app:*')", &[never, "pattern_on_subject"]);
    check_condition("jwt.claims.sub.startsWith('repo:org/app:')", &[never, "pattern_on_subject"]);
    check_condition("jwt.claims.repository.startsWith('org/')", &[]);
}

#[test]
fn all_of_an_empty_list_is_reported() {
    check_condition("jwt.claims.teams.all(t, t == 'ops')", &["all_of_nothing"]);
    check_condition("jwt.claims.teams.size() > 0 && jwt.claims.teams.all(t, t == 'ops')", &[]);
    check_condition("jwt.claims.teams.exists(t, t == 'ops')", &[]);
}

/// O3: an audience is one's own.
#[test]
fn o03_audiences_of_other_services_are_reported() {
    for (audience, expect) in [
        ("sts.amazonaws.com", true),
        ("https://kubernetes.default.svc", true),
        ("https://github.com/org", true),
        (
            "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
            true,
        ),
        ("https://sts.example.com", false),
        ("https://sts.example.com/sts.amazonaws.com", false),
    ] {
        let text = policy("github_actions", "https://git.example.com", SAFE).replacen(
            "\"audiences\": [\"https://sts.example.com\"]",
            &format!("\"audiences\": [\"{audience}\"]"),
            1,
        );
        let place = "audience_of_another_service /providers/idp/audiences/0";
        assert_eq!(found(&text), if expect { Vec::from([place]) } else { Vec::new() });
    }
}

/// O2: issuers are compared character by character, so a near spelling is a mistake or a trap.
#[test]
fn o02_issuers_spelled_alike_are_reported() {
    let second = |issuer: &str| {
        let jwks = crate::jose::tests::fake::jwks(&[crate::jose::tests::fake::rsa_jwk(
            2,
            r#","kid":"b""#,
        )]);
        let other = format!(
            "\"second\": {{ \"type\": \"oidc\", \"issuer\": \"{issuer}\", \"max_lifetime\": 900, \
             \"audiences\": [\"https://sts.example.com\"], \"keys\": {{ \"jwks\": {jwks} }} }}, \"idp\": {{"
        );
        policy("github_actions", "https://git.example.com", SAFE).replacen("\"idp\": {", &other, 1)
    };
    let place = ["issuers_look_alike /providers/second/issuer"];
    check(&second("https://git.example.com/"), &place);
    check(&second("https://GIT.example.com"), &place);
    check(&second("https://git.example.com:443"), &place);
    check(&second("http://git.example.com"), &place);
    check(&second("https://git.example.org"), &[]);
    check(&second("https://gitlab.con"), &place);
    check(&second("https://gitlab.com.example.com"), &[]);
}

/// O14: keys may come from another host than the issuer's, and then it is said.
#[test]
fn o14_keys_from_another_host_are_reported() {
    let text = policy("github_actions", "https://git.example.com", SAFE);
    let start = text.find("\"keys\": {").unwrap();
    let end = text.find("\"trust_condition\"").unwrap();
    let with = |url: &str| {
        text.replacen(&text[start..end], &format!("\"keys\": {{ \"jwks_uri\": \"{url}\" }}, "), 1)
    };
    check(
        &with("https://keys.example.net/jwks"),
        &["keys_from_another_host /providers/idp/keys/jwks_uri"],
    );
    check(&with("https://git.example.com/jwks"), &[]);
}

#[test]
fn short_lifetimes_are_reported_once_where_they_stand() {
    let good = policy("github_actions", "https://git.example.com", SAFE);
    let with = |from: &str, to: &str| good.replacen(from, to, 1);
    check(
        &with("\"version\": 1", "\"version\": 1, \"token_lifetime\": 2999"),
        &["short_token_lifetime /token_lifetime"],
    );
    check(&with("\"version\": 1", "\"version\": 1, \"token_lifetime\": 3000"), &[]);
    let place = format!("short_token_lifetime {CREDENTIAL}/token_lifetime");
    check(
        &with("\"provider\": \"idp\"", "\"provider\": \"idp\", \"token_lifetime\": 600"),
        &[&place],
    );
}

#[test]
fn certificates_that_end_are_reported_in_time() {
    let root = forge::any_root();
    let end = Certificate::from_der(&root).unwrap().not_after();
    let plain = document(&[]);
    let start = plain.find("\"type\": \"oidc\"").unwrap();
    let until = plain.find("  },\n  \"resources\"").unwrap();
    let provider =
        format!("\"type\": \"pca\", \"roots\": [\"{}\"] }}\n", base64::encode_standard(&root));
    let policy = load(&document(&[
        (&plain[start..until], &provider),
        ("jwt.claims.sub == \\\"workload\\\"", "cert.subject.CN == 'leaf'"),
        ("Append(\\\"urn:x:\\\", jwt.claims.run)", "cert.subject.CN"),
    ]))
    .unwrap();
    let check = |now: Option<UnixTime>, expect: &[&str]| {
        let found: Vec<String> = policy
            .lints(now)
            .iter()
            .map(|lint| format!("{} {}", lint.id.as_str(), lint.pointer))
            .collect();
        assert_eq!(found, expect);
    };
    let day = 86_400;
    check(None, &[]);
    check(Some(end.plus(-40 * day)), &[]);
    check(Some(end.plus(-20 * day)), &["certificate_ends /providers/idp/roots/0"]);
    check(Some(end.plus(day)), &["certificate_ends /providers/idp/roots/0"]);
}

#[test]
fn x24_an_intermediate_that_ended_is_reported_at_its_file() {
    let [root, leaf] = [forge::any_root(), forge::any_leaf()];
    let armoured = |der: &[u8]| {
        let body = base64::encode_standard(der);
        format!("-----BEGIN CERTIFICATE-----{body}-----END CERTIFICATE-----")
    };
    let helper = Certificate::from_der(&leaf).unwrap();
    let plain = document(&[]);
    let start = plain.find("\"type\": \"oidc\"").unwrap();
    let until = plain.find("  },\n  \"resources\"").unwrap();
    let provider = format!(
        "\"type\": \"pca\", \"roots\": [\"{0}\"], \"intermediates\": [\"{0}\", {{\"pem\": \"{0}{1}\"}}] }}\n",
        armoured(&root),
        armoured(&leaf)
    );
    let policy = load(&document(&[
        (&plain[start..until], &provider),
        ("jwt.claims.sub == \\\"workload\\\"", "cert.subject.CN == 'leaf'"),
        ("Append(\\\"urn:x:\\\", jwt.claims.run)", "cert.subject.CN"),
    ]))
    .unwrap();
    let found = policy.lints(Some(helper.not_after().plus(1)));
    let expect = format!("{helper} ended at {}", helper.not_after());
    assert!(
        found.iter().any(|lint| lint.id == LintId::CertificateEnds
            && lint.pointer == "/providers/idp/intermediates/1"
            && lint.message == expect),
        "{found:?}"
    );
}

#[test]
fn guessable_audiences_of_documents_are_reported() {
    let root = base64::encode_standard(&forge::any_root());
    let found = |audience: &str| {
        let plain = document(&[]);
        let start = plain.find("\"type\": \"oidc\"").unwrap();
        let until = plain.find("  },\n  \"resources\"").unwrap();
        let provider = format!(
            "\"type\": \"pkcs7\", \"profile\": \"alibaba_ecs\", \"audience\": \"{audience}\", \
             \"signers\": [{{\"pem\": \"{root}\"}}] }}\n"
        );
        let text = document(&[
            (&plain[start..until], &provider),
            (
                "jwt.claims.sub == \\\"workload\\\"",
                "pkcs7.payload.jsonData.'owner-account-id' == '1' && \
                 pkcs7.payload.jsonData.'instance-id' == 'i-1'",
            ),
            ("Append(\\\"urn:x:\\\", jwt.claims.run)", "pkcs7.payload.data"),
        ]);
        load(&text).unwrap().lints(None).iter().any(|lint| lint.id == LintId::AudienceGuessable)
    };
    assert!(found("idaas_test1"));
    assert!(!found("idaas_7f3c91d0b2"));
}

#[test]
fn findings_are_accepted_where_they_stand_and_nowhere_else() {
    let accept =
        |id: &str| format!("\"accept\": [{{ \"lint\": \"{id}\", \"reason\": \"it is known\" }}], ");
    let at_provider = |id: &str| {
        document(&[("\"type\": \"oidc\"", &format!("{}\"type\": \"oidc\"", accept(id)))])
    };
    check(&at_provider("no_lifetime_limit"), &[]);
    check(
        &at_provider("open_pattern"),
        &["no_lifetime_limit /providers/idp", "acceptance_without_finding /providers/idp/accept/0"],
    );
    let at_credential = document(&[(
        "\"provider\": \"idp\"",
        &format!("{}\"provider\": \"idp\"", accept("no_lifetime_limit")),
    )]);
    assert_eq!(found(&at_credential).len(), 2);
    check(
        &document(&[("\"version\": 1", &format!("{}\"version\": 1", accept("no_lifetime_limit")))]),
        &[],
    );

    let refused = |text: &str, says: &str| {
        let errors = load(text).unwrap_err();
        assert!(errors.iter().any(|error| error.message.contains(says)), "{errors:?}");
    };
    refused(&at_provider("no_such"), "there is no such finding");
    refused(
        &at_provider("no_lifetime_limit").replacen("it is known", " ", 1),
        "no reason is given",
    );
    refused(
        &at_provider("no_lifetime_limit").replacen("\"reason\"", "\"because\"", 1),
        "`reason` is missing",
    );
}

#[test]
fn every_finding_has_a_name_of_its_own_and_sentences() {
    for (index, id) in LintId::ALL.iter().enumerate() {
        assert_eq!(LintId::from_name(id.as_str()), Some(*id));
        assert!(LintId::ALL[..index].iter().all(|other| other.as_str() != id.as_str()));
        assert!(id.what().ends_with('.') && id.why().ends_with('.') && !id.mend().ends_with('.'));
    }
    assert_eq!(LintId::from_name("none"), None);
}

/// An issuer and audiences that the provider refuses; what it takes is no finding.
#[test]
fn an_issuer_and_an_audience_that_are_refused_are_reported() {
    let never = &["literal_never_matches"];
    check_condition("jwt.claims.iss != 'https://idp.example.com/'", never);
    check_condition("jwt.claims.iss == 'https://idp.example.com'", &[]);
    check_condition("jwt.claims.aud != 'account'", never);
    check_condition("jwt.claims.aud == 'https://sts.example.com'", &[]);
    let besides = |condition: &str| {
        document(&[
            (
                "\"type\": \"oidc\"",
                r#""type": "oidc", "max_lifetime": 900, "other_audiences": ["account"]"#,
            ),
            (
                "jwt.claims.sub == \\\"workload\\\"",
                &format!("jwt.claims.sub == 'w' && {condition}"),
            ),
        ])
    };
    let other = "other_audiences /providers/idp/other_audiences";
    let expect = format!("literal_never_matches {CREDENTIAL}/condition");
    check(&besides("jwt.claims.aud != 'account'"), &[other]);
    check(&besides("jwt.claims.aud != 'x'"), &[other, &expect]);
    // Without an issuer that is named, any will do.
    let spiffe = |condition: &str| {
        document(&[
            (
                "\"type\": \"oidc\",\n      \"issuer\": \"https://idp.example.com\"",
                r#""type": "spiffe", "trust_domain": "example.org", "max_lifetime": 900"#,
            ),
            (r#""kid":"a""#, r#""kid":"a","use":"jwt-svid""#),
            (
                "jwt.claims.sub == \\\"workload\\\"",
                &format!("jwt.claims.sub == 'spiffe://example.org/w' && {condition}"),
            ),
        ])
    };
    check(&spiffe("jwt.claims.iss != 'https://oidc.example.org'"), &[]);
    check(&spiffe("jwt.claims.aud != 'x'"), &[&expect]);
}
