//! Jobs of CI services and principals of clouds: what their presets bind, and the forms that their ids have.

use super::environments::{TOKENS, check, compiled, of, refused};
use alloc::format;

#[test]
fn jobs_are_bound_by_ids_and_not_by_a_subject_that_varies() {
    let buildkite = format!(r#""type": "buildkite", {TOKENS}"#);
    check(
        &buildkite,
        r#"{"organization_id": "o", "pipeline_id": "p", "build_branch": "main"}"#,
        "jwt.claims.organization_id == \"o\" && jwt.claims.pipeline_id == \"p\" && \
         jwt.claims.build_branch == \"main\"",
    );
    let with = |condition: &str| format!(r#""condition": "{condition}""#);
    for provider in [&buildkite, &of("circleci"), &of("bitbucket"), &of("fly")] {
        let subject = with("jwt.claims.sub == 'a' && jwt.claims.organization_id == 'o'");
        refused(provider, &subject, "identifies the bearer");
    }
    refused(&buildkite, r#""match": {"pipeline_id": "p"}"#, "anybody gets tokens of this issuer");
    refused(&buildkite, r#""match": {"organization_id": "o"}"#, "identifies the bearer");
    check(
        &of("circleci"),
        r#"{"project_id": "p", "vcs_origin": "github.com/o/r", "vcs_ref": "refs/heads/main"}"#,
        "jwt.claims.'oidc.circleci.com/project-id' == \"p\" && \
         jwt.claims.'oidc.circleci.com/vcs-origin' == \"github.com/o/r\" && \
         jwt.claims.'oidc.circleci.com/vcs-ref' == \"refs/heads/main\"",
    );
    check(
        &of("bitbucket"),
        r#"{"workspace_uuid": "{w}", "repository_uuid": ["{r}", "{s}"], "branch": "main"}"#,
        "jwt.claims.workspaceUuid == \"{w}\" && jwt.claims.repositoryUuid in [\"{r}\", \"{s}\"] && \
         jwt.claims.branchName == \"main\"",
    );
    refused(&of("bitbucket"), r#""match": {"workspace_uuid": "{w}"}"#, "identifies the bearer");
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
        r#"{"principal": "arn:aws:iam::1:role/r", "account_id": "1"}"#,
        &format!("jwt.claims.sub == \"arn:aws:iam::1:role/r\" && {space}.aws_account == \"1\""),
    );
    check(
        &aws,
        r#"{"lambda_function": "arn:aws:lambda:r:1:function:f"}"#,
        &format!("{space}.lambda_source_function_arn == \"arn:aws:lambda:r:1:function:f\""),
    );
    refused(&aws, r#""match": {"account_id": "1"}"#, "identifies the bearer");
    let tags = format!(r#""condition": "{space}.request_tags.job == 'a'""#);
    refused(&aws, &tags, "identifies the bearer");
    let wrong = format!(r#""condition": "jwt.claims.sub == 'a' && {space}.aws_account == 1""#);
    refused(&aws, &wrong, "string does not compare with integer");
}
