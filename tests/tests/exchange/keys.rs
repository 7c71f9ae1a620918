//! The forge's keys: fetched, gone, changed, wrong. How long the issuer waits before it asks again is a matter of the core,
//! whose tests have a clock of their own; here a restart forgets that it has asked.

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

/// While the forge is down nothing of it is believed and nobody else is hurt; afterwards all is well.
#[test]
fn an_issuer_that_is_down_and_recovers() {
    let mut world = World::start();
    world.forge.discovery_behaves(Behaviour::Status(502));
    for _ in 0..2 {
        let answer = world.exchange(&world.github_request());
        refusal::check(&world, &answer, Code::KeysUnavailable);
        assert_eq!(answer.status, 503);
    }
    assert_eq!(world.forge.discovery_requests(), 1, "the second waits for the back-off");
    assert_eq!(world.exchange(&world.kubernetes_request()).status, 200);

    world.forge.discovery_behaves(Behaviour::Good);
    world.restart();
    assert_eq!(world.exchange(&world.github_request()).status, 200);
    // Keys that were good a moment ago serve on when the forge goes down again.
    world.forge.discovery_behaves(Behaviour::Status(502));
    world.forge.jwks_behaves(Behaviour::Status(502));
    assert_eq!(world.exchange(&world.github_request()).status, 200);
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

/// An issuer that publishes no key has withdrawn them: its tokens are refused, and nobody is told to try again.
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

/// A forge whose certificate nobody vouches for might be anybody.
#[test]
fn an_untrusted_server_is_not_asked() {
    let world = World::changed(&[("ca_files: [tls-ca.pem]", "ca_files: []")]);
    let answer = world.exchange(&world.github_request());
    refusal::check(&world, &answer, Code::KeysUnavailable);
    assert_eq!(world.forge.discovery_requests(), 0);
}

/// A new key is found by its unknown `kid`, but unknown ones cause no storm of fetches.
#[test]
fn a_rotation() {
    let mut world = World::start();
    let before = world.github_request();
    assert_eq!(world.exchange(&before).status, 200);
    world.forge.rotate(TestKey::rsa());
    for _ in 0..3 {
        let answer = world.exchange(&world.github_request());
        refusal::check(&world, &answer, Code::KeyUnknown);
    }
    assert_eq!(world.forge.jwks_requests(), 1, "the key set was fetched a moment ago");

    world.restart();
    assert_eq!(world.exchange(&world.github_request()).status, 200);
    assert_eq!(world.forge.jwks_requests(), 2);
    // The old key is still published: what it signed is still good.
    assert_eq!(world.exchange(&before).status, 200);
}

#[test]
fn a_withdrawn_key_is_forgotten_with_the_next_fetch() {
    let mut world = World::start();
    let before = world.github_request();
    assert_eq!(world.exchange(&before).status, 200);
    world.forge.rotate(TestKey::rsa());
    world.forge.withdraw_old_keys();
    world.restart();
    assert_eq!(world.exchange(&world.github_request()).status, 200);
    refusal::check(&world, &world.exchange(&before), Code::KeyUnknown);
}
