//! Keys of tests.

use super::set::KnownKey;
use super::software::{SoftwareKey, generate};
use super::*;

impl SigningKeys {
    /// A key that was made for a test and signs at any time.
    pub(crate) fn fresh(algorithm: SigningAlgorithm) -> Self {
        let private = generate(algorithm).unwrap();
        let signer = SoftwareKey::from_pkcs8(&private, algorithm).unwrap();
        Self::of(Arc::new(signer))
    }

    /// This key alone, at any time.
    pub(crate) fn of(signer: Arc<dyn Signer>) -> Self {
        let public = signer.public().clone();
        let beginning = UnixTime::from_seconds(i64::MIN);
        let life = KeyLife {
            kid: public.kid().to_owned(),
            number: 1,
            algorithm: public.algorithm(),
            home: life::KeyHome::Store,
            made: beginning,
            version: 1,
            urgent: false,
            sign_from: Some(beginning),
            sign_until: Some(UnixTime::from_seconds(i64::MAX)),
            started: true,
            retired: None,
            withdrawn: None,
        };
        let algorithm = public.algorithm();
        let key = KnownKey { life, public, signer: Some(signer) };
        let rules = Rules {
            default: algorithm,
            algorithms: BTreeSet::from([algorithm]),
            rotate_every: None,
            publish_before: 900,
            home: life::KeyHome::Store,
        };
        Self::new(KeySet::new(1, vec![key]).unwrap(), &rules, None)
    }

    /// What signs.
    pub(crate) fn current(&self) -> Arc<dyn Signer> {
        self.signer(None, UnixTime::from_seconds(0)).unwrap()
    }
}

mod replicas;
mod rotations;
mod secrecy;

use crate::config::StoreConfig;
use crate::decide::SIGNATURES;
use crate::store::Database;
use credmint_core::jose::UnverifiedJws;
use std::os::unix::fs::PermissionsExt;
use tempfile::TempDir;

const NOW: UnixTime = UnixTime::from_seconds(1_795_521_600);

fn state_directory() -> TempDir {
    let directory = TempDir::new().unwrap();
    std::fs::set_permissions(directory.path(), PermissionsExt::from_mode(0o700)).unwrap();
    directory
}

fn options(folder: &std::path::Path) -> KeyOptions {
    KeyOptions {
        default: SigningAlgorithm::Es256,
        algorithms: BTreeSet::from([SigningAlgorithm::Es256]),
        rotate_every: Some(30 * 86_400),
        publish_before: 900,
        sealing_key: None,
        former_sealing_keys: Vec::new(),
        folder: folder.to_owned(),
    }
}

/// Whether a set takes a token, as verifiers do that read it.
fn verifies(set: &JwkSet, token: &str) -> bool {
    UnverifiedJws::parse(token).unwrap().verify(set, SIGNATURES).is_ok()
}

#[test]
fn tokens_of_each_algorithm_verify_by_the_set_and_say_who_signed() {
    for algorithm in SigningAlgorithm::ALL {
        let keys = SigningKeys::fresh(algorithm);
        let claims = json::Object::from_iter([("sub", "app"), ("aud", "api")]);
        let token = keys.current().sign("at+jwt", &claims).unwrap();
        let (header, rest) = token.split_once('.').unwrap();
        let header = json::parse_object(&base64::decode_url(header.as_bytes()).unwrap()).unwrap();
        let kid = keys.current().public().kid().to_owned();
        let expect = format!(r#"{{"alg":"{algorithm}","kid":"{kid}","typ":"at+jwt"}}"#);
        assert_eq!(header.to_string(), expect);
        let payload = base64::decode_url(rest.split('.').next().unwrap().as_bytes()).unwrap();
        assert_eq!(payload, br#"{"aud":"api","sub":"app"}"#);
        assert!(verifies(&keys.verifying(), &token), "{algorithm}");
        assert!(!verifies(&SigningKeys::fresh(algorithm).verifying(), &token), "{algorithm}");
        let other = token.replace(&base64::encode_url(&payload), "e30");
        assert!(!verifies(&keys.verifying(), &other), "{algorithm}");
    }
}

#[tokio::test]
async fn a_policy_is_taken_when_its_algorithms_sign_and_its_lifetimes_are_stored() {
    let folder = state_directory();
    let database = Database::open(&StoreConfig::default(), folder.path()).await.unwrap();
    let es256 = options(folder.path());
    drop(KeyKeeper::open(database.clone(), &es256, 3600, NOW).await.unwrap());
    // Another algorithm comes later: its key is published before it signs.
    let both = KeyOptions {
        algorithms: BTreeSet::from([SigningAlgorithm::Es256, SigningAlgorithm::EdDsa]),
        ..es256
    };
    let keeper = KeyKeeper::open(database.clone(), &both, 3600, NOW.plus(1000)).await.unwrap();
    let policy = |algorithm: &str, lifetime: &str| {
        crate::tests::service::policy(&format!(
            r#"{{"version":1,"issuer":"https://sts.example.com/oauth2","token_lifetime":"{lifetime}",
                "providers":{{}},"clients":{{}},
                "resources":{{"api":{{"scopes":["read"],"signing_algorithm":"{algorithm}"}}}}}}"#
        ))
    };
    let keys = keeper.keys();
    let now = NOW.plus(1001);
    let error = keys.prepare_for(&policy("PS256", "3600s"), now).await.unwrap_err();
    assert!(matches!(error, KeyError::NotConfigured { name: "PS256", .. }), "{error}");
    let error = keys.prepare_for(&policy("EdDSA", "3600s"), now).await.unwrap_err();
    assert!(matches!(error, KeyError::NotYet { .. }), "{error}");
    keys.prepare_for(&policy("EdDSA", "7200s"), now.plus(2000)).await.unwrap();
    keys.prepare_for(&policy("ES256", "600s"), now).await.unwrap();
    let stored = KeyStore::open(database, &both).unwrap().list(now).await.unwrap();
    assert_eq!(stored.longest, 7200);
}
