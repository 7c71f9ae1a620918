//! The forge's keys: fetched, gone, changed, wrong. What the issuer does when it asks again is in `decide/tests/over_time.rs`,
//! where the clock is moved by hand.

use std::thread;
use std::time::Duration;

use credmint_core::{Code, limits};
use credmint_tests::fixtures::key::TestKey;
use credmint_tests::fixtures::oidc_issuer::Behaviour;
use credmint_tests::world::World;

use crate::refusal;

#[test]
fn keys_are_fetched_once() {
    let world = World::start();
    thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| assert_eq!(world.exchange(&world.github_request()).status, 200));
        }
    });
    assert_eq!((world.forge.discovery_requests(), world.forge.jwks_requests()), (1, 1));
    assert_eq!(world.minted(), 20);
}

/// While the forge is down nothing of it is believed, and other issuers are not hurt.
#[test]
fn an_issuer_that_is_down() {
    let world = World::start();
    world.forge.discovery_behaves(Behaviour::Status(502));
    for _ in 0..2 {
        let answer = world.exchange(&world.github_request());
        refusal::check(&world, &answer, Code::KeysUnavailable);
        assert_eq!(answer.status, 503);
    }
    assert_eq!(world.forge.discovery_requests(), 1, "the second waits for the back-off");
    assert_eq!(world.exchange(&world.kubernetes_request()).status, 200);
}

/// Answers that are worse than none.
#[test]
fn an_issuer_that_misbehaves() {
    let check = |misbehave: &dyn Fn(&World)| {
        let world = World::start();
        misbehave(&world);
        let answer = world.exchange(&world.github_request());
        refusal::check(&world, &answer, Code::KeysUnavailable);
    };
    let elsewhere = || Behaviour::Redirect("https://127.0.0.1:1/".to_owned());
    check(&|world| world.forge.claim_to_be("https://forge.example.com"));
    check(&|world| world.forge.discovery_behaves(elsewhere()));
    check(&|world| world.forge.jwks_behaves(elsewhere()));
    check(&|world| world.forge.jwks_behaves(Behaviour::Oversize(limits::JWKS_BYTES + 1)));
    check(&|world| world.forge.jwks_behaves(Behaviour::Body("<html>".to_owned())));
    check(&|world| world.forge.discovery_behaves(Behaviour::Slow(Duration::from_secs(8))));
}

/// An issuer that publishes no key has withdrawn them: its tokens are refused, and no client is told to try again.
#[test]
fn an_empty_key_set() {
    let world = World::start();
    world.forge.jwks_behaves(Behaviour::Body("{\"keys\":[]}".to_owned()));
    let answer = world.exchange(&world.github_request());
    refusal::check(&world, &answer, Code::KeyUnknown);
}

/// The forge is on this machine. Without the allowance of the configuration it would not be asked.
#[test]
fn private_addresses_are_not_asked() {
    let world = World::changed(&[("allow_addresses: [127.0.0.1/32]", "allow_addresses: []")]);
    let answer = world.exchange(&world.github_request());
    refusal::check(&world, &answer, Code::KeysUnavailable);
    assert_eq!(world.forge.discovery_requests(), 0);
}

/// A forge whose certificate leads to no root that is trusted might be any server.
#[test]
fn an_untrusted_server_is_not_asked() {
    let world = World::changed(&[("ca_files: [tls-ca.pem]", "ca_files: []")]);
    let answer = world.exchange(&world.github_request());
    refusal::check(&world, &answer, Code::KeysUnavailable);
    assert_eq!(world.forge.discovery_requests(), 0);
}

/// Unknown keys cause no storm of fetches, and what the known one signed passes.
#[test]
fn a_rotation() {
    let world = World::start();
    let before = world.github_request();
    assert_eq!(world.exchange(&before).status, 200);
    world.forge.rotate(TestKey::rsa());
    for _ in 0..3 {
        let answer = world.exchange(&world.github_request());
        refusal::check(&world, &answer, Code::KeyUnknown);
    }
    assert_eq!(world.forge.jwks_requests(), 1, "the key set was fetched a moment ago");
    // The old key is still published: what it signed is still good.
    assert_eq!(world.exchange(&before).status, 200);
}
