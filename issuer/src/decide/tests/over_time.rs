//! A source over time, with a clock that is moved by hand: how long a failure, an unknown key and a held set count.

use super::*;
use credmint_core::limits::{FETCH_BACK_OFF, UNKNOWN_KID_COOL_DOWN};
use std::sync::Mutex;

/// A set with the key of [`request`], under another name, and none.
const OTHER: &str = r#"{"keys":[{"kty":"EC","kid":"l","crv":"P-256","x":"axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY","y":"T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"}]}"#;

/// A request whose key was found got as far as its signature, which nobody made.
const FOUND: Code = Code::SignatureMalformed;

/// A decider with its clock and its source.
struct Bench {
    decider: Arc<Decider>,
    now: Arc<AtomicI64>,
    /// What the source publishes; nothing is an answer with status 502.
    published: Arc<Mutex<Option<&'static str>>>,
    asked: Arc<AtomicUsize>,
}

impl Bench {
    fn new() -> Self {
        let now = Arc::new(AtomicI64::new(NOW.seconds()));
        let published = Arc::new(Mutex::new(None));
        let asked = Arc::new(AtomicUsize::new(0));
        let (source, count) = (Arc::clone(&published), Arc::clone(&asked));
        let answer = move |_: &str| {
            count.fetch_add(1, Ordering::SeqCst);
            let body: Option<&'static str> = *source.lock().unwrap();
            body.map(Bytes::from).ok_or_else(|| AnswerRefused::Status { status: 502 }.into())
        };
        let clock = Arc::clone(&now);
        let clock = Arc::new(move || UnixTime::from_seconds(clock.load(Ordering::SeqCst)));
        let decider = Decider::new(service::policy(POLICY), Box::new(Answering(answer)), clock);
        Self { decider: Arc::new(decider), now, published, asked }
    }

    fn publish(&self, set: Option<&'static str>) {
        *self.published.lock().unwrap() = set;
    }

    /// At so many seconds from the start a request gets this code, and the source has been asked so often.
    async fn check(&self, at: i64, expect: Code, asked: usize) {
        self.now.store(NOW.seconds() + at, Ordering::SeqCst);
        assert_eq!(decide(&self.decider, "a").await.unwrap(), expect, "at {at}");
        // A fetch that no request waits for runs on this thread, after a few turns of ours.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert_eq!(self.asked.load(Ordering::SeqCst), asked, "at {at}");
    }
}

#[tokio::test]
async fn a_source_that_recovers_is_asked_after_the_back_off() {
    let bench = Bench::new();
    bench.check(0, Code::KeysUnavailable, 1).await;
    bench.publish(Some(GOOD));
    bench.check(FETCH_BACK_OFF - 1, Code::KeysUnavailable, 1).await;
    bench.check(FETCH_BACK_OFF, FOUND, 2).await;
    // What is held serves on when the source goes down again.
    bench.publish(None);
    let due = FETCH_BACK_OFF + KEYS_REFRESH;
    bench.check(due, FOUND, 3).await;
    bench.check(due + FETCH_BACK_OFF - 1, FOUND, 3).await;
    bench.check(due + FETCH_BACK_OFF, FOUND, 4).await;
    bench.check(FETCH_BACK_OFF + KEYS_STALE_MAX, Code::KeysUnavailable, 5).await;
}

#[tokio::test]
async fn a_key_that_is_new_or_gone_is_noticed() {
    let bench = Bench::new();
    bench.publish(Some(OTHER));
    bench.check(0, Code::KeyUnknown, 1).await;
    // It is there a moment later; unknown names cause no storm of fetches.
    bench.publish(Some(GOOD));
    bench.check(UNKNOWN_KID_COOL_DOWN - 1, Code::KeyUnknown, 1).await;
    bench.check(UNKNOWN_KID_COOL_DOWN, FOUND, 2).await;
    // A key that is withdrawn is forgotten with the next fetch: the request beside which it is made is the last one.
    bench.publish(Some(OTHER));
    let due = UNKNOWN_KID_COOL_DOWN + KEYS_REFRESH;
    bench.check(due, FOUND, 3).await;
    bench.check(due + 1, Code::KeyUnknown, 3).await;
}
