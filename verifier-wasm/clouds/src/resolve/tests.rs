//! Names that stand for certificates, and names that stand for nothing.

use super::*;
use credmint_core::json;
use credmint_core::policy::TrustPolicy;

/// A policy with this provider, resolved.
fn resolved(provider: &str) -> Result<Value, Vec<Problem>> {
    let text = format!(
        r#"{{"version": 1, "issuer": "https://sts.example.com",
             "providers": {{"p": {{"type": "pkcs7", {provider}}}}},
             "resources": {{"api": {{"scopes": ["read"]}}}},
             "clients": {{"app": {{"scopes": {{"api": ["read"]}}, "credentials": {{
               "main": {{"provider": "p", "accounts": ["111122223333"], "instances": ["i-1"]}}}}}}}}}}"#
    );
    let mut policy = json::parse(text.as_bytes()).unwrap();
    resolve(&mut policy).map(|()| policy)
}

/// The regions of the signers, and that the policy loads.
fn regions(provider: &str) -> Vec<String> {
    let policy = resolved(provider).unwrap();
    TrustPolicy::from_document(&policy).unwrap_or_else(|errors| panic!("{provider}: {errors:?}"));
    let provider = policy.get("providers").and_then(|all| all.get("p")).unwrap();
    let signers = provider.get("signers").and_then(Value::as_array).unwrap();
    let region = |signer: &Value| signer.get("region").and_then(Value::as_str).map(str::to_owned);
    signers.iter().map(|signer| region(signer).unwrap_or_default()).collect()
}

#[test]
fn c17_names_stand_for_certificates() {
    let ecs = r#""audience": "idaas_7f3c91d0b2""#;
    assert_eq!(regions(&format!(r#""anchors": "alibaba_cloud", {ecs}"#)), [""]);
    assert_eq!(
        regions(&format!(r#""signers": "alibaba_cloud", "profile": "alibaba_ecs", {ecs}"#)),
        [""]
    );
    let ec2 = |signers: &str| regions(&format!(r#""max_age": 300, "signers": {signers}"#));
    let all = ec2(r#""amazon_ec2""#);
    assert!(all.len() > 30 && all.contains(&"us-east-1".to_owned()));
    // Accounts of the other partitions are other accounts.
    assert!(!all.iter().any(|region| region.starts_with("cn-") || region.starts_with("us-gov-")));
    assert_eq!(ec2(r#"["amazon_ec2"]"#), all);
    assert_eq!(ec2(r#"["amazon_ec2", {"cloud": "aws", "region": "us-east-1"}]"#), all);
    assert_eq!(ec2(r#"[{"cloud": "aws", "region": "us-east-1"}]"#), ["us-east-1"]);
    assert_eq!(ec2(r#"[{"cloud": "aws", "region": "cn-north-1"}]"#), ["cn-north-1"]);
    assert_eq!(
        ec2(r#"[{"cloud": "aws", "partition": "aws-us-gov"}]"#),
        ["us-gov-east-1", "us-gov-west-1"]
    );
    let legacy =
        r#""max_age": 300, "allow": ["sha1-dsa"], "signers": [{"cloud": "aws", "kind": "dsa"}]"#;
    assert_eq!(regions(legacy), [""]);
}

#[test]
fn a_region_that_an_operator_adds() {
    let row = rows().iter().find(|row| row.region.as_deref() == Some("us-east-1")).unwrap();
    let pem = base64::encode_standard(&row.certificate);
    let own = |region: &str| {
        regions(&format!(
            r#""max_age": 300, "signers": ["aws", {{"pem": "{pem}", "region": {region}}}]"#
        ))
    };
    // For a region of the table, the operator's certificate is the one.
    let replaced = own(r#""us-east-1""#);
    assert_eq!(replaced.last().unwrap(), "us-east-1");
    assert_eq!(replaced.iter().filter(|region| *region == "us-east-1").count(), 1);
    // So it is for each of several.
    let replaced = own(r#"["us-east-1", "us-east-2"]"#);
    assert_eq!(replaced.last().unwrap(), "");
    assert!(!replaced.iter().any(|region| region == "us-east-1" || region == "us-east-2"));
    assert!(replaced.contains(&"us-west-1".to_owned()));
}

#[test]
fn names_that_stand_for_nothing() {
    let check = |provider: &str, pointer: &str| {
        let errors = resolved(provider).unwrap_err();
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].pointer, format!("/providers/p/{pointer}"), "{errors:?}");
    };
    check(r#""anchors": "azure""#, "anchors");
    check(r#""signers": "AWS""#, "signers");
    check(r#""signers": ["amazon_ec2", "nobody"]"#, "signers/1");
    check(r#""signers": [{"cloud": "aws", "region": "mars-1"}]"#, "signers/0");
    check(
        r#""signers": [{"cloud": "aws", "partition": "aws-cn", "region": "us-east-1"}]"#,
        "signers/0",
    );
    check(r#""signers": [{"cloud": "aws", "kind": "rsa1024"}]"#, "signers/0");
    check(r#""signers": [{"cloud": "aws", "regions": "us-east-1"}]"#, "signers/0/regions");
    check(r#""signers": [{"cloud": "aws", "region": ["us-east-1"]}]"#, "signers/0/region");
    check(r#""signers": [{"cloud": "alibaba_cloud", "region": "cn-hangzhou"}]"#, "signers/0");
}

#[test]
fn c17_a_name_takes_the_place_of_no_signers() {
    let check = |provider: &str, pointer: &str, says: &str| {
        let errors = resolved(provider).unwrap_err();
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].pointer, format!("/providers/p/{pointer}"), "{errors:?}");
        assert!(errors[0].message.contains(says), "{errors:?}");
    };
    let one = r#""signers": [{"cloud": "aws", "region": "us-east-1"}]"#;
    check(&format!(r#"{one}, "anchors": "amazon_ec2""#), "anchors", "which are there");
    check(r#""signers": [{"pem": "x"}], "anchors": "alibaba_cloud""#, "anchors", "which are there");
    // Each cloud's signers under its own profile alone.
    let profile =
        |profile: &str, signers: &str| format!(r#""profile": "{profile}", "signers": {signers}"#);
    for (under, signers) in [
        ("alibaba_ecs", r#""aws""#),
        ("alibaba_ecs", r#"["alibaba_cloud", "aws"]"#),
        ("alibaba_ecs", r#"[{"cloud": "aws", "region": "us-east-1"}]"#),
        ("azure_attested", r#""alibaba_cloud""#),
        ("amazon_ec2", r#"["aws", {"cloud": "alibaba_cloud"}]"#),
    ] {
        check(&profile(under, signers), "signers", "signs no documents of");
    }
    check(r#""signers": ["alibaba_cloud", "aws"]"#, "signers", "signs no documents of");
    check(r#""profile": "amazon_ec2", "anchors": "alibaba_cloud""#, "anchors", "no documents of");
}

#[test]
fn authorities_of_a_cloud_are_its_intermediates() {
    let azure = |members: &str| resolved(&format!(r#""anchors": [{{"pem": "x"}}], {members}"#));
    let count = |members: &str| {
        let policy = azure(members).unwrap();
        let provider = policy.get("providers").and_then(|all| all.get("p")).unwrap();
        assert_eq!(provider.get("profile").and_then(Value::as_str), Some("azure_attested"));
        provider.get("intermediates").and_then(Value::as_array).unwrap().len()
    };
    let all = rows().iter().filter(|row| row.kind == AUTHORITY).count();
    assert!(all >= 7);
    assert_eq!(count(r#""intermediates": "azure""#), all);
    assert_eq!(count(r#""intermediates": "azure_attested""#), all);
    assert_eq!(count(r#""intermediates": ["azure"], "profile": "azure_attested""#), all);
    assert_eq!(count(r#""intermediates": [{"pem": "y"}, "azure", "PEM text"]"#), all + 2);
    // What is no name stays.
    for kept in [r#""intermediates": [{"pem": "y"}, "azur"]"#, r#""intermediates": 1"#] {
        let policy = azure(kept).unwrap();
        let provider = policy.get("providers").and_then(|all| all.get("p")).unwrap();
        assert_eq!(provider.get("profile"), None);
    }
    let check = |members: &str, says: &str| {
        let errors = azure(members).unwrap_err();
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].pointer, "/providers/p/intermediates", "{errors:?}");
        assert!(errors[0].message.contains(says), "{errors:?}");
    };
    check(r#""intermediates": "azur""#, "not the name of a cloud");
    check(r#""intermediates": "aws""#, "no authorities of this cloud");
    check(r#""intermediates": "azure", "profile": "generic""#, "signs no documents of");
    check(r#""intermediates": ["azure"], "profile": "amazon_ec2""#, "signs no documents of");
}

#[test]
fn what_is_no_name_stays() {
    for policy in ["1", "{}", r#"{"providers": 1}"#, r#"{"providers": {"p": 1}}"#] {
        let mut value = json::parse(policy.as_bytes()).unwrap();
        resolve(&mut value).unwrap();
        assert_eq!(value, json::parse(policy.as_bytes()).unwrap());
    }
    let kept = r#""profile": "amazon_ec2", "signers": [{"pem": "x"}, 1], "anchors": [2]"#;
    let policy = resolved(kept).unwrap();
    let provider = json::parse(format!(r#"{{"type": "pkcs7", {kept}}}"#).as_bytes()).unwrap();
    assert_eq!(policy.get("providers").and_then(|all| all.get("p")), Some(&provider));
}
