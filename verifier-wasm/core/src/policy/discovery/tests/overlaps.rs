//! Which credentials overlap, and what is said of it.

use super::*;

/// Loads `one` and `other` as credentials of these providers. The message is what is expected beside the places.
#[track_caller]
fn check(providers: &[(&str, &str)], one: (&str, &str), other: (&str, &str), expect: Option<&str>) {
    for (first, second) in [(one, other), (other, one)] {
        let found = problems(&policy(providers, &[first, second]));
        let Some(expect) = expect else {
            assert_eq!(found, [""; 0], "{first:?} {second:?}");
            continue;
        };
        let begins = "/clients/c1/credentials/main: a proof may be of this discoverable credential and of \
                      `c0/main` as well; expected ";
        let found = found.join("\n");
        let text = found.strip_prefix(begins);
        let text = text
            .and_then(|text| text.strip_suffix("; the other is at /clients/c0/credentials/main"));
        let text = text.unwrap_or_else(|| panic!("{first:?} {second:?}: {found}"));
        assert!(text.contains(expect), "{first:?} {second:?}: {text}");
    }
}

#[track_caller]
fn conditions(one: &str, other: &str, expect: Option<&str>) {
    check(&[("idp", IDP)], ("idp", &condition(one)), ("idp", &condition(other)), expect);
}

#[test]
fn two_of_one_provider() {
    let sub = "jwt.claims.sub";
    let a = |rest: &str| format!("{sub} == 'a'{rest}");
    conditions(&a(""), &format!("{sub} == 'b'"), None);
    conditions(&a(""), &a(""), Some("other values of jwt.claims.sub in one of the two"));
    conditions(&format!("{sub} in ['a', 'b']"), &format!("{sub} in ['b', 'c']"), Some(sub));
    conditions(&format!("{sub} in ['a', 'b']"), &format!("{sub} in ['c', 'd']"), None);
    conditions(&format!("{sub} == 'a' || {sub} == 'b'"), &format!("{sub} == 'b'"), Some(sub));
    conditions(&a(" && jwt.claims.env == 'prod'"), &a(" && jwt.claims.env == 'test'"), None);
    conditions(&a(" && jwt.claims.env == 'prod'"), &a(" && jwt.claims.env != 'prod'"), None);
    conditions(&a(" && jwt.claims.env == 'prod'"), &a(" && !has(jwt.claims.env)"), None);
    conditions(&a(" && jwt.claims.env != 'prod'"), &a(" && jwt.claims.env != 'test'"), Some(sub));
    conditions(
        &a(" && jwt.claims.env == 'prod'"),
        &a(""),
        Some("jwt.claims.sub in one of the two, or of jwt.claims.env in `c"),
    );
    conditions(&a(""), "jwt.claims.repository_id == 7", Some("too, other ones"));
    conditions(&a(" && jwt.claims.repository_id == 8"), "jwt.claims.repository_id == 7", None);
    conditions("jwt.claims.repository_id == '7'", "jwt.claims.repository_id == 7", None);
    conditions(
        &a(" && jwt.claims.ref.startsWith('refs/heads/')"),
        &a(" && glob(jwt.claims.ref, 'refs/tags/*')"),
        None,
    );
    conditions(
        &a(" && jwt.claims.ref.startsWith('refs/heads/')"),
        &a(" && glob(jwt.claims.ref, 'refs/*/main')"),
        Some(sub),
    );
    // The client is no part of a proof.
    conditions(&a(" && client.clientId == 'c0'"), &a(" && client.clientId == 'c1'"), Some(sub));
    // What can never hold overlaps with nothing.
    conditions(&a(" && jwt.claims.sub == 'b'"), &a(""), None);
    conditions(&a(" && jwt.claims.n > 7"), &a(" && jwt.claims.n < 7"), Some(sub));
}

#[test]
fn what_does_not_count_does_not_overlap() {
    let a = condition("jwt.claims.sub == 'a'");
    let text = policy(&[("idp", IDP)], &[("idp", &a), ("idp", &a)]);
    assert_eq!(problems(&text).len(), 1);
    let check = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        assert_eq!(problems(&text.replacen(from, to, 1)), [""; 0], "{to}");
    };
    check("\"discoverable\": true", "\"discoverable\": false");
    check("\"discoverable\": true", "\"discoverable\": true, \"enabled\": false");
    check("\"c1\": {", "\"c1\": {\"enabled\": false, ");
    check("\"idp\": {", "\"idp\": {\"enabled\": false, ");
    // Of one client too.
    let two = |second: &str| {
        let one = |name: &str, sub: &str| {
            format!(
                r#""{name}": {{"provider": "idp", "discoverable": true, "scopes": {{"api": ["read"]}}, "condition": "jwt.claims.sub == '{sub}'"}}"#
            )
        };
        let clients = [("c0".to_string(), format!("{},{}", one("a", "x"), one("b", second)))];
        problems(&policy_of(&[("idp", IDP)], &clients))
    };
    assert_eq!(two("y"), [""; 0]);
    assert_eq!(
        two("x"),
        [
            "/clients/c0/credentials/b: a proof may be of this discoverable credential and of `c0/a` as well; expected \
          other values of jwt.claims.sub in one of the two; the other is at /clients/c0/credentials/a"
        ]
    );
}

#[test]
fn two_of_different_providers() {
    let a = condition("jwt.claims.sub == 'a'");
    let b = condition("jwt.claims.sub == 'b'");
    let pair = |one: &str, other: &str, credential: &str, expect: Option<&str>| {
        check(&[("p", one), ("q", other)], ("p", &a), ("q", credential), expect);
    };
    let audiences = |list: &str| IDP.replace("[\"https://sts\"]", list);
    let sub = Some("other values of jwt.claims.sub");
    pair(IDP, IDP, &a, sub);
    pair(IDP, IDP, &b, None);
    pair(IDP, &IDP.replace("idp.example", "idq.example"), &a, None);
    // No token is for both.
    pair(IDP, &audiences("[\"https://other\"]"), &a, None);
    pair(IDP, &audiences("[\"https://sts\", \"https://other\"]"), &a, sub);
    let beside = |own: &str, other: &str| {
        audiences(&format!("[\"{own}\"], \"other_audiences\": [\"{other}\"]"))
    };
    pair(&beside("https://x", "https://y"), &audiences("[\"https://y\"]"), &a, None);
    pair(&beside("https://x", "https://y"), &beside("https://y", "https://x"), &a, sub);
    pair(&beside("https://x", "https://y"), &beside("https://z", "https://y"), &a, None);
    // Each with its own trust condition.
    let tenant =
        |name: &str| format!("{IDP}, \"trust_condition\": \"jwt.claims.tenant == '{name}'\"");
    pair(&tenant("t1"), &tenant("t2"), &a, None);
    pair(&tenant("t1"), &tenant("t1"), &a, sub);
    pair(&tenant("t1"), IDP, &a, sub);
}

#[test]
fn tokens_of_a_trust_domain() {
    let spiffe = r#""type": "spiffe", "trust_domain": "example.org", "audiences": ["https://sts"], "keys": {"jwks_uri": "https://spire/keys"}"#;
    let named = format!(r#"{spiffe}, "issuer": "https://spire""#);
    let other = spiffe.replace("example.org", "example.com");
    let sub = |text: &str| condition(&format!("jwt.claims.sub == '{text}'"));
    let a = sub("spiffe://example.org/a");
    let pair = |one: &str, other: &str, credential: &str, expect: Option<&str>| {
        check(&[("p", one), ("q", other)], ("p", &a), ("q", credential), expect);
    };
    pair(spiffe, spiffe, &a, Some("jwt.claims.sub"));
    pair(spiffe, &named, &a, Some("jwt.claims.sub"));
    pair(spiffe, &named, &sub("spiffe://example.org/b"), None);
    // By an SVID for this issuer a client authenticates itself, whatever the audiences are.
    let elsewhere = named.replace("https://sts\"", "https://other\"");
    pair(spiffe, &elsewhere, &a, Some("jwt.claims.sub"));
    pair(spiffe, &elsewhere, &sub("spiffe://example.org/b"), None);
    pair(spiffe, &other, &sub("spiffe://example.com/a"), None);
    // One issuer of two trust domains: the rule of each keeps them apart.
    let also = named.replace("example.org", "example.com");
    pair(&named, &also, &sub("spiffe://example.com/a"), None);
}

/// A preset that lower-cases a claim, and one that does not, see one proof differently.
#[test]
fn case_means_nothing_where_one_of_two_folds_it() {
    let tenant = "https://sts.windows.net/3c5e7a90-1b2d-4f60-8a9b-c0d1e2f3a4b5/";
    let with = |kind: &str| {
        format!(
            r#""type": "{kind}", "issuer": "{tenant}", "audiences": ["https://sts"], "keys": {{"discovery": true}}"#
        )
    };
    let azure = with("azure_vm");
    let plain = format!(r#"{}, "identity": ["oid"]"#, with("oidc"));
    let oid = |text: &str| condition(&format!("jwt.claims.oid == '{text}'"));
    let lower = oid("3c5e7a90-1b2d-4f60-8a9b-c0d1e2f3a4b5");
    let upper = oid("3C5E7A90-1B2D-4F60-8A9B-C0D1E2F3A4B5");
    let strange = oid("4D5E7A90-1B2D-4F60-8A9B-C0D1E2F3A4B5");
    let expect = Some("other values of jwt.claims.oid");
    check(&[("p", &azure)], ("p", &lower), ("p", &upper), expect);
    check(&[("p", &azure), ("q", &plain)], ("p", &lower), ("q", &upper), expect);
    check(&[("p", &azure), ("q", &plain)], ("p", &lower), ("q", &strange), None);
    check(&[("p", &plain)], ("p", &lower), ("p", &upper), None);
}

#[test]
fn certificates_of_one_client() {
    let root = base64::encode_standard(&forge::any_root());
    let pca = format!(r#""type": "pca", "roots": ["{root}"]"#);
    let providers = [("p", pca.as_str()), ("q", pca.as_str())];
    let both = |(p, one): (&str, &str), (q, other): (&str, &str), expect: Option<&str>| {
        let of = |name: &str, provider: &str, text: &str| {
            format!(
                r#""{name}": {{"provider": "{provider}", "discoverable": true, "scopes": {{"api": ["read"]}}, "condition": "{text}"}}"#
            )
        };
        let clients = [("c0".to_string(), format!("{},{}", of("a", p, one), of("b", q, other)))];
        let found = problems(&policy_of(&providers, &clients)).join("\n");
        match expect {
            None => assert_eq!(found, ""),
            Some(expect) => assert!(found.contains(expect), "{found}"),
        }
        // Other clients are asked for by their ids.
        let two = [("c0".to_string(), of("a", p, one)), ("c1".to_string(), of("b", q, other))];
        assert_eq!(problems(&policy_of(&providers, &two)), [""; 0]);
    };
    let serial = |text: &str| format!("cert.issuer.CN == 'ca' && cert.serialNumber == '{text}'");
    let expect = Some("cert.serialNumber in one of the two");
    both(("p", &serial("0a1b")), ("p", &serial("0A:1B")), expect);
    both(("p", &serial("0a1b")), ("q", &serial("0x0A1B")), expect);
    both(("p", &serial("0a1b")), ("q", &serial("0a1c")), None);
    let dns = |text: &str| format!("'{text}' in cert.san.dns && cert.san.dns.size() == 1");
    both(("p", &dns("a.example")), ("q", &dns("A.example")), Some("cert.san.dns[0]"));
    both(("p", &dns("a.example")), ("q", &dns("b.example")), None);
    // Another root may certify the same leaf under another name.
    let of = |text: &str| format!("cert.subject.CN == 'a' && cert.issuer.CN == '{text}'");
    both(("p", &of("x")), ("p", &of("y")), None);
    both(("p", &of("x")), ("q", &of("y")), Some("cert.subject.CN"));
    // But one key signed it.
    let signed = |key: &str| {
        format!("cert.subject.CN == 'a' && cert.issuerKeyFingerprint == '{}'", key.repeat(64))
    };
    both(("p", &signed("a")), ("q", &signed("b")), None);
    both(("p", &signed("a")), ("q", &signed("A")), Some("cert.issuerKeyFingerprint"));
}

#[test]
fn documents_of_all_clouds() {
    let root = base64::encode_standard(&forge::any_root());
    let ecs = |audience: &str| {
        format!(
            r#""type": "pkcs7", "profile": "alibaba_ecs", "audience": "{audience}", "signers": [{{"pem": "{root}"}}]"#
        )
    };
    let one = ecs("idaas_7f3c91d0b2");
    let machine = |account: &str, instance: &str| {
        format!(r#""match": {{"account_id": "{account}", "instance_id": "{instance}"}}"#)
    };
    let first = machine("1", "i-1");
    check(&[("p", &one)], ("p", &first), ("p", &machine("1", "i-2")), None);
    check(&[("p", &one)], ("p", &first), ("p", &machine("2", "i-1")), None);
    check(
        &[("p", &one)],
        ("p", &first),
        ("p", &first),
        Some("pkcs7.payload.jsonData[\"instance-id\"]"),
    );
    check(&[("p", &one), ("q", &one)], ("p", &first), ("q", &first), Some("owner-account-id"));
    // A document names one audience.
    let other = ecs("idaas_7f3c91d0b3");
    check(&[("p", &one), ("q", &other)], ("p", &first), ("q", &first), None);
}
