//! Fetches: how many, for whom, and what a caller who hangs up can make happen.

use super::*;
use crate::BoxFuture;
use crate::fetch::{FetchError, Kind};
use bytes::Bytes;
use credmint_core::{base64, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::Semaphore;

const NOW: UnixTime = UnixTime::from_seconds(1_795_521_600);
const POLICY: &str = r#"{
  "version": 1,
  "issuer": "https://sts.example.com",
  "providers": {
    "a": { "type": "oidc", "issuer": "https://a.example.com", "audiences": ["x"],
           "keys": { "jwks_uri": "https://a.example.com/keys" } },
    "b": { "type": "oidc", "issuer": "https://b.example.com", "audiences": ["x"],
           "keys": { "jwks_uri": "https://b.example.com/keys" } }
  },
  "resources": { "api": { "scopes": ["read"] } },
  "clients": {
    "client": {
      "scopes": { "api": ["read"] },
      "credentials": {
        "a": { "provider": "a", "scopes": { "api": ["read"] }, "condition": "jwt.claims.sub == 's'" },
        "b": { "provider": "b", "scopes": { "api": ["read"] }, "condition": "jwt.claims.sub == 's'" }
      }
    }
  }
}"#;

/// Counts the requests to each issuer, and fails when it is let go on.
#[derive(Clone)]
struct Source {
    asked: Arc<[AtomicUsize; 2]>,
    go_on: Arc<Semaphore>,
}

impl Fetch for Source {
    fn get<'a>(
        &'a self,
        url: &'a str,
        _: usize,
        _: Kind,
    ) -> BoxFuture<'a, Result<Bytes, FetchError>> {
        Box::pin(async move {
            let which = usize::from(url.starts_with("https://b."));
            self.asked[which].fetch_add(1, Ordering::SeqCst);
            self.go_on.acquire().await.unwrap().forget();
            Err(FetchError::Status { status: 500 })
        })
    }
}

impl Source {
    fn asked(&self) -> [usize; 2] {
        [0, 1].map(|which| self.asked[which].load(Ordering::SeqCst))
    }

    async fn until_asked(&self) {
        while self.asked() == [0, 0] {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

fn decider() -> (Arc<Decider>, Source) {
    decider_of(POLICY)
}

fn decider_of(document: &str) -> (Arc<Decider>, Source) {
    let document = json::parse_with(document.as_bytes(), json::Limits::DOCUMENT).unwrap();
    let policy = Arc::new(TrustPolicy::from_document(&document).unwrap());
    let source = Source { asked: Arc::default(), go_on: Arc::new(Semaphore::new(0)) };
    let decider = Decider::new(policy, Box::new(source.clone()), Arc::new(|| NOW));
    (Arc::new(decider), source)
}

fn request(credential: &str) -> Arc<Presented> {
    let header = base64::encode_url(br#"{"alg":"ES256","kid":"k"}"#);
    let token = format!("{header}.e30.AAAA");
    let parameters = [
        ("grant_type", "client_credentials"),
        ("client_id", "client"),
        ("client_assertion_type", credmint_core::ID_TOKEN_BEARER),
        ("application_federated_credential_name", credential),
        ("client_assertion", &token),
        ("scope", "api|read"),
    ];
    Arc::new(Presented::from_parameters(parameters).unwrap())
}

fn decide(decider: &Arc<Decider>, credential: &str) -> tokio::task::JoinHandle<Code> {
    let (decider, request) = (Arc::clone(decider), request(credential));
    tokio::spawn(async move { decider.decide(&request).await.unwrap_err().code() })
}

#[tokio::test]
async fn o09_a_caller_who_hangs_up_starts_no_second_fetch() {
    let (decider, source) = decider();
    for _ in 0..3 {
        let request = decide(&decider, "a");
        source.until_asked().await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        request.abort();
        assert!(request.await.unwrap_err().is_cancelled());
    }
    source.go_on.add_permits(1);
    assert_eq!(decide(&decider, "a").await.unwrap(), Code::KeysUnavailable);
    assert_eq!(source.asked(), [1, 0]);
}

#[tokio::test]
async fn many_requests_wait_for_one_fetch() {
    let (decider, source) = decider();
    let requests: Vec<_> = (0..50).map(|_| decide(&decider, "a")).collect();
    source.until_asked().await;
    source.go_on.add_permits(1);
    for request in requests {
        assert_eq!(request.await.unwrap(), Code::KeysUnavailable);
    }
    assert_eq!(source.asked(), [1, 0]);
}

/// What happens to other issuers is no reason to look again.
#[tokio::test]
async fn the_fetches_of_other_issuers_cost_no_round() {
    let (decider, source) = decider();
    let seen = decider.keys.ring.load_full();
    source.go_on.add_permits(2);
    assert_eq!(decide(&decider, "b").await.unwrap(), Code::KeysUnavailable);
    let wanted = credmint_core::Source::KeySet {
        issuer: "https://a.example.com".to_owned(),
        url: "https://a.example.com/keys".to_owned(),
    };
    Keys::bring(&decider.keys, wanted, &seen).await.unwrap();
    assert_eq!(source.asked(), [1, 1]);
}

/// A source of the list of an authority that nobody registered; what counts is how often it is asked.
#[tokio::test]
async fn x28_each_list_is_fetched_once_for_all_and_at_the_same_time() {
    let pki = |which: &str| format!("https://{which}.example.com/list.crl");
    let root = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new([]).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let root = params.self_signed(&root).unwrap().pem();
    let document = POLICY.replacen(
        "\"providers\": {",
        &format!(
            r#""providers": {{ "pca": {{ "type": "pca", "roots": [{root:?}],
            "crls": [{{ "url": "{}" }}, {{ "url": "{}" }}] }},"#,
            pki("a"),
            pki("b")
        ),
        1,
    );
    let (decider, source) = decider_of(&document);
    let bring = || {
        let keys = Arc::clone(&decider.keys);
        tokio::spawn(async move {
            let seen = KeyRing::default();
            let urls = vec![pki("a"), pki("b")];
            let wanted = credmint_core::Source::Crls { urls };
            Keys::bring(&keys, wanted, &seen).await.unwrap();
        })
    };
    let requests: Vec<_> = (0..10).map(|_| bring()).collect();
    // Both are asked before either has answered.
    while source.asked() != [1, 1] {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    source.go_on.add_permits(2);
    for request in requests {
        request.await.unwrap();
    }
    assert_eq!(source.asked(), [1, 1]);
    // The failures are known, and nothing is wanted for a while.
    let urls = [pki("a"), pki("b")];
    let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
    assert_eq!(decider.keys.ring.load().crls(&urls, NOW), Ok(vec![None, None]));
    // An address that no policy names is nobody's.
    let foreign = credmint_core::Source::Crls { urls: vec![pki("c")] };
    let refusal = Keys::bring(&decider.keys, foreign, &KeyRing::default()).await.unwrap_err();
    assert_eq!(refusal.code(), Code::InternalError);
}
