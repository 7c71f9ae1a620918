use super::*;
use crate::tests::issuer::{configuration, jwks};

fn read(more: &str) -> Result<Configuration, Vec<Problem>> {
    Configuration::read(&configuration(more))
}

/// The one problem of a document.
#[track_caller]
fn only(read: Result<Configuration, Vec<Problem>>) -> Problem {
    let mut problems = read.expect_err("it was read");
    assert_eq!(problems.len(), 1, "{problems:?}");
    problems.remove(0)
}

#[test]
fn the_least() {
    let read = read("").unwrap();
    assert_eq!(read.rules.issuer, "https://sts.example.com");
    assert_eq!(read.rules.audiences, ["api.example.com"]);
    assert!(read.rules.scope.is_empty() && read.exceptions.is_empty());
    assert_eq!(read.rules.skew, limits::SKEW);
    assert_eq!(read.rules.max_lifetime, limits::ACCESS_TOKEN_LIFETIME_MAX);
    assert_eq!(read.source, KeySource::JwksUri("https://sts.example.com/jwks".into()));
    assert_eq!(
        read.endpoint,
        Some(Endpoint {
            cluster: "sts".into(),
            authority: "sts.example.com".into(),
            path: "/jwks".into(),
        })
    );
    assert_eq!(read.headers, IdentityHeaders::default());
    assert!(read.forward_authorization);
    assert_eq!(read.signatures, Signatures::Host);
}

#[test]
fn everything() {
    let read = read(
        r#","scope":["read","write"],"skew":0,"max_lifetime":3600,"exceptions":["/healthz","/"],
        "headers":{"subject":"x-who"},"forward_authorization":false,"signatures":"pure_rust""#,
    )
    .unwrap();
    assert_eq!(read.rules.scope, ["read", "write"]);
    assert_eq!((read.rules.skew, read.rules.max_lifetime), (0, 3600));
    assert_eq!(read.exceptions, BTreeSet::from(["/".to_owned(), "/healthz".to_owned()]));
    assert_eq!(read.headers.subject, "x-who");
    assert_eq!(read.headers.client_id, "x-credmint-client");
    assert!(!read.forward_authorization);
    assert_eq!(read.signatures, Signatures::PureRust);
}

/// A bundle of a policy with one resource.
fn bundle() -> String {
    let policy = br#"{"version":1,"issuer":"https://sts.example.com","providers":{},
        "resources":{"api.example.com":{"resource":"https://api.example.com/v1","scopes":["read","write"]}},"clients":{}}"#;
    let policy = json::parse(policy).unwrap();
    credmint_core::policy::write_bundle(&policy).to_string()
}

#[test]
fn a_policy_says_who_the_issuer_is() {
    let keys = r#""keys":{"cluster":"sts","jwks_uri":"https://sts.example.com/jwks"}"#;
    let check = |policy: &str, more: &str, expect: Result<&str, &str>| {
        let document = format!(r#"{{"policy":{policy},{keys}{more}}}"#);
        let read = Configuration::read(document.as_bytes());
        match (read, expect) {
            (Ok(read), Ok(issuer)) => assert_eq!(read.rules.issuer, issuer),
            (Err(problems), Err(start)) => {
                let problem = problems.first().unwrap().to_string();
                assert!(problem.starts_with(start), "{problem}");
            }
            (read, _) => panic!("{read:?}"),
        }
    };
    let audience = r#","audience":"api.example.com""#;
    check(&bundle(), audience, Ok("https://sts.example.com"));
    check(&bundle(), &format!(r#"{audience},"scope":["read"]"#), Ok("https://sts.example.com"));
    check(
        &bundle(),
        &format!(r#"{audience},"scope":["admin"]"#),
        Err("/policy: `admin` is not a scope"),
    );
    let identified = r#","audience":["api.example.com","https://api.example.com/v1"]"#;
    check(&bundle(), identified, Ok("https://sts.example.com"));
    let other = r#","audience":["api.example.com","https://api.example.com/v2"]"#;
    check(&bundle(), other, Err("/policy: `https://api.example.com/v2` is not a resource"));
    check(&bundle(), r#","audience":"other""#, Err("/policy: `other` is not a resource"));
    check(
        &bundle(),
        &format!(r#"{audience},"issuer":"https://sts.example.com""#),
        Err("/issuer: the policy says"),
    );
    // Cut, edited, or no bundle at all.
    check(&bundle().replace("write", "admin"), audience, Err("/policy/hash: this is not the hash"));
    check(&bundle().replace("\"bundle\":1,", ""), audience, Err("/policy: `bundle` is missing"));
    check("{}", audience, Err("/policy: `bundle` is missing"));
}

#[test]
fn static_keys_are_never_fetched() {
    let jwks = String::from_utf8(jwks(b"a")).unwrap();
    let document = format!(r#"{{"issuer":"i","audience":"a","keys":{{"jwks":{jwks}}}}}"#);
    let read = Configuration::read(document.as_bytes()).unwrap();
    assert!(matches!(read.source, KeySource::Static(keys) if keys.keys().len() == 1));
    assert_eq!(read.endpoint, None);
}

#[test]
fn urls() {
    let check = |url: &str, expect: Option<(&str, &str)>| {
        let expect = expect.map(|(authority, path)| (authority.to_owned(), path.to_owned()));
        assert_eq!(split_url(url), expect, "{url}");
    };
    check("https://sts.example.com/jwks", Some(("sts.example.com", "/jwks")));
    check("https://sts.example.com:8443/a/b?c=d", Some(("sts.example.com:8443", "/a/b?c=d")));
    check("https://[::1]:1/jwks", Some(("[::1]:1", "/jwks")));
    check("https://sts.example.com", Some(("sts.example.com", "/")));
    check("http://sts.example.com/jwks", None);
    check("https:///jwks", None);
    check("https://user@sts.example.com/jwks", None);
    check("https://sts.example.com/jwks#a", None);
    check("https://sts.example.com?a", None);
    check("https://sts.example.com\\@evil/jwks", None);
    check("https://sts.example.com/j wks", None);
    check("https://sts.example.com/jwks\r\nx: y", None);
    check(&format!("https://sts.example.com/{}", "a".repeat(limits::URL_BYTES)), None);
}

/// Every problem says where it is.
#[test]
fn problems() {
    let check = |document: &str, expect: &[(&str, &str)]| {
        let problems = Configuration::read(document.as_bytes()).expect_err(document);
        assert_eq!(problems.len(), expect.len(), "{document}: {problems:?}");
        for (problem, (pointer, words)) in problems.iter().zip(expect) {
            assert_eq!(problem.pointer, *pointer, "{document}: {problem}");
            assert!(problem.to_string().contains(words), "{document}: {problem}");
        }
    };
    check("", &[("", "json_malformed")]);
    check("[]", &[("", "this is array; expected an object")]);
    check(r#"{"issuer":"a","issuer":"b"}"#, &[("", "json_duplicate_member")]);
    let missing = [("", "`issuer`"), ("", "`audience`"), ("", "`keys` is missing")];
    check("{}", &missing);
    let unknown = |pointer, words| [missing.as_slice(), &[(pointer, words)]].concat();
    check(r#"{"isuer":"a"}"#, &unknown("/isuer", "is `issuer` meant?"));
    check(r#"{"a/b~c":1}"#, &unknown("/a~1b~0c", "not known"));
    let check = |keys: &str, expect: &[(&str, &str)]| {
        check(&format!(r#"{{"issuer":"i","audience":"a","keys":{keys}}}"#), expect);
    };
    check(r#"{"cluster":"a"}"#, &[("/keys", "`jwks_uri` is missing")]);
    check(r#"{"jwks_uri":"https://a/b"}"#, &[("/keys", "`cluster` is missing")]);
    check(r#"{"cluster":"a","jwks_uri":"http://a/b"}"#, &[("/keys/jwks_uri", "https://")]);
    check(
        r#"{"discovery":true}"#,
        &[("/keys", "`cluster`"), ("/keys", "`jwks_uri`"), ("/keys/discovery", "not known")],
    );
    check(r#"{"jwks":{"keys":[]}}"#, &[("/keys/jwks", "jwks_empty")]);
    check(r#"{"jwks":7}"#, &[("/keys/jwks", "")]);
    let jwks = String::from_utf8(jwks(b"a")).unwrap();
    check(&format!(r#"{{"cluster":"a","jwks":{jwks}}}"#), &[("/keys", "not both")]);
    check(&format!(r#"{{"jwks":{jwks},"jkws":1}}"#), &[("/keys/jkws", "is `jwks` meant?")]);
}

#[test]
fn all_problems_are_told_at_once() {
    let more = r#","scpoe":["a"],"skew":-1,"headers":{"subject":"host","sub":"x-a"}"#;
    let pointers: Vec<String> =
        read(more).expect_err(more).into_iter().map(|problem| problem.pointer).collect();
    assert_eq!(pointers, ["/skew", "/headers/subject", "/headers/sub", "/scpoe"]);
}

#[test]
fn problems_beside_good_keys() {
    let check = |more: &str, pointer: &str| {
        assert_eq!(only(read(more)).pointer, pointer, "{more}");
    };
    check(r#","scopes":["a"]"#, "/scopes");
    check(r#","scope":"a b""#, "/scope");
    check(r#","scope":["a b"]"#, "/scope/0");
    check(r#","scope":["a",""]"#, "/scope/1");
    check(r#","scope":["a\"b"]"#, "/scope/0");
    check(r#","skew":-1"#, "/skew");
    check(r#","skew":121"#, "/skew");
    check(r#","skew":"30s""#, "/skew");
    check(r#","max_lifetime":0"#, "/max_lifetime");
    check(r#","forward_authorization":"no""#, "/forward_authorization");
    check(r#","signatures":"none""#, "/signatures");
    check(r#","headers":{"sub":"x-a"}"#, "/headers/sub");
    check(r#","headers":{"subject":"x-a","scope":"x-a"}"#, "/headers");
    for name in [
        "",
        "x-",
        "X-A",
        "authorization",
        "host",
        ":path",
        "x-a_b",
        "x-a b",
        "x-envoy-a",
        "x-request-id",
    ] {
        check(&format!(r#","headers":{{"subject":"{name}"}}"#), "/headers/subject");
    }
    for path in [
        "", "healthz", "/a?b", "/a#b", "/%61", "//a", "/a//b", "/./a", "/a/..", "/a;b", "/a b",
        "/a\\\\b",
    ] {
        check(&format!(r#","exceptions":["/ok","{path}"]"#), "/exceptions/1");
    }
}

#[test]
fn issuer_and_audience_are_needed() {
    let check = |from: &str, to: &str, pointer: &str| {
        let document = String::from_utf8(configuration("")).unwrap().replace(from, to);
        assert_eq!(only(Configuration::read(document.as_bytes())).pointer, pointer, "{document}");
    };
    check(r#""issuer":"https://sts.example.com","#, "", "");
    check(r#""audience":"api.example.com","#, "", "");
    check(r#""api.example.com""#, r#""""#, "/audience");
    check(r#""api.example.com""#, "[]", "/audience");
}

/// The misspellings that every reader of documents answers alike.
#[test]
fn a_misspelt_member_is_told_as_everywhere() {
    let text = include_bytes!("../../../../../tests/vectors/documents/misspellings.json");
    let vectors = json::parse(text).unwrap();
    let here = |vector: &&json::Value| {
        let documents = vector.get("in").and_then(json::Value::as_array).unwrap();
        documents.iter().any(|document| document.as_str() == Some("filter"))
    };
    let vectors: Vec<_> = vectors.as_array().unwrap().iter().filter(here).collect();
    assert!(vectors.len() > 10);
    for vector in vectors {
        let word = |name: &str| vector.get(name).and_then(json::Value::as_str);
        let mut document = json::parse_object(&configuration(r#","scope":["read"]"#)).unwrap();
        let value = document.remove(word("member").unwrap()).unwrap();
        document.insert(word("written").unwrap(), value);
        let text = json::Value::from(document).to_string();
        let problems = Configuration::read(text.as_bytes()).expect_err(&text);
        let at = |problem: &&Problem| Some(problem.pointer.as_str()) == word("pointer");
        let problem = problems.iter().find(at).expect(&text);
        assert_eq!(problem.hint.as_deref(), word("hint"), "{text}");
    }
}
