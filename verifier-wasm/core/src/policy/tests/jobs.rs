//! Jobs of CI services and principals of clouds: what their presets bind, and the forms that their ids have.

use super::environments::{TOKENS, check, compiled, of, refused};
use crate::expr::{Expression, Facts};
use crate::json;
use crate::policy::Preset;
use alloc::format;

#[test]
fn jobs_are_bound_by_ids_and_not_by_a_subject_that_varies() {
    let buildkite = format!(r#""type": "buildkite", {TOKENS}"#);
    check(
        &buildkite,
        r#"{"organization_id": "3c5e7a90-1b2d-4f60-8a9b-c0d1e2f3a4b5", "pipeline_id": "4d5e7a90-1b2d-4f60-8a9b-c0d1e2f3a4b5", "build_branch": "main"}"#,
        "jwt.claims.organization_id == \"3c5e7a90-1b2d-4f60-8a9b-c0d1e2f3a4b5\" && \
         jwt.claims.pipeline_id == \"4d5e7a90-1b2d-4f60-8a9b-c0d1e2f3a4b5\" && \
         jwt.claims.build_branch == \"main\"",
    );
    let with = |condition: &str| format!(r#""condition": "{condition}""#);
    for provider in [&buildkite, &of("circleci"), &of("bitbucket"), &of("fly")] {
        let subject = with("jwt.claims.sub == 'a' && jwt.claims.organization_slug == 'o'");
        refused(provider, &subject, "identifies the bearer");
    }
    refused(
        &buildkite,
        r#""match": {"pipeline_id": "3c5e7a90-1b2d-4f60-8a9b-c0d1e2f3a4b5"}"#,
        "anybody gets tokens of this issuer",
    );
    refused(
        &buildkite,
        r#""match": {"organization_id": "3c5e7a90-1b2d-4f60-8a9b-c0d1e2f3a4b5"}"#,
        "identifies the bearer",
    );
    check(
        &of("circleci"),
        r#"{"project_id": "3c5e7a90-1b2d-4f60-8a9b-c0d1e2f3a4b5", "vcs_origin": "github.com/o/r", "vcs_ref": "refs/heads/main"}"#,
        "jwt.claims.'oidc.circleci.com/project-id' == \"3c5e7a90-1b2d-4f60-8a9b-c0d1e2f3a4b5\" && \
         jwt.claims.'oidc.circleci.com/vcs-origin' == \"github.com/o/r\" && \
         jwt.claims.'oidc.circleci.com/vcs-ref' == \"refs/heads/main\"",
    );
    check(
        &of("bitbucket"),
        r#"{"workspace_uuid": "{3c5e7a90-1b2d-4f60-8a9b-c0d1e2f3a4b5}", "repository_uuid": ["{4d5e7a90-1b2d-4f60-8a9b-c0d1e2f3a4b5}", "{5e5e7a90-1b2d-4f60-8a9b-c0d1e2f3a4b5}"], "branch": "main"}"#,
        "jwt.claims.workspaceUuid == \"{3c5e7a90-1b2d-4f60-8a9b-c0d1e2f3a4b5}\" && jwt.claims.repositoryUuid in [\"{4d5e7a90-1b2d-4f60-8a9b-c0d1e2f3a4b5}\", \"{5e5e7a90-1b2d-4f60-8a9b-c0d1e2f3a4b5}\"] && \
         jwt.claims.branchName == \"main\"",
    );
    refused(
        &of("bitbucket"),
        r#""match": {"workspace_uuid": "{3c5e7a90-1b2d-4f60-8a9b-c0d1e2f3a4b5}"}"#,
        "identifies the bearer",
    );
    check(&of("fly"), r#"{"app_id": "7"}"#, "jwt.claims.app_id == \"7\"");
    refused(&of("fly"), r#""match": {"org_id": "7"}"#, "identifies the bearer");
    let terraform = format!(r#""type": "hcp_terraform", {TOKENS}"#);
    check(
        &terraform,
        r#"{"organization_id": "org-1", "workspace_id": "ws-1", "run_phase": "apply"}"#,
        "jwt.claims.terraform_organization_id == \"org-1\" && \
         jwt.claims.terraform_workspace_id == \"ws-1\" && \
         jwt.claims.terraform_run_phase == \"apply\"",
    );
    let workspace = r#""match": {"workspace_id": "ws-1"}"#;
    refused(&terraform, workspace, "anybody gets tokens of this issuer");
    refused(&terraform, r#""match": {"organization_id": "org-1"}"#, "identifies the bearer");
    check(&of("forgejo"), r#"{"repository_id": "7"}"#, "jwt.claims.repository_id == \"7\"");
    let codeberg =
        of("forgejo").replace("https://idp.example.com", "https://codeberg.org/api/actions");
    refused(&codeberg, r#""match": {"repository_id": "7"}"#, "anybody gets tokens of this issuer");
    let owned = r#""match": {"repository_id": "7", "repository_owner_id": "1"}"#;
    assert!(compiled(&codeberg, owned).is_ok());
}

/// A workspace's name is nobody without its organisation, whatever the address: an issuer may have several.
#[test]
fn workspaces_are_named_within_their_organisation() {
    let public = format!(r#""type": "hcp_terraform", {TOKENS}"#);
    let europe = of("hcp_terraform").replace("idp.example.com", "app.eu.terraform.io");
    let own = of("hcp_terraform");
    for provider in [&public, &europe, &own] {
        let name = r#""match": {"workspace_name": "orders"}"#;
        refused(provider, name, "identifies the bearer");
        let phase =
            r#""match": {"workspace_name": "orders", "project_id": "prj-1", "run_phase": "apply"}"#;
        refused(provider, phase, "identifies the bearer");
        let half = r#""condition": "jwt.claims.terraform_workspace_name == 'orders' && (jwt.claims.terraform_organization_name == 'o' || jwt.claims.terraform_project_id == 'prj-1')""#;
        refused(provider, half, "identifies the bearer");
        for organization in [r#""organization_id": "org-1""#, r#""organization_name": "o""#] {
            let whole = format!(r#""match": {{{organization}, "workspace_name": "orders"}}"#);
            assert!(compiled(provider, &whole).is_ok(), "{whole}");
        }
    }
    // Ids, and the subject with its organisation, are of one organisation: enough where the issuer is one's own.
    for whole in [
        "terraform_workspace_id == 'ws-1'",
        "terraform_stack_id == 'st-1'",
        "sub == 'organization:o:project:p:workspace:orders:run_phase:apply'",
    ] {
        let condition = format!(r#""condition": "jwt.claims.{whole}""#);
        assert!(compiled(&own, &condition).is_ok(), "{whole}");
        refused(&europe, &condition, "anybody gets tokens of this issuer");
    }
}

#[test]
fn principals_of_aws_are_bound_by_arn_and_never_by_what_they_say_of_themselves() {
    let aws = of("aws_sts");
    let space = "jwt.claims.'https://sts.amazonaws.com/'";
    check(
        &aws,
        r#"{"principal": "arn:aws:iam::1:role/r", "account_id": "111122223333"}"#,
        &format!(
            "jwt.claims.sub == \"arn:aws:iam::1:role/r\" && {space}.aws_account == \"111122223333\""
        ),
    );
    check(
        &aws,
        r#"{"lambda_function": "arn:aws:lambda:r:1:function:f"}"#,
        &format!("{space}.lambda_source_function_arn == \"arn:aws:lambda:r:1:function:f\""),
    );
    refused(&aws, r#""match": {"account_id": "111122223333"}"#, "identifies the bearer");
    let tags = format!(r#""condition": "{space}.request_tags.job == 'a'""#);
    refused(&aws, &tags, "identifies the bearer");
    let wrong = format!(r#""condition": "jwt.claims.sub == 'a' && {space}.aws_account == 1""#);
    refused(&aws, &wrong, "string does not compare with integer");
}

/// A literal beside an id of a known form is a value of that form, in any spelling, or does not load.
#[test]
fn ids_of_jobs_have_their_forms() {
    let uuid = "3c5e7a90-1b2d-4f60-8a9b-c0d1e2f3a4b5";
    let capitals = "3C5E7A90-1B2D-4F60-8A9B-C0D1E2F3A4B5";
    let bare = "3C5E7A901B2D4F608A9BC0D1E2F3A4B5";
    let braced = format!("{{{uuid}}}");
    let k8s = "'kubernetes.io'.serviceaccount.uid";
    let aws = "'https://sts.amazonaws.com/'.aws_account";
    let sub = "sub == 'system:serviceaccount:shop:orders'";
    let pipeline = format!("pipeline_id == '{uuid}'");
    let project = format!("'oidc.circleci.com/project-id' == '{uuid}'");
    let repository = format!("repositoryUuid == '{braced}'");
    let fixed = |provider: &str| match provider {
        "buildkite" => pipeline.clone(),
        "circleci" => project.clone(),
        "bitbucket" => repository.clone(),
        "forgejo" => "repository_id == '7'".into(),
        _ => sub.into(),
    };
    let spelled = |kind: &str, claim: &str, spellings: &[&str]| {
        for spelling in spellings {
            let text = format!("jwt.claims.{} && jwt.claims.{claim} != '{spelling}'", fixed(kind));
            let found = compiled(&of(kind), &format!(r#""condition": "{text}""#));
            assert_eq!(found.as_deref(), Ok(text.as_str()));
        }
    };
    let wrong = |kind: &str, claim: &str, literals: &[&str], says: &str| {
        for literal in literals {
            let text = format!("jwt.claims.{} && jwt.claims.{claim} != '{literal}'", fixed(kind));
            refused(&of(kind), &format!(r#""condition": "{text}""#), says);
        }
    };
    for claim in ["agent_id", "cluster_id", "job_id", "organization_id", "pipeline_id"] {
        spelled("buildkite", claim, &[uuid, capitals, bare, &braced]);
        wrong("buildkite", claim, &["p", "", &uuid[1..]], "expected a UUID, as 3c5e7a90");
    }
    for claim in ["deploymentEnvironmentUuid", "repositoryUuid", "stepUuid", "workspaceUuid"] {
        let shouted = format!("{{{capitals}}}");
        spelled("bitbucket", claim, &[&braced, uuid, capitals, bare, &shouted]);
        wrong("bitbucket", claim, &["{w}", "", &braced[1..]], "expected a UUID, as {3c5e7a90");
    }
    for claim in ["actor_id", "repository_id", "repository_owner_id", "run_id"] {
        spelled("forgejo", claim, &["42"]);
        wrong("forgejo", claim, &["acme", "042", ""], "expected a number in decimal digits");
    }
    spelled("kubernetes", k8s, &[uuid, capitals]);
    wrong("kubernetes", k8s, &["orders"], "expected a UUID");
    spelled("circleci", "'oidc.circleci.com/project-id'", &[capitals, bare]);
    wrong("circleci", "'oidc.circleci.com/project-id'", &["gh/acme/shop"], "expected a UUID");
    spelled("aws_sts", aws, &["111122223333", "1111-2222-3333"]);
    wrong("aws_sts", aws, &["1", "acme"], "expected an account number");
}

/// A value in any spelling is the value of the facts, which are brought to one: nothing passes by its case or braces.
#[test]
fn ids_of_jobs_are_compared_by_value() {
    let uuid = "3c5e7a90-1b2d-4f60-8a9b-c0d1e2f3a4b5";
    let capitals = "3C5E7A90-1B2D-4F60-8A9B-C0D1E2F3A4B5";
    let holds = |preset: Preset, fact: &str, condition: &str| {
        let claims = format!(
            r#"{{"claims": {{"pipeline_id": "p", "cluster_id": "{fact}", "repositoryUuid": "{fact}"}}}}"#
        );
        let model = preset.folded(json::parse(claims.as_bytes()).unwrap());
        let mut facts = json::Object::new();
        facts.insert("jwt", model);
        let parsed = Expression::parse(&format!("jwt.claims.{condition}")).unwrap();
        let typed = parsed.typed(&preset.models()).unwrap();
        typed.condition(&Facts::new(facts)).unwrap()
    };
    let other = uuid.replace('3', "4");
    for fact in [uuid, capitals] {
        for literal in [uuid, capitals, &format!("{{{capitals}}}")] {
            let braced = format!("{{{fact}}}");
            assert!(holds(Preset::Buildkite, fact, &format!("cluster_id == '{literal}'")));
            assert!(!holds(Preset::Buildkite, fact, &format!("cluster_id != '{literal}'")));
            assert!(holds(Preset::Bitbucket, &braced, &format!("repositoryUuid == '{literal}'")));
            assert!(!holds(Preset::Bitbucket, &braced, &format!("repositoryUuid != '{literal}'")));
        }
        assert!(!holds(Preset::Buildkite, fact, &format!("cluster_id == '{other}'")));
        let braced = format!("{{{fact}}}");
        assert!(holds(Preset::Bitbucket, &braced, &format!("repositoryUuid != '{other}'")));
    }
}
