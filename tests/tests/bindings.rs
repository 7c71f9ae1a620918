//! Ten thousand bindings cost what ten cost, and a policy of them loads, of discoverable ones too.

use credmint_core::expr::Facts;
use credmint_core::json::{self, Limits};
use credmint_core::policy::TrustPolicy;
use credmint_tests::fixtures::policy::{Fixes, bindings, discoverable};
use std::time::{Duration, Instant};

fn policy(n: usize) -> TrustPolicy {
    load(&bindings(n))
}

fn load(text: &str) -> TrustPolicy {
    let document = json::parse_with(text.as_bytes(), Limits::DOCUMENT).expect("JSON");
    TrustPolicy::from_document(&document).expect("it loads")
}

/// The steps that the conditions of the client take for a good proof, and for one of another workload.
fn steps(policy: &TrustPolicy, client: usize) -> (usize, usize) {
    let name = format!("app_{client}");
    let binding = policy.bind_named(&name, "main").expect("a binding");
    let conditions =
        [binding.provider.trust_condition(), binding.credential.condition()].map(Option::unwrap);
    let count = |workload: usize, expect: bool| {
        let claims = format!(
            r#"{{"jwt":{{"claims":{{"sub":"workload-{workload}","tenant":"t{}","env":"staging","ref":"refs/heads/main"}}}}}}"#,
            client / 100
        );
        let facts = Facts::new(json::parse_object(claims.as_bytes()).expect("JSON"));
        let holds = conditions.iter().all(|condition| condition.condition(&facts) == Ok(true));
        assert_eq!(holds, expect, "{claims}");
        conditions.iter().map(|condition| condition.steps(&facts)).sum()
    };
    (count(client, true), count(client + 1, false))
}

#[test]
fn ten_thousand_bindings_take_the_steps_of_ten() {
    let few = policy(10);
    let many = policy(10_000);
    assert_eq!(many.clients().count(), 10_000);
    assert_eq!(many.providers().count(), 100);
    let expect = steps(&few, 7);
    assert!(expect.0 > expect.1, "a proof of another workload ends early");
    for client in [0, 7, 5_000, 9_999] {
        assert_eq!(steps(&many, client), expect, "{client}");
    }
}

/// What loading may take in a build with little optimisation on a machine that does other things as well: comparing every pair
/// takes far longer. The benchmark has the number that counts.
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn ten_thousand_discoverable_credentials_load() {
    for fixes in [Fixes::Subjects, Fixes::SubjectsAndRepositories] {
        let text = discoverable(10_000, fixes);
        let start = Instant::now();
        let policy = load(&text);
        let took = start.elapsed();
        assert!(took < PATIENCE, "{fixes:?}: {took:?}");
        assert_eq!(policy.clients().count(), 10_000);
    }
}
