//! The published schemas: they are up to date, they know the members that the reader knows, and they take every
//! example.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

use credmint::schema::{PUBLISHED, Published};
use credmint_core::json::{self, Limits};
use credmint_core::policy::{Preset, TrustPolicy, match_fields};
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn published(name: &str) -> Value {
    let found = PUBLISHED.iter().find(|published| published.path.contains(name));
    (found.expect("a published schema").schema)()
}

#[test]
fn files_are_up_to_date() {
    for Published { path, .. } in &PUBLISHED {
        let file = root().join(path);
        let text = PUBLISHED.iter().find(|one| one.path == *path).expect("itself").text();
        if env::var_os("CREDMINT_BLESS").is_some() {
            fs::write(&file, &text).expect("the file is written");
        }
        let written = fs::read_to_string(&file).unwrap_or_default();
        assert!(written == text, "{path}: run `cargo xtask schema` and commit what it writes");
    }
}

/// The members that the reader takes at `pointer`, where `document` has the unknown member `zz`.
fn of_reader(document: &str, pointer: &str) -> BTreeSet<String> {
    let value = json::parse_with(document.as_bytes(), Limits::DOCUMENT).expect("JSON");
    let errors = TrustPolicy::from_document(&value).expect_err("an unknown member");
    let at = format!("{pointer}/zz");
    let error = errors.iter().find(|error| error.pointer == at);
    let error = error.unwrap_or_else(|| panic!("nothing at {at}: {errors:?}"));
    let list = error.expected.strip_prefix("one of ").expect("a list of members");
    list.split(", ").map(str::to_owned).collect()
}

/// The members of a definition of the policy's schema; `file` stands for an included file anywhere.
fn of_schema(definition: &Value) -> BTreeSet<String> {
    let properties = definition["properties"].as_object().expect("properties");
    assert_eq!(definition["additionalProperties"], false, "{definition}");
    properties.keys().filter(|name| *name != "file").cloned().collect()
}

fn definition(name: &str) -> Value {
    published("policy.schema")["$defs"][name].clone()
}

/// The variant of a provider's type.
fn provider(kind: &str) -> Value {
    let variants = definition("Provider")["oneOf"].as_array().expect("variants").clone();
    let is_it = |variant: &&Value| variant["properties"]["type"]["const"] == kind;
    variants.iter().find(is_it).expect("a variant of this type").clone()
}

#[test]
fn schema_and_reader_know_the_same_members() {
    let whole = |provider: &str, resource: &str, client: &str, credential: &str, more: &str| {
        format!(
            r#"{{"version": 1, "issuer": "https://sts.example.com", {more}
            "providers": {{"p": {{{provider}}}}}, "resources": {{"a": {{"scopes": ["s"] {resource}}}}},
            "clients": {{"c": {{"scopes": {{"a": ["s"]}} {client}, "credentials": {{"f":
            {{"provider": "p", "match": {{"subject": "x"}} {credential}}}}}}}}}}}"#
        )
    };
    let oidc = r#""type": "oidc", "issuer": "https://idp.example.com", "audiences": ["x"], "keys": {"discovery": true}"#;
    let zz = r#", "zz": 1"#;
    let check = |document: &str, pointer: &str, schema: &Value| {
        assert_eq!(of_reader(document, pointer), of_schema(schema), "{pointer} of {document}");
    };
    check(&whole(oidc, "", "", "", "\"zz\": 1,"), "", &published("policy.schema"));
    check(&whole(oidc, zz, "", "", ""), "/resources/a", &definition("Resource"));
    check(&whole(oidc, "", zz, "", ""), "/clients/c", &definition("Client"));
    check(&whole(oidc, "", "", zz, ""), "/clients/c/credentials/f", &definition("Credential"));
    let accept = r#"{"lint": "x", "reason": "y", "zz": 1}"#;
    check(
        &whole(oidc, "", "", "", &format!("\"accept\": [{accept}],")),
        "/accept/0",
        &definition("Acceptance"),
    );
    let keys = oidc.replace("true}", "true, \"zz\": 1}");
    check(&whole(&keys, "", "", "", ""), "/providers/p/keys", &definition("Keys"));

    for preset in Preset::ALL {
        let kind = preset.type_name();
        let settings = match kind {
            "spiffe" => continue,
            "pkcs7" => r#""type": "pkcs7", "profile": "amazon_ec2""#.to_owned(),
            other => format!(r#""type": "{other}""#),
        };
        let document = whole(&format!("{settings}{zz}"), "", "", "", "");
        check(&document, "/providers/p", &provider(kind));
    }
    // One type has the members of two.
    let spiffe = |way: &str| {
        let settings = format!(r#""type": "spiffe", "trust_domain": "t", {way}{zz}"#);
        of_reader(&whole(&settings, "", "", "", ""), "/providers/p")
    };
    let both: BTreeSet<String> =
        spiffe(r#""roots": []"#).union(&spiffe(r#""keys": {}"#)).cloned().collect();
    assert_eq!(both, of_schema(&provider("spiffe")));
    // `generic` is another name of `oidc`.
    assert_eq!(of_schema(&provider("generic")), of_schema(&provider("oidc")));

    let structured: BTreeSet<String> = Preset::ALL
        .iter()
        .flat_map(|preset| match_fields(*preset).iter().map(|field| field.name.to_owned()))
        .collect();
    assert_eq!(structured, of_schema(&definition("Match")));
}

#[test]
fn the_schema_of_tests_knows_what_the_reader_of_tests_knows() {
    let whole = |test: &str, given: &str, expect: &str| {
        format!(
            r#"{{"version": 1, "issuer": "https://sts.example.com",
            "providers": {{"p": {{"type": "oidc", "issuer": "https://idp.example.com", "audiences": ["x"],
            "keys": {{"discovery": true}}}}}}, "resources": {{"a": {{"scopes": ["s"]}}}},
            "clients": {{"c": {{"scopes": {{"a": ["s"]}}, "credentials": {{"f":
            {{"provider": "p", "match": {{"subject": "x"}}}}}}}}}},
            "tests": [{{"name": "n", "credential": "c/f", "at": 1800000000, "given": {{{given}}},
            "expect": {{{expect}}} {test}}}]}}"#
        )
    };
    let check = |document: &str, pointer: &str, name: &str| {
        assert_eq!(of_reader(document, pointer), of_schema(&definition(name)), "{pointer}");
    };
    let (claims, accept) = (r#""claims": {}"#, r#""accept": {}"#);
    check(&whole(r#", "zz": 1"#, claims, accept), "/tests/0", "Test");
    let expect = format!("{accept}, \"zz\": 1");
    check(&whole("", claims, &expect), "/tests/0/expect", "Expectation");
    let accepted = r#""accept": {"zz": 1}"#;
    check(&whole("", claims, accepted), "/tests/0/expect/accept", "Accepted");
    // Two ways to give a proof have a member each of their own.
    let given =
        |way: &str| of_reader(&whole("", &format!("{way}, \"zz\": 1"), accept), "/tests/0/given");
    let all: BTreeSet<String> = given(claims).union(&given(r#""document": {}"#)).cloned().collect();
    assert_eq!(all, of_schema(&definition("Given")));
}

/// The schema for a text: a configuration, a policy, or neither, as a part of one is.
fn schema_for(value: &Value) -> Option<&'static str> {
    let policy = value.get("policy").and_then(Value::as_object);
    if policy
        .is_some_and(|policy| policy.contains_key("issuer") && !policy.contains_key("providers"))
    {
        None
    } else if value.get("server").is_some() {
        Some("credmint.schema")
    } else if value.get("allowed_issuers").is_some() || value.get("allowed_audiences").is_some() {
        Some("organisation.schema")
    } else if value.get("providers").is_some() {
        Some(if value.get("issuer").is_some() { "policy.schema" } else { "team.schema" })
    } else {
        None
    }
}

/// What is wrong with a YAML text by its schema; `None` when there is no schema for it.
fn complaints(text: &str) -> Option<Vec<String>> {
    let value: Value = serde_saphyr::from_str(text).ok()?;
    let validator = jsonschema::validator_for(&published(schema_for(&value)?)).expect("a schema");
    let complain =
        |error: jsonschema::ValidationError<'_>| format!("{}: {error}", error.instance_path());
    Some(validator.iter_errors(&value).map(complain).collect())
}

fn files(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() && !path.ends_with("node_modules") {
            files(&path, ending, found);
        } else if path.extension().is_some_and(|own| own == ending) {
            found.push(path);
        }
    }
}

#[test]
fn every_example_is_valid_and_names_its_schema() {
    let mut paths = Vec::new();
    files(&root().join("examples"), "yaml", &mut paths);
    let mut checked = 0;
    for path in paths {
        let text = fs::read_to_string(&path).expect("text");
        let Some(complaints) = complaints(&text) else { continue };
        assert_eq!(complaints, Vec::<String>::new(), "{}", path.display());
        let names = text.lines().next().is_some_and(|line| {
            line.strip_prefix("# yaml-language-server: $schema=")
                .is_some_and(|schema| path.parent().expect("a folder").join(schema.trim()).exists())
        });
        assert!(names, "{}: the first line names no schema that is there", path.display());
        checked += 1;
    }
    assert!(checked >= 4, "{checked} examples");
}

#[test]
fn every_policy_in_the_documents_is_valid() {
    let mut paths = Vec::new();
    files(&root().join("docs"), "md", &mut paths);
    let mut checked = 0;
    for path in paths {
        let text = fs::read_to_string(&path).expect("text");
        for block in text.split("```yaml\n").skip(1) {
            let block = block.split("```").next().unwrap_or_default();
            let Some(complaints) = complaints(block) else { continue };
            assert_eq!(complaints, Vec::<String>::new(), "{}: {block}", path.display());
            checked += 1;
        }
    }
    assert!(checked >= 2, "{checked} policies");
}

/// A schema that takes everything would pass the tests above.
#[test]
fn what_is_wrong_is_told() {
    let good =
        "version: 1\nissuer: https://sts.example.com\nproviders: {}\nresources: {}\nclients: {}\n";
    assert_eq!(complaints(good), Some(Vec::new()));
    for (from, to) in [
        ("version: 1", "version: 2"),
        ("version: 1\n", ""),
        ("providers: {}", "providers: { p: { type: oidc } }"),
        ("providers: {}", "providers: { p: { type: other } }"),
        ("providers: {}", "providers: { p: { type: pca, roots: [{ fil: x }] } }"),
        ("clients: {}", "clients: { c: { scopes: {}, credentials: { f: { provider: 7 } } } }"),
        (
            "clients: {}",
            "clients: { c: { scopes: {}, credentials: { f: { provider: p, zz: 7 } } } }",
        ),
        ("resources: {}", "resources: { a: { scopes: [] } }"),
        ("resources: {}", "resources: { a: { scopes: [x], token_lifetime: 1h } }"),
        ("issuer:", "isuer:"),
    ] {
        let text = good.replacen(from, to, 1);
        let found = complaints(&text).or_else(|| complaints(&format!("{text}server: {{}}\n")));
        assert!(found.is_some_and(|found| !found.is_empty()), "{to}");
    }
}
