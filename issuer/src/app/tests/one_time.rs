//! One request, one time: it is decided, consumed, recorded and minted at the same second, while the clock runs on.

use super::*;
use crate::BoxFuture;
use crate::keys::{PublicJwk, SignError, Signer, SigningAlgorithm, SigningKeys};
use crate::store::{Store, StoreError};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use bytes::Bytes;
use credmint_core::exchange::Rehearsal;
use credmint_core::policy::TrustPolicy;
use credmint_core::{
    ACCESS_TOKEN_TYPE, Fulfilling, Obligation, Recorded, ReplayStore, RequestForm, ScopeRequest,
    TOKEN_EXCHANGE_GRANT, X509_JWT_BEARER,
};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use serde_json::Value;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

const NOW: UnixTime = UnixTime::from_seconds(1_795_521_600);
/// Seconds from one reading of the clock to the next: more than the 30 by which clocks may differ.
const STEP: i64 = 60;

/// The service and what can be seen of it from inside.
struct Watched {
    service: Router,
    consumed: Arc<Mutex<Vec<UnixTime>>>,
    directory: TempDir,
}

/// The real store, with the times at which it was asked.
struct WatchedStore {
    store: DatabaseStore,
    consumed: Arc<Mutex<Vec<UnixTime>>>,
}

impl ReplayStore for WatchedStore {
    fn fulfil<'a>(&'a self, obligations: &'a [Obligation], now: UnixTime) -> Fulfilling<'a> {
        if !obligations.is_empty() {
            self.consumed.lock().unwrap().push(now);
        }
        self.store.fulfil(obligations, now)
    }
}

impl Store for WatchedStore {
    fn check(&self) -> BoxFuture<'_, Result<(), Arc<StoreError>>> {
        self.store.check()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.store.close()
    }
}

impl Watched {
    /// The service over a policy with this provider and this condition; the provider publishes `jwks`.
    async fn start(provider: &str, condition: &str, jwks: String) -> Self {
        let keys = SigningKeys::fresh(SigningAlgorithm::Es256);
        Self::signing(keys, provider, condition, jwks).await
    }

    /// The same with these signing keys.
    async fn signing(keys: SigningKeys, provider: &str, condition: &str, jwks: String) -> Self {
        let directory = TempDir::new().unwrap();
        let policy = policy(provider, condition);
        let readings = AtomicI64::new(0);
        let clock = Arc::new(move || NOW.plus(STEP * readings.fetch_add(1, Ordering::SeqCst)));
        let consumed = Arc::default();
        let store = store(directory.path(), Arc::new(|| NOW)).await;
        let store = WatchedStore { store, consumed: Arc::clone(&consumed) };
        let audit = AuditConfig::at(AuditPlace::File(directory.path().join("audit.jsonl")));
        let publisher = Answering(move |_: &str| Ok(Bytes::from(jwks.clone())));
        let service =
            service::start(policy, Box::new(publisher), clock, Arc::new(store), &audit, keys);
        Self { service, consumed, directory }
    }

    /// The answer to a form, and the record of it.
    async fn ask(&self, kind: &str, assertion: &str, more: &[(&str, &str)]) -> (u16, Value, Value) {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", "known"),
            ("client_assertion_type", kind),
            ("application_federated_credential_name", "main"),
            ("client_assertion", assertion),
            ("scope", "api|read"),
        ];
        self.send(&[&form[..], more].concat()).await
    }

    /// The answer to these parameters, and the record of it.
    async fn send(&self, parameters: &[(&str, &str)]) -> (u16, Value, Value) {
        let form =
            form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        let (status, _, body) =
            post(&self.service, "/oauth2/token", &[FORM], form.as_bytes()).await;
        let audit = std::fs::read_to_string(self.directory.path().join("audit.jsonl")).unwrap();
        let record = serde_json::from_str(audit.lines().last().unwrap()).unwrap();
        (status, serde_json::from_str(&body).unwrap(), record)
    }
}

fn policy(provider: &str, condition: &str) -> Arc<TrustPolicy> {
    service::policy(&format!(
        r#"{{
          "version": 1,
          "issuer": "https://sts.example.com/oauth2",
          "providers": {{ "idp": {provider} }},
          "resources": {{ "api": {{ "scopes": ["read"] }} }},
          "clients": {{ "known": {{ "scopes": {{ "api": ["read"] }}, "may_exchange": ["api"], "credentials": {{
            "main": {{ "provider": "idp", "condition": "{condition}" }} }} }} }}
        }}"#
    ))
}

/// The time of an audit record.
fn time_of(record: &Value) -> UnixTime {
    UnixTime::from_rfc3339(record["time"].as_str().unwrap()).unwrap()
}

/// The claims of the access token in an answer.
fn token(answer: &Value) -> Value {
    let payload = answer["access_token"].as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&base64::decode_url(payload.as_bytes()).unwrap()).unwrap()
}

/// A certificate of a new private CA for `machine`, the root's PEM, and an assertion signed with its key.
fn certified() -> (String, String, String) {
    let mut root = CertificateParams::new([]).unwrap();
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    root.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let root = CertifiedIssuer::self_signed(root, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let mut leaf = CertificateParams::new([]).unwrap();
    leaf.distinguished_name.push(DnType::CommonName, "machine");
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let leaf = leaf.signed_by(&key, &root).unwrap().pem();
    let claims = serde_json::json!({
        "iss": "known", "sub": "known", "aud": "https://sts.example.com/oauth2/token",
        "jti": "0123456789abcdef", "iat": NOW.seconds(), "exp": NOW.plus(600).seconds(),
    });
    let input = [r#"{"alg":"ES256","typ":"JWT"}"#.to_owned(), claims.to_string()]
        .map(|part| base64::encode_url(part.as_bytes()))
        .join(".");
    let pair =
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &key.serialize_der()).unwrap();
    let signature = pair.sign(&SystemRandom::new(), input.as_bytes()).unwrap();
    (root.pem(), leaf, format!("{input}.{}", base64::encode_url(signature.as_ref())))
}

#[tokio::test]
async fn a_proof_is_consumed_recorded_and_exchanged_when_it_is_judged() {
    let (root, leaf, assertion) = certified();
    let provider = serde_json::json!({ "type": "pca", "roots": [root] }).to_string();
    let issuer = Watched::start(&provider, "cert.subject.CN == 'machine'", String::new()).await;
    let ask = async || issuer.ask(X509_JWT_BEARER, &assertion, &[("client_x509", &leaf)]).await;

    let (status, answer, record) = ask().await;
    assert_eq!(status, 200, "{answer} {record}");
    let (claims, judged) = (token(&answer), time_of(&record));
    assert_eq!(claims["iat"], judged.seconds());
    assert_eq!(claims["exp"], judged.seconds() + answer["expires_in"].as_i64().unwrap());
    assert_eq!(claims["exp"], answer["expires_at"]);

    let (status, _, record) = ask().await;
    assert_eq!((status, &record["code"]), (401, &Value::from("proof_replayed")));
    let judged_again = time_of(&record);
    assert!(judged_again > judged);
    assert_eq!(*issuer.consumed.lock().unwrap(), [judged, judged_again]);
}

/// A key that can fail.
struct Failing {
    signer: Arc<dyn Signer>,
    fails: AtomicBool,
}

impl Signer for Failing {
    fn public(&self) -> &PublicJwk {
        self.signer.public()
    }

    fn signature(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        match self.fails.load(Ordering::SeqCst) {
            true => Err(SignError),
            false => self.signer.signature(message),
        }
    }

    fn waits(&self) -> bool {
        true
    }
}

#[tokio::test]
async fn a_key_that_fails_uses_no_proof_up() {
    let (root, leaf, assertion) = certified();
    let provider = serde_json::json!({ "type": "pca", "roots": [root] }).to_string();
    let signer = SigningKeys::fresh(SigningAlgorithm::EdDsa).current();
    let key = Arc::new(Failing { signer, fails: AtomicBool::new(true) });
    let keys = SigningKeys::of(key.clone());
    let condition = "cert.subject.CN == 'machine'";
    let issuer = Watched::signing(keys, &provider, condition, String::new()).await;
    let ask = async || issuer.ask(X509_JWT_BEARER, &assertion, &[("client_x509", &leaf)]).await;
    let (status, answer, record) = ask().await;
    assert_eq!((status, &record["code"]), (503, &Value::from("signing_unavailable")), "{answer}");
    assert_eq!(*issuer.consumed.lock().unwrap(), []);
    key.fails.store(false, Ordering::SeqCst);
    assert_eq!(ask().await.0, 200);
    // What was signed for a proof that cannot be consumed again stays here.
    let (status, answer, _) = ask().await;
    assert_eq!((status, answer.get("access_token")), (401, None));
}

#[tokio::test]
async fn after_a_wait_for_keys_the_last_time_counts() {
    let provider = r#"{ "type": "oidc", "issuer": "https://idp.example.com", "audiences": ["x"],
        "keys": { "jwks_uri": "https://idp.example.com/keys" } }"#;
    let condition = "jwt.claims.sub == 's'";
    let keys = SigningKeys::fresh(SigningAlgorithm::Es256);
    let check = async |exp: UnixTime, expect: Result<(), &str>| {
        let claims = json::Object::from_iter([
            ("iss", json::Value::from("https://idp.example.com")),
            ("aud", "x".into()),
            ("sub", "s".into()),
            ("iat", NOW.seconds().into()),
            ("exp", exp.seconds().into()),
        ]);
        let proof = keys.current().sign("JWT", &claims).unwrap();
        let issuer = Watched::start(provider, condition, keys.jwks().to_string()).await;
        let (_, answer, record) = issuer.ask(ID_TOKEN_BEARER, &proof, &[]).await;
        let judged = time_of(&record);
        match expect {
            Ok(()) => assert_eq!(token(&answer)["iat"], judged.seconds()),
            Err(code) => assert_eq!(record["code"], code),
        }
        // Whoever judges the record again comes to the same; before the wait all was well.
        let given = json::parse(record["given"].to_string().as_bytes()).unwrap();
        let again = |at: UnixTime| {
            let rehearsal = Rehearsal {
                form: RequestForm::Idaas,
                client_id: Some("known".to_owned()),
                credential: Some("main".to_owned()),
                given: Recorded::from_json(&given).unwrap(),
                scope: ScopeRequest::parse("api|read").unwrap(),
                at,
            };
            let (judged, _) = rehearsal.judge(&policy(provider, condition));
            judged.map(|_| ()).map_err(|refusal| refusal.code().as_str())
        };
        assert_eq!(again(judged), expect);
        assert_eq!(again(NOW.plus(STEP)), Ok(()));
        assert!(judged > NOW.plus(STEP), "{record}");
    };
    check(NOW.plus(10 * STEP), Ok(())).await;
    check(NOW.plus(STEP), Err("expired")).await;
}

/// An access token is exchanged for a narrower one by the keys that the issuer publishes; what is recorded is its name.
#[tokio::test]
async fn an_exchanged_token_is_recorded_by_its_name() {
    let keys = SigningKeys::fresh(SigningAlgorithm::Es256);
    let provider = format!(
        r#"{{ "type": "oidc", "issuer": "https://idp.example.com", "audiences": ["x"],
            "keys": {{ "jwks": {} }} }}"#,
        keys.jwks()
    );
    let claims = json::Object::from_iter([
        ("iss", json::Value::from("https://idp.example.com")),
        ("aud", "x".into()),
        ("sub", "s".into()),
        ("iat", NOW.seconds().into()),
        ("exp", NOW.plus(10 * STEP).seconds().into()),
    ]);
    let proof = keys.current().sign("JWT", &claims).unwrap();
    let issuer = Watched::start(&provider, "jwt.claims.sub == 's'", String::new()).await;
    let (_, first, record) = issuer.ask(ID_TOKEN_BEARER, &proof, &[]).await;
    assert_eq!(record.get("exchanged"), None);
    let exchange = |subject: &str| {
        [
            ("grant_type", TOKEN_EXCHANGE_GRANT.to_owned()),
            ("subject_token", subject.to_owned()),
            ("subject_token_type", ACCESS_TOKEN_TYPE.to_owned()),
        ]
    };
    let send = async |subject: &str| {
        let parameters = exchange(subject);
        let parameters: Vec<_> =
            parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
        issuer.send(&parameters).await
    };
    let subject = first["access_token"].as_str().unwrap();
    let (status, second, record) = send(subject).await;
    assert_eq!(status, 200, "{second} {record}");
    let (before, after) = (token(&first), token(&second));
    for claim in ["sub", "aud", "client_id", "scope", "application_federated_credential_name"] {
        assert_eq!(before[claim], after[claim], "{claim}");
    }
    assert_eq!(before["exp"], after["exp"], "it ends when the first one ends");
    assert_ne!(before["jti"], after["jti"]);
    assert_eq!(record["form"], "token_exchange");
    assert_eq!(record["exchanged"], serde_json::json!({ "jti": before["jti"], "client": "known" }));
    assert_eq!(record["bound"], serde_json::json!({ "client": "known", "credential": "main" }));
    assert_eq!(record["granted"]["jti"], after["jti"]);

    // A client that proves itself beside it is named as the one who uses it.
    let more = [
        ("subject_token", subject),
        ("subject_token_type", ACCESS_TOKEN_TYPE),
        ("grant_type", TOKEN_EXCHANGE_GRANT),
        ("client_id", "known"),
        ("client_assertion_type", ID_TOKEN_BEARER),
        ("application_federated_credential_name", "main"),
        ("client_assertion", proof.as_str()),
        ("scope", "api|read"),
    ];
    let (status, third, record) = issuer.send(&more).await;
    assert_eq!(status, 200, "{third} {record}");
    assert_eq!(token(&third)["act"], serde_json::json!({ "sub": "known" }));
    assert_eq!(token(&third)["exp"], before["exp"]);
    assert_eq!(record["form"], "idaas_exchange");
    assert_eq!(
        (&record["exchanged"]["jti"], &record["granted"]["actor"]),
        (&before["jti"], &"known".into())
    );
    let (status, _, record) = send(third["access_token"].as_str().unwrap()).await;
    assert_eq!((status, &record["code"]), (400, &Value::from("subject_token_exchanged")));
    // Refused, and named: its signature was good.
    assert_eq!(record["exchanged"]["jti"], token(&third)["jti"]);

    // A token of another issuer's key that says the same is nobody's.
    let forged = json::parse_object(before.to_string().as_bytes()).unwrap();
    let forged = keys.current().sign("at+jwt", &forged).unwrap();
    let (status, _, record) = send(&forged).await;
    assert_eq!((status, &record["code"]), (400, &Value::from("key_unknown")));
    assert_eq!(record.get("exchanged"), None);
}
