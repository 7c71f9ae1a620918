//! Fetches: how many, for whom, and what a caller who hangs up can make happen.

mod over_time;
mod renewed;

use super::*;
use crate::BoxFuture;
use crate::fetch::FetchError;
use crate::tests::service::{self, Answering};
use bytes::Bytes;
use credmint_core::base64;
use credmint_core::keys::{AnswerRefused, Document, HeldCrls};
use credmint_core::limits::{KEYS_REFRESH, KEYS_STALE_MAX};
use std::sync::atomic::AtomicI64;
use std::sync::atomic::{AtomicUsize, Ordering};
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
        _: Document,
    ) -> BoxFuture<'a, Result<Bytes, FetchError>> {
        Box::pin(async move {
            let which = usize::from(url.starts_with("https://b."));
            self.asked[which].fetch_add(1, Ordering::SeqCst);
            self.go_on.acquire().await.unwrap().forget();
            Err(AnswerRefused::Status { status: 500 }.into())
        })
    }
}

impl Source {
    fn asked(&self) -> [usize; 2] {
        [0, 1].map(|which| self.asked[which].load(Ordering::SeqCst))
    }

    async fn until_asked(&self) {
        while self.asked() == [0, 0] {
            tokio::task::yield_now().await;
        }
    }
}

fn decider() -> (Arc<Decider>, Source) {
    decider_of(POLICY)
}

fn decider_of(document: &str) -> (Arc<Decider>, Source) {
    let source = Source { asked: Arc::default(), go_on: Arc::new(Semaphore::new(0)) };
    let decider =
        Decider::new(service::policy(document), Box::new(source.clone()), Arc::new(|| NOW));
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
    tokio::spawn(async move { decider.decide(&request).await.result.unwrap_err().code() })
}

#[tokio::test]
async fn o09_a_caller_who_hangs_up_starts_no_second_fetch() {
    let (decider, source) = decider();
    for _ in 0..3 {
        let request = decide(&decider, "a");
        source.until_asked().await;
        // All that runs is on this thread: whoever else would ask has had its turn after a few of ours.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
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
    let seen = decider.keys.ring();
    source.go_on.add_permits(2);
    assert_eq!(decide(&decider, "b").await.unwrap(), Code::KeysUnavailable);
    let wanted = credmint_core::Source::KeySet {
        issuer: "https://a.example.com".to_owned(),
        url: "https://a.example.com/keys".to_owned(),
    };
    Keys::begin(&decider.keys, &wanted, &seen).await;
    assert_eq!(source.asked(), [1, 1]);
}

/// What was logged on this thread.
#[derive(Clone, Default)]
struct Log(Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn o12_a_secret_in_a_key_set_is_told_once_a_set() {
    const GOOD: &str = r#"{"keys":[{"kty":"EC","kid":"a","crv":"P-256","x":"axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY","y":"T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"}]}"#;
    const LEAKY: &str = r#"{"keys":[{"kty":"EC","kid":"a","crv":"P-256","x":"axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY","y":"T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"},{"kty":"oct","kid":"s","k":"c2VjcmV0"}]}"#;
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone()).finish();
    let _on_this_thread = tracing::subscriber::set_default(subscriber);

    let sets = std::sync::Mutex::new(vec![LEAKY, GOOD, LEAKY, LEAKY, GOOD]);
    let next = move |_: &str| Ok(Bytes::from(sets.lock().unwrap().pop().unwrap()));
    let decider =
        Decider::new(service::policy(POLICY), Box::new(Answering(next)), Arc::new(|| NOW));
    let wanted = credmint_core::Source::KeySet {
        issuer: "https://a.example.com".to_owned(),
        url: "https://a.example.com/keys".to_owned(),
    };
    for told in [0, 1, 1, 1, 2] {
        Keys::begin(&decider.keys, &wanted, &decider.keys.ring()).await;
        let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.matches("is symmetric (oct)").count(), told, "{text}");
        assert_eq!(text.matches("refused").count(), 0, "{text}");
        assert!(!text.contains("c2VjcmV0"), "{text}");
    }
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
            let urls = vec![pki("a"), pki("b")];
            let wanted = credmint_core::Source::Crls { urls };
            Keys::begin(&keys, &wanted, &KeyRing::default()).await;
        })
    };
    let requests: Vec<_> = (0..10).map(|_| bring()).collect();
    // Both are asked before either has answered.
    while source.asked() != [1, 1] {
        tokio::task::yield_now().await;
    }
    source.go_on.add_permits(2);
    for request in requests {
        request.await.unwrap();
    }
    assert_eq!(source.asked(), [1, 1]);
    // The failures are known, and nothing is wanted for a while.
    let urls = [pki("a"), pki("b")];
    let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
    let missing = Some(urls[0].to_owned());
    let expect = Ok(HeldCrls { missing, ..HeldCrls::default() });
    assert_eq!(decider.keys.ring().crls(&urls, NOW), expect);
}

/// Answers with a key set, then never again.
struct ThenHangs(AtomicUsize);

impl Fetch for ThenHangs {
    fn get<'a>(
        &'a self,
        _: &'a str,
        _: usize,
        _: Document,
    ) -> BoxFuture<'a, Result<Bytes, FetchError>> {
        let asked = self.0.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            match asked {
                0 => Ok(Bytes::from_static(GOOD.as_bytes())),
                _ => std::future::pending().await,
            }
        })
    }
}

/// The key of [`request`], though not one that signed it.
const GOOD: &str = r#"{"keys":[{"kty":"EC","kid":"k","crv":"P-256","x":"axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY","y":"T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"}]}"#;

/// The clock of this test is moved by hand, and a request that waited would wait for ever.
#[tokio::test]
async fn j32_a_source_that_hangs_stalls_no_known_key() {
    let now = Arc::new(AtomicI64::new(NOW.seconds()));
    let clock = Arc::clone(&now);
    let clock = Arc::new(move || UnixTime::from_seconds(clock.load(Ordering::SeqCst)));
    let hangs = Box::new(ThenHangs(AtomicUsize::new(0)));
    let decider = Arc::new(Decider::new(service::policy(POLICY), hangs, clock));
    assert_eq!(decide(&decider, "a").await.unwrap(), Code::SignatureMalformed);
    for age in [KEYS_REFRESH, KEYS_REFRESH + 60, KEYS_STALE_MAX - 1] {
        now.store(NOW.seconds() + age, Ordering::SeqCst);
        let requests: Vec<_> = (0..50).map(|_| decide(&decider, "a")).collect();
        for request in requests {
            assert_eq!(request.await.unwrap(), Code::SignatureMalformed);
        }
    }
}

#[tokio::test]
async fn a_fetch_that_panics_is_a_failure() {
    let panics = Box::new(Answering(|_: &str| panic!("a bug")));
    let decider = Arc::new(Decider::new(service::policy(POLICY), panics, Arc::new(|| NOW)));
    assert_eq!(decide(&decider, "a").await.unwrap(), Code::KeysUnavailable);
}
