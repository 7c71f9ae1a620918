//! What another policy takes over of the keys of the one before it.

use super::*;

const KEYS: &str = r#"{"keys":[{"kty":"EC","crv":"P-256","kid":"k","x":"axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY","y":"T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"}]}"#;

/// A source that has the same keys at each address, and counts.
fn counting(asked: &Arc<AtomicUsize>) -> Box<dyn Fetch> {
    let asked = Arc::clone(asked);
    Box::new(Answering(move |_: &str| {
        asked.fetch_add(1, Ordering::SeqCst);
        Ok(Bytes::from_static(KEYS.as_bytes()))
    }))
}

#[tokio::test]
async fn k4_keys_are_carried_over_by_issuer_source_and_rules() {
    let asked = Arc::new(AtomicUsize::new(0));
    let before = Decider::new(service::policy(POLICY), counting(&asked), Arc::new(|| NOW));
    before.warm().await;
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    let check = async |from: &str, to: &str, fetched: usize| {
        assert!(POLICY.contains(from), "{from}");
        let already = asked.load(Ordering::SeqCst);
        let policy = service::policy(&POLICY.replacen(from, to, 1));
        let after = before.renewed(policy, counting(&asked));
        after.warm().await;
        assert_eq!(asked.load(Ordering::SeqCst) - already, fetched, "{to}");
        assert!(after.sources().iter().all(|source| source.held.is_some_and(|(_, at)| at == NOW)));
    };
    check("jwt.claims.sub == 's'", "jwt.claims.sub == 't'", 0).await;
    check("a.example.com/keys", "a.example.com/other", 1).await;
    check(r#""issuer": "https://a.example.com""#, r#""issuer": "https://c.example.com""#, 1).await;
    let pinned = r#"a.example.com/keys", "pins": ["cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s"]"#;
    check(r#"a.example.com/keys""#, pinned, 1).await;
}

/// What a policy began to fetch comes to that policy; its requests get it, and no later policy does.
#[tokio::test]
async fn k4_what_was_fetched_for_an_earlier_policy_is_discarded() {
    let (before, source) = decider();
    let request = decide(&before, "a");
    source.until_asked().await;
    let after = before.renewed(service::policy(POLICY), Box::new(source.clone()));
    source.go_on.add_permits(1);
    assert_eq!(request.await.unwrap(), Code::KeysUnavailable);
    let failed = |decider: &Decider| {
        let sources = decider.sources();
        let error = |at: usize| sources[at].last.as_ref().and_then(|last| last.error.clone());
        (error(0), error(1))
    };
    let (error, none) = failed(&before);
    assert!(error.is_some_and(|error| error.contains("500")));
    assert_eq!((none, failed(&after)), (None, (None, None)));
}

/// A source that hangs keeps neither the others nor the end of the start waiting.
#[tokio::test]
async fn a_source_that_hangs_blocks_no_other() {
    let (before, source) = decider();
    let warming = Arc::clone(&before);
    let warming = tokio::spawn(async move { warming.warm().await });
    while source.asked() != [1, 1] {
        tokio::task::yield_now().await;
    }
    assert!(!warming.is_finished());
    warming.abort();
}

/// However often the policy changes, what the earlier ones held goes with their last request.
#[tokio::test]
async fn a_thousand_policies_leave_nothing_behind() {
    let asked = Arc::new(AtomicUsize::new(0));
    let mut decider = Decider::new(service::policy(POLICY), counting(&asked), Arc::new(|| NOW));
    decider.warm().await;
    let mut earlier = Vec::new();
    for _ in 0..1000 {
        earlier.push(Arc::downgrade(&decider.keys));
        decider = decider.renewed(service::policy(POLICY), counting(&asked));
    }
    assert_eq!(earlier.iter().filter(|keys| keys.upgrade().is_some()).count(), 0);
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}
