//! The order of checks, as docs/architecture.md has it: a request that is wrong everywhere is refused for its first
//! fault; when that is corrected, for the next; and so on, until it is accepted.

use credmint_core::{ID_TOKEN_BEARER, PKCS7_BEARER, X509_JWT_BEARER};
use credmint_tests::commands;
use credmint_tests::fixtures::cloud_signer::CloudSigner;
use credmint_tests::fixtures::instance::{AudienceForm, EcsInstance};
use credmint_tests::fixtures::jwt;
use credmint_tests::fixtures::key::TestKey;
use credmint_tests::fixtures::private_ca::PrivateCa;
use serde_json::{Value, json};

/// 2026-11-24T12:00:00Z.
const NOW: i64 = 1_795_521_600;
const ISSUER: &str = "https://sts.example.com/oauth2";
const OUTSIDE: &str = "https://idp.example.com";

/// A fault, and the code that it is refused with.
type Fault = (&'static str, &'static str);

/// Whether a fault is still there.
type Has<'a> = &'a dyn Fn(&str) -> bool;

/// Checks a ladder of faults. `request` makes the request that has them.
fn check(faults: &[Fault], request: impl Fn(Has<'_>) -> Value) {
    for corrected in 0..=faults.len() {
        let left = &faults[corrected..];
        let has = |name: &str| left.iter().any(|(fault, _)| *fault == name);
        let request = request(&has);
        let answer = commands::answers("proof", std::slice::from_ref(&request)).unwrap().remove(0);
        let expect = left.first().map_or("accept", |(_, code)| *code);
        let found = answer["code"].as_str().or(answer["verdict"].as_str()).unwrap();
        assert_eq!(found, expect, "with {left:?}: {answer}\n{request}");
    }
}

/// A request by a policy with this provider, whose credential asks for one more thing than good proofs have.
fn request(has: Has<'_>, provider: &Value, condition: &str, kind: &str, proof: Value) -> Value {
    let mut form = json!({
        "grant_type": "client_credentials",
        "client_id": if has("unknown client") { "nobody" } else { "app_1" },
        "application_federated_credential_name": "main",
        "client_assertion_type": kind,
        "scope": match (has("malformed scope"), has("scope that is not granted")) {
            (true, _) => "read",
            (false, true) => "api.example.com|write",
            (false, false) => "api.example.com|read",
        },
    });
    form.as_object_mut().unwrap().extend(proof.as_object().unwrap().clone());
    let condition = match has("false condition") {
        true => format!("{condition} && client.clientId == 'app_2'"),
        false => condition.to_owned(),
    };
    let mapping = match has("mapping of nothing") {
        true => json!({ "client.activeSubjectUrn": "Append('urn:', jwt.claims.nothing)" }),
        false => json!({}),
    };
    json!({
        "id": 0,
        "now": NOW,
        "form": form,
        "policy": {
            "version": 1,
            "issuer": ISSUER,
            "providers": { "p": provider },
            "resources": { "api.example.com": { "scopes": ["read", "write"] } },
            "clients": { "app_1": {
                "scopes": { "api.example.com": ["read"] },
                "credentials": { "main": {
                    "provider": "p", "condition": condition, "attributes": mapping,
                } },
            } },
        },
    })
}

/// A token whose header and payload have the faults that are left, signed last.
fn token(has: Has<'_>, key: &TestKey, header: Value, claims: Value, other: &str) -> String {
    let (mut header, mut claims) = (header, claims);
    let own = key.algorithm();
    header["alg"] = json!(match () {
        () if has("algorithm that is not offered") => "HS256",
        () if has("algorithm that is not the key's") => other,
        () => own,
    });
    for (fault, member, value) in [
        ("critical header", "crit", json!(["exp"])),
        ("unknown key", "kid", json!("unknown")),
        ("wrong type", "typ", json!("at+jwt")),
        ("another certificate named", "x5t#S256", json!("AAAA")),
    ] {
        if has(fault) {
            header[member] = value;
        }
    }
    for (fault, member, value) in [
        ("bound token", "cnf", json!({ "jkt": "x" })),
        ("malformed claim", "nbf", json!("soon")),
        ("wrong issuer", "iss", json!("https://other.example.com")),
        ("wrong subject", "sub", json!("app_2")),
        ("wrong audience", "aud", json!("https://other.example.com")),
        ("expired", "iat", json!(NOW - 900)),
        ("expired", "exp", json!(NOW - 600)),
        ("no jti", "jti", Value::Null),
        ("another tenant", "tenant", json!("other")),
    ] {
        if has(fault) {
            claims[member] = value;
        }
    }
    if claims["jti"].is_null() {
        claims.as_object_mut().unwrap().remove("jti");
    }
    let payload = match has("member that is there twice") {
        true => claims.to_string().replacen('{', "{\"a\":1,\"a\":2,", 1),
        false => claims.to_string(),
    };
    let token = jwt::sign_text(key, own, &header.to_string(), &payload);
    if !has("wrong signature") {
        return token;
    }
    let elsewhere = jwt::sign_text(key, own, &header.to_string(), "{}");
    let (signed, signature) =
        (token.rsplit_once('.').unwrap().0, elsewhere.rsplit_once('.').unwrap().1);
    format!("{signed}.{signature}")
}

#[test]
fn of_an_oidc_proof() {
    let key = TestKey::rsa();
    let faults: &[Fault] = &[
        ("malformed scope", "scope_malformed"),
        ("critical header", "jws_critical"),
        ("unknown client", "client_unknown"),
        // Before the key lookup: no key could verify it, so nothing is fetched for it.
        ("algorithm that is not offered", "unsupported_algorithm"),
        ("unknown key", "key_unknown"),
        ("algorithm that is not the key's", "algorithm_not_allowed"),
        ("wrong signature", "jws_signature_invalid"),
        // The payload is read after the signature.
        ("member that is there twice", "json_duplicate_member"),
        ("bound token", "token_bound"),
        ("malformed claim", "claims_malformed"),
        ("wrong type", "type_wrong"),
        ("wrong issuer", "issuer_wrong"),
        ("wrong audience", "audience_wrong"),
        ("expired", "expired"),
        ("another tenant", "trust_condition_false"),
        ("false condition", "verification_condition_false"),
        ("mapping of nothing", "mapping_error"),
        ("scope that is not granted", "scope_not_granted"),
    ];
    check(faults, |has| {
        let provider = json!({
            "type": "oidc", "issuer": OUTSIDE, "audiences": [ISSUER], "keys": { "discovery": true },
            "trust_condition": "jwt.claims.tenant == 'ours'",
        });
        let header = json!({ "kid": "a", "typ": "JWT" });
        let claims = json!({
            "iss": OUTSIDE, "sub": "me", "aud": ISSUER, "iat": NOW, "exp": NOW + 300, "tenant": "ours",
            "jti": "j",
        });
        let token = token(has, &key, header, claims, "PS256");
        let proof = json!({ "client_assertion": token });
        let mut request = request(has, &provider, "jwt.claims.sub == 'me'", ID_TOKEN_BEARER, proof);
        request["keys"] = json!({ OUTSIDE: { "keys": [key.jwk("a")] } });
        request
    });
}

#[test]
fn of_an_assertion_of_a_private_ca() {
    let ca = PrivateCa::new("Plant");
    let (client, foreign) = (ca.client("machine"), ca.impostor());
    let faults: &[Fault] = &[
        ("malformed scope", "scope_malformed"),
        ("critical header", "jws_critical"),
        ("malformed certificate", "certificate_malformed"),
        ("unknown client", "client_unknown"),
        ("foreign root", "path_signature_invalid"),
        // The leaf has its key with it, so nothing would be fetched for it: the path comes first.
        ("algorithm that is not offered", "unsupported_algorithm"),
        ("algorithm that is not the key's", "algorithm_not_allowed"),
        ("wrong signature", "jws_signature_invalid"),
        ("another certificate named", "assertion_certificate"),
        ("member that is there twice", "json_duplicate_member"),
        ("malformed claim", "claims_malformed"),
        ("wrong type", "type_wrong"),
        ("wrong issuer", "issuer_wrong"),
        ("wrong subject", "subject_wrong"),
        ("wrong audience", "audience_wrong"),
        ("expired", "expired"),
        ("no jti", "jti_missing"),
        ("false condition", "verification_condition_false"),
        ("scope that is not granted", "scope_not_granted"),
    ];
    let pca = |has: Has<'_>| {
        let root = if has("foreign root") { foreign.root_pem() } else { ca.root_pem() };
        let provider = json!({ "type": "pca", "roots": [{ "pem": root }] });
        let claims = json!({
            "iss": "app_1", "sub": "app_1", "aud": ISSUER, "iat": NOW, "exp": NOW + 300, "jti": "j",
        });
        let proof = json!({
            "client_assertion": token(has, client.key(), json!({}), claims, "ES384"),
            "client_x509": if has("malformed certificate") { "MAA=".into() } else { client.certificate_pem() },
            "client_x509_chain": ca.intermediate_pem(),
        });
        request(has, &provider, "cert.subject.CN == 'machine'", X509_JWT_BEARER, proof)
    };
    check(faults, pca);

    // What must be used up comes last: a request that is refused for its scope has used up nothing.
    let first = commands::answers("proof", &[pca(&|_| false)]).unwrap().remove(0);
    let used = first["consume"][0]["key"].clone();
    let last =
        [("scope that is not granted", "scope_not_granted"), ("used before", "proof_replayed")];
    check(&last, |has| {
        let mut request = pca(has);
        request["consumed"] = if has("used before") { json!([used]) } else { json!([]) };
        request
    });
}

#[test]
fn of_a_document_of_a_cloud() {
    let signer = CloudSigner::ecs();
    // Another key under the same name and number.
    let impostor = CloudSigner::ecs();
    let other = CloudSigner::ec2("eu-west-1");
    let faults: &[Fault] = &[
        ("malformed scope", "scope_malformed"),
        ("unknown client", "client_unknown"),
        ("unknown signer", "cms_signer_unknown"),
        ("wrong signature", "cms_signature_invalid"),
        ("wrong audience", "document_audience"),
        ("another account", "trust_condition_false"),
        ("stale", "document_stale"),
        ("false condition", "verification_condition_false"),
        ("scope that is not granted", "scope_not_granted"),
    ];
    check(faults, |has| {
        let pinned = if has("unknown signer") { &other } else { &signer };
        let provider = json!({
            "type": "pkcs7", "profile": "alibaba_ecs", "audience": "idaas_7f3c91d0b2",
            "signers": [{ "pem": pinned.certificate_pem() }],
            "trust_condition": "pkcs7.payload.jsonData.'owner-account-id' == '1'",
        });
        let signer = if has("wrong signature") { &impostor } else { &signer };
        let instance = EcsInstance::new(if has("another account") { "2" } else { "1" }, "i-1");
        let audience = json!({
            "aud": if has("wrong audience") { "idaas_other" } else { "idaas_7f3c91d0b2" },
            "signingTime": if has("stale") { NOW - 86_400 } else { NOW },
        });
        let document =
            signer.ecs_document(&instance, Some(&audience.to_string()), AudienceForm::Raw);
        let condition = "pkcs7.payload.jsonData.'instance-id' == 'i-1'";
        let proof = json!({ "client_assertion": document });
        request(has, &provider, condition, PKCS7_BEARER, proof)
    });
}
