//! Who a credential is for: names among several, claims that the author chooses, groups, registered certificates.

use super::environments::{TOKENS, compiled, of, policy, refused};
use super::load;
use crate::base64;
use crate::expr::Facts;
use crate::json;
use crate::x509::tests::forge;
use alloc::format;
use alloc::string::{String, ToString};

fn pca() -> String {
    let root = base64::encode_standard(&forge::any_root());
    format!(r#""type": "pca", "roots": ["{root}"]"#)
}

fn condition(text: &str) -> String {
    format!(r#""condition": "{text}""#)
}

#[track_caller]
fn becomes(provider: &str, credential: &str, expect: &str) {
    assert_eq!(compiled(provider, credential).as_deref(), Ok(expect));
}

/// X13: a certificate with the wanted name and another one is another certificate.
#[test]
fn x13_a_name_that_identifies_is_the_only_one_of_its_kind() {
    let pca = pca();
    for (text, list) in [
        ("cert.san.dns[0] == 'a'", "dns"),
        ("'a' in cert.san.dns", "dns"),
        ("cert.san.email[0] in ['a@b', 'c@d']", "email"),
        ("cert.san.uri[0] == 'urn:x'", "uri"),
        ("'a@b' in cert.san.upn", "upn"),
    ] {
        becomes(&pca, &condition(text), &format!("{text} && cert.san.{list}.size() == 1"));
    }
    let either = "cert.san.dns[0] == 'a' || cert.subject.UID == 'b'";
    becomes(&pca, &condition(either), &format!("({either}) && cert.san.dns.size() == 1"));
    // What says so itself stays as it is.
    for text in ["cert.san.dns == ['a']", "'a' in cert.san.dns && cert.san.dns.size() == 1"] {
        becomes(&pca, &condition(text), text);
    }
    for text in [
        "'a' in cert.san.dns || cert.subject.O == 'b'",
        "cert.san.dns.exists(d, d == 'a')",
        "!('a' in cert.san.dns)",
        "cert.san.dns[0].startsWith('a')",
        "cert.san.ip[0] == '192.0.2.1'",
        "'a' in cert.subject.OU",
        "'1.2.3' in cert.policies",
        "cert.extensions['1.2.3'].text == 'a'",
        "cert.issuerKeyFingerprint == '0000000000000000000000000000000000000000000000000000000000000000'",
    ] {
        refused(&pca, &condition(text), "identifies the bearer");
    }
    for text in ["cert.subject.UID == 'a'", "cert.subject.serialNumber == 'SN-0042'"] {
        becomes(&pca, &condition(text), text);
    }
    let holds = |facts: &str| {
        let policy = load(&policy(&pca, &condition("'a' in cert.san.dns")));
        let policy = policy.unwrap();
        let (_, client) = policy.clients().next().unwrap();
        let (_, credential) = client.credentials().next().unwrap();
        let facts = format!(r#"{{"cert":{{"san":{{"dns":{facts}}}}}}}"#);
        let facts = Facts::new(json::parse_object(facts.as_bytes()).unwrap());
        credential.condition().unwrap().condition(&facts).unwrap()
    };
    assert!(holds(r#"["a"]"#));
    assert!(!holds(r#"["a","b"]"#));
    assert!(!holds(r#"["b"]"#));
}

#[test]
fn an_author_says_which_claims_identify() {
    let with = |identity: &str| format!(r#"{}, "identity": {identity}"#, of("oidc"));
    let bound = |identity: &str, text: &str| becomes(&with(identity), &condition(text), text);
    let unbound = |identity: &str, text: &str| {
        refused(&with(identity), &condition(text), "identifies the bearer");
    };
    let both = r#"["org_id", "pipeline_id"]"#;
    bound(both, "jwt.claims.org_id == 'o' && jwt.claims.pipeline_id == 7");
    bound(both, "jwt.claims.org_id in ['o'] && jwt.claims.pipeline_id == 'p'");
    unbound(both, "jwt.claims.org_id == 'o'");
    unbound(both, "jwt.claims.sub == 'a'");
    unbound(both, "jwt.claims.org_id == 'o' || jwt.claims.pipeline_id == 'p'");
    unbound(both, "jwt.claims.org_id == 'o' && jwt.claims.pipeline_id == true");
    unbound(both, "jwt.claims.org_id == 'o' && glob(jwt.claims.pipeline_id, 'p*')");
    let ways = r#"[["sub"], ["org_id", "pipeline_id"]]"#;
    bound(ways, "jwt.claims.sub == 'a'");
    bound(ways, "jwt.claims.org_id == 'o' && jwt.claims.pipeline_id == 'p'");
    bound(
        ways,
        "jwt.claims.sub == 'a' || jwt.claims.org_id == 'o' && jwt.claims.pipeline_id == 'p'",
    );
    unbound(ways, "jwt.claims.pipeline_id == 'p'");
    bound(r#"["jwt.claims['https://x/y'].id"]"#, "jwt.claims['https://x/y'].id == 'a'");
    // Elsewhere a name like theirs is a name, and the client that asked for a token may be who.
    bound(r#"["jwt.claims.job.nonce"]"#, "jwt.claims.job.nonce == 'a'");
    bound(r#"["azp"]"#, "jwt.claims.azp == 'a'");

    for (identity, says) in [
        ("[]", "empty"),
        ("[[]]", "empty"),
        (r#""sub""#, "this is string"),
        (r#"["sub", ["a"]]"#, "of claims and of lists"),
        (r#"["aud"]"#, "says what a token is"),
        (r#"[["sub"], ["a", "exp"]]"#, "says what a token is"),
        (r#"["jwt.claims.iat"]"#, "says what a token is"),
        (r#"["nonce"]"#, "`nonce` says what a token is"),
        (r#"["org_id", "scope"]"#, "`scope` says what a token is"),
        (r#"["jwt.claims['auth_time']"]"#, "`auth_time` says what a token is"),
        (r#"["jwt.claims.cnf.jkt"]"#, "`cnf` says what a token is"),
        (r#"["jwt.claims.aud.x"]"#, "`aud` says what a token is"),
        (r#"["jwt.claims.act.sub"]"#, "`act` says what a token is"),
        (r#"["jwt.claims"]"#, "not the name of a claim"),
        (r#"["jwt.claims.a[0]"]"#, "not the name of a claim"),
        (r#"["jwt.claims.a == 'b'"]"#, "not the name of a claim"),
        (r#"["size()"]"#, "not the name of a claim"),
        (r#"["[*]"]"#, "not the name of a claim"),
        (r#"["a", "b", "c", "d", "e"]"#, "too many"),
        (r#"[["a"], ["b"], ["c"], ["d"], ["e"]]"#, "too many"),
        ("[7]", "this is integer"),
    ] {
        refused(&with(identity), &condition("jwt.claims.sub == 'a'"), says);
    }
    // The rules of an issuer that serves everybody hold all the same, and other types have their own fields.
    let shared = with(r#"["x"]"#).replace("https://idp.example.com", "https://app.terraform.io");
    refused(&shared, &condition("jwt.claims.x == 'a'"), "anybody gets tokens of this issuer");
    let kubernetes = format!(r#"{}, "identity": ["x"]"#, of("kubernetes"));
    refused(&kubernetes, &condition("jwt.claims.x == 'a'"), "`identity` is not known here");
}

#[test]
fn a_workflow_of_an_owner_says_who() {
    let github = format!(r#""type": "github_actions", {TOKENS}"#);
    let workflow = "jwt.claims.job_workflow_ref == 'acme/platform/.github/workflows/deploy.yml@refs/heads/main'";
    let whole = format!("jwt.claims.repository_owner_id == '4242' && {workflow}");
    becomes(&github, &condition(&whole), &whole);
    refused(&github, &condition(workflow), "identifies the bearer");
    let name = format!("jwt.claims.repository_owner == 'acme' && {workflow}");
    refused(&github, &condition(&name), "identifies the bearer");
    refused(
        &github,
        &condition("jwt.claims.repository_owner_id == '4242'"),
        "identifies the bearer",
    );
    refused(
        &github,
        &condition(&whole.replace("'4242'", "'acme'")),
        "expected a number in decimal digits",
    );
}

/// What is shut out stays shut out, however its spelling comes to the field.
#[test]
fn fields_of_a_form_are_not_missed_by_a_detour() {
    let pca = pca();
    let name = "cert.subject.CN == 'a'";
    let check = |text: &str, says: Option<&str>| {
        let both = format!("{name} && {text}");
        match says {
            Some(says) => refused(&pca, &condition(&both), says),
            None => becomes(&pca, &condition(&both), &both),
        }
    };
    check("!['c4a1'].exists(p, cert.serialNumber.startsWith(p))", None);
    check("!['C4A1'].exists(p, cert.serialNumber.startsWith(p))", Some("can never be a part"));
    check("cert.serialNumber != {'app': 'c4a1'}[client.clientId]", None);
    check("cert.serialNumber != {'app': 'C4A1'}[client.clientId]", Some("can never be here"));
    check("cert.serialNumber != 'C4:A1'", None);
    check("Append('s:', cert.serialNumber) != 's:C4A1'", Some("compare that field"));
    check("cert[{'app': 'serialNumber'}[client.clientId]] != 'C4A1'", Some("name one"));
    check("cert.extensions[client.clientId].hex != 'C4:A1'", None);
    check("cert.serialNumber != cert.subject.serialNumber", Some("fields of the same form"));
    check("cert.keyFingerprint != cert.issuerKeyFingerprint", None);
    check("!(client.clientId in cert.san.dns)", Some("fields of the same form"));
    let azure = of("azure_vm");
    let oid = "jwt.claims.oid == '3c5e7a90-1b2d-4f60-8a9b-c0d1e2f3a4b5'";
    let shut = |group: &str| {
        condition(&format!("{oid} && !['{group}'].exists(p, jwt.claims.xms_mirid.startsWith(p))"))
    };
    refused(&azure, &shut("/subscriptions/S/resourceGroups/B/"), "can never be a part");
    assert!(compiled(&azure, &shut("/subscriptions/s/resourcegroups/b/")).is_ok());
    refused(&azure, &condition(&format!("{oid} && jwt.claims.oid != jwt.claims.sub")), "same form");
}

fn group(condition: &str, subject: &str) -> String {
    format!(
        r#""binds": "group", "condition": "{condition}", "attributes": {{"client.activeSubjectUrn": "{subject}"}}"#
    )
}

/// A group has an owner, and its tokens say who.
#[test]
fn a_group_fixes_its_owner_and_its_tokens_say_who() {
    let github = format!(r#""type": "github_actions", {TOKENS}"#);
    let owner = "jwt.claims.repository_owner_id == '4242'";
    let good = "Append('urn:gh:', jwt.claims.repository_id)";
    becomes(&github, &group(owner, good), owner);
    becomes(
        &github,
        &group(owner, "Append('urn:gh:', jwt.claims.repository_id, ':', jwt.claims.run_id)"),
        owner,
    );
    refused(&github, &group("jwt.claims.repository_owner == 'acme'", good), "whose group this is");
    refused(&github, &group("jwt.claims.ref == 'refs/heads/main'", good), "anybody gets tokens");
    refused(
        &github,
        &group(&format!("{owner} || jwt.claims.repository_owner == 'acme'"), good),
        "whose group this is",
    );
    let who = "do not say who";
    for subject in [
        "jwt.claims.repository_id",
        "'urn:gh:all'",
        "Append('urn:gh:', jwt.claims.repository)",
        "Append('urn:gh:', jwt.claims.run_id)",
        "Append('urn:gh:', jwt.claims.repository_id, jwt.claims.run_id)",
        "Append(jwt.claims.repository_id, ':x')",
    ] {
        refused(&github, &group(owner, subject), who);
    }
    refused(&github, &format!(r#""binds": "group", {}"#, condition(owner)), who);
    refused(&github, &format!(r#""binds": "all", {}"#, condition(owner)), "individual or group");
    // An individual is not a group by its pattern.
    let pattern = condition(&format!("{owner} && glob(jwt.claims.repository, 'acme/*')"));
    refused(&github, &pattern, "`binds: group`");
    // A type of tokens in which no owner is known, at an issuer that serves everybody.
    let shared = of("oidc").replace("https://idp.example.com", "https://app.terraform.io");
    let whole = "jwt.claims.terraform_organization_id == 'o'";
    refused(&shared, &group(whole, "Append('u:', jwt.claims.sub)"), "serves everybody");

    let kubernetes = of("kubernetes");
    let preview = "glob(jwt.claims['kubernetes.io'].namespace, 'shop-pr-*') && jwt.claims['kubernetes.io'].serviceaccount.name == 'orders'";
    let uid = "Append('urn:k8s:', jwt.claims['kubernetes.io'].namespace, ':', jwt.claims['kubernetes.io'].serviceaccount.uid)";
    becomes(&kubernetes, &group(preview, uid), preview);
    refused(&kubernetes, &group(preview, "Append('urn:k8s:', jwt.claims.sub)"), who);
    let everybody =
        format!(r#""binds": "group", "attributes": {{"client.activeSubjectUrn": "{uid}"}}"#);
    refused(&kubernetes, &everybody, "no condition says which proofs are meant");
}

/// Jobs of other platforms: owners and individuals by ids that outlive a rename, and by no name.
#[test]
fn groups_of_jobs_are_known_by_ids() {
    let uuid = "0184990a-4782-42b5-afc1-16715b10b8ff";
    let braced = format!("{{{uuid}}}");
    let claim = |name: &str| format!("jwt.claims['{name}']");
    let is = |name: &str, value: &str| format!("{} == '{value}'", claim(name));
    let rows = [
        ("buildkite", "organization_id", uuid, "organization_slug", "pipeline_id", "pipeline_slug"),
        ("bitbucket", "workspaceUuid", &braced, "branchName", "repositoryUuid", "stepUuid"),
        ("fly", "org_id", "29873298", "org_name", "app_id", "app_name"),
        ("fly", "org_id", "29873298", "org_name", "machine_id", "machine_name"),
        ("forgejo", "repository_owner_id", "42", "repository_owner", "repository_id", "repository"),
        (
            "hcp_terraform",
            "terraform_organization_id",
            "org-Wq2",
            "terraform_organization_name",
            "terraform_workspace_id",
            "terraform_workspace_name",
        ),
    ];
    for (kind, owner, value, name_of_owner, individual, name_of_individual) in rows {
        let of_owner = is(owner, value);
        let subject = |name: &str| format!("Append('urn:x:', {})", claim(name));
        becomes(&of(kind), &group(&of_owner, &subject(individual)), &of_owner);
        let by_name = group(&is(name_of_owner, "main"), &subject(individual));
        refused(&of(kind), &by_name, "whose group this is");
        refused(&of(kind), &group(&of_owner, &subject(name_of_individual)), "do not say who");
    }
    // One organisation has the whole issuer.
    let circleci = of("circleci");
    let main = is("oidc.circleci.com/vcs-ref", "refs/heads/main");
    let by = |name: &str| format!("Append('urn:x:', jwt.claims['oidc.circleci.com/{name}'])");
    becomes(&circleci, &group(&main, &by("project-id")), &main);
    refused(&circleci, &group(&main, &by("vcs-origin")), "do not say who");
    // An ARN is made of names.
    let arn =
        group(&is("sub", "arn:aws:iam::111122223333:role/orders"), "Append('u:', jwt.claims.sub)");
    refused(&of("aws_sts"), &arn, "there are no groups of these proofs");
}

/// An id that means something within one owner only does not stand alone for two.
#[test]
fn individuals_of_two_owners_have_two_subjects() {
    let pca = pca();
    let key = |digit: &str| digit.repeat(64);
    let one = format!(
        "cert.issuerKeyFingerprint == '{}' && cert.subject.CN.startsWith('sensor-')",
        key("a")
    );
    let two = format!("cert.issuerKeyFingerprint in ['{}', '{}']", key("a"), key("b"));
    let name = "Append('urn:s:', cert.subject.CN)";
    let both = "Append('urn:s:', cert.issuerKeyFingerprint, ':', cert.subject.CN)";
    becomes(&pca, &group(&one, name), &one);
    becomes(&pca, &group(&two, both), &two);
    refused(&pca, &group(&two, name), "two owners may have");
    let twice = format!(
        "cert.issuerKeyFingerprint == '{}' || cert.issuerKeyFingerprint == '{}'",
        key("a"),
        key("b")
    );
    refused(&pca, &group(&twice, name), "two owners may have");
    // The same key in two spellings is one.
    let spelled = format!("cert.issuerKeyFingerprint in ['{}', '{}']", key("a"), key("A"));
    becomes(&pca, &group(&spelled, name), &spelled);
    // And two groups of one text are of one owner, or the text says whose.
    let twins = |first: &str, second: &str, subject: &str| {
        let scopes = r#""scopes": {"api.example.com": ["read"]}"#;
        let first = format!("{}, {scopes}", group(first, subject));
        let second = format!("{}, {scopes}", group(second, subject));
        format!(r#"{first} }}, "d": {{ "provider": "p", {second}"#)
    };
    let by = |digit: &str| format!("cert.issuerKeyFingerprint == '{}'", key(digit));
    let meet = "subjects of the group `c` may be subjects of `d` as well";
    refused(&pca, &twins(&by("a"), &by("b"), name), meet);
    let same = "|| cert.subject.O == 'x' && ";
    refused(&pca, &twins(&by("a"), &format!("{0} {same} {0}", by("b")), name), meet);
    let (a, b, capital) = (by("a"), by("b"), by("A"));
    for (first, second, subject) in [(&a, &b, both), (&two, &a, both), (&one, &capital, name)] {
        becomes(&pca, &twins(first, second, subject), first);
    }
    // The name of an authority is no owner.
    refused(&pca, &group("cert.issuer.CN == 'CA'", name), "whose group this is");
    let dns = "Append('urn:s:', cert.san.dns[0])";
    becomes(&pca, &group(&one, dns), &format!("{one} && cert.san.dns.size() == 1"));
    refused(&pca, &group(&one, "Append('urn:s:', cert.san.dns[1])"), "do not say who");
    refused(&pca, &group(&one, "Append('urn:s:', cert.subject.O)"), "do not say who");
}

/// Within a client no group takes a subject of another credential.
#[test]
fn subjects_of_two_credentials_are_apart() {
    let check = |other: &str, says: Option<&str>| {
        let first = r#""binds": "group", "condition": "jwt.claims.team == 't'", "attributes": {"client.activeSubjectUrn": "Append('urn:a:', jwt.claims.sub)"}, "scopes": {"api.example.com": ["read"]}"#;
        let second = format!(
            r#"{first} }}, "d": {{ "provider": "p", "scopes": {{"api.example.com": ["read"]}}, {other}"#
        );
        let loaded = load(&policy(&of("oidc"), &second));
        let errors = loaded.map(drop).map_err(|errors| errors[0].to_string());
        match (errors, says) {
            (Ok(()), None) => {}
            (Err(error), Some(says)) => assert!(error.contains(says), "{other}: {error}"),
            (found, _) => panic!("{other}: {found:?}"),
        }
    };
    let with = |subject: &str| {
        format!(
            r#""condition": "jwt.claims.sub == 'x'", "attributes": {{"client.activeSubjectUrn": "{subject}"}}"#
        )
    };
    let meets = Some("subjects of the group `c` may be subjects of `d` as well");
    check(&condition("jwt.claims.sub == 'x'"), None);
    check(&with("Append('urn:b:', jwt.claims.sub)"), None);
    check(&with("'urn:a'"), None);
    check(&with("'urn:a:x'"), meets);
    check(&with("Append('urn:a:', jwt.claims.run)"), meets);
    check(&with("Append('urn:a:b:', jwt.claims.run)"), meets);
    check(&with("Append('urn:', jwt.claims.run)"), meets);
    check(&with("jwt.claims.run"), meets);
    check(&with("Append(jwt.claims.run, ':')"), meets);
    let same = group("jwt.claims.team == 'u'", "Append('urn:a:', jwt.claims.sub)");
    check(&same, None);
    let longer = group("jwt.claims.team == 'u'", "Append('urn:a:', jwt.claims.sub, ':x')");
    check(&longer, meets);
}

#[test]
fn documents_of_an_account_are_a_group() {
    let root = base64::encode_standard(&forge::any_root());
    let ecs = format!(
        r#""type": "pkcs7", "profile": "alibaba_ecs", "audience": "idaas_7f3c91d0b2", "signers": [{{"pem": "{root}"}}]"#
    );
    let account = "pkcs7.payload.jsonData.'owner-account-id' == '1'";
    let subject = "Append('urn:ecs:', pkcs7.payload.jsonData.'instance-id')";
    refused(&ecs, &condition(account), "`binds: group`");
    becomes(&ecs, &group(account, subject), account);
    refused(
        &ecs,
        &group(account, "Append('urn:ecs:', pkcs7.payload.jsonData.mac)"),
        "do not say who",
    );
    let two = account.replace("== '1'", "in ['1', '2']");
    refused(&ecs, &group(&two, subject), "two owners may have");
    refused(&ecs, &group("pkcs7.payload.jsonData.'region-id' == 'eu'", subject), "whose group");
}

#[test]
fn a_registered_certificate_is_known_by_its_fingerprint_alone() {
    let digest = "ab".repeat(32);
    let pinned = |list: &str| format!(r#""type": "pca", "fingerprints": {list}"#);
    let one = pinned(&format!(r#"["{digest}"]"#));
    let by_digest = format!("cert.fingerprint == '{}'", digest.to_uppercase());
    becomes(&one, &condition(&by_digest), &by_digest);
    becomes(&pinned(&format!(r#"["AB{}"]"#, ":ab".repeat(31))), &condition(&by_digest), &by_digest);
    // Whoever made it chose its names.
    for text in ["cert.subject.CN == 'a'", "cert.san.dns[0] == 'a'", "cert.subject.UID == 'a'"] {
        refused(&one, &condition(text), "identifies the bearer");
    }
    refused(
        &one,
        &group(&by_digest, "Append('u:', cert.fingerprint)"),
        "no groups of these proofs",
    );
    for (list, says) in [
        ("[]", "empty"),
        (r#"["abcd"]"#, "expected a SHA-256 digest"),
        (&format!(r#"["{}"]"#, "ab".repeat(20)), "this has the length of SHA-1"),
        ("[7]", "this is integer"),
    ] {
        refused(&pinned(list), &condition(&by_digest), says);
    }
    let many = alloc::vec![format!("\"{digest}\""); 257].join(",");
    refused(&pinned(&format!("[{many}]")), &condition(&by_digest), "too many fingerprints");
    let root = base64::encode_standard(&forge::any_root());
    for other in [
        format!(r#""roots": ["{root}"]"#),
        r#""intermediates": []"#.to_string(),
        r#""require_crls": false"#.to_string(),
    ] {
        refused(&format!("{one}, {other}"), &condition(&by_digest), "needs no path");
    }
    refused(r#""type": "pca""#, &condition(&by_digest), "`roots` is missing");
}
