//! What is fetched before anybody asks.

use std::fs;
use std::time::Duration;

use credmint_tests::fixtures::oidc_issuer::Behaviour;
use credmint_tests::world::World;

use super::{TOLD_ALONE, hang_up, replace, wait_for_version};

const ON_DEMAND: &str =
    "    on_demand: true # tests say how the forge behaves before it is asked\n";

/// The keys are there before the first request, and a reload that leaves their issuer alone fetches nothing.
#[test]
fn keys_are_fetched_at_the_start_and_kept_over_a_reload() {
    let world = World::changed(&[(ON_DEMAND, ""), TOLD_ALONE]);
    while world.forge.jwks_requests() == 0 {
        std::thread::yield_now();
    }
    assert_eq!(world.exchange(&world.github_request()).status, 200);
    let path = world.file("credmint.yaml");
    let first = fs::read_to_string(&path).expect("a configuration");
    replace(&path, &first.replace("token_lifetime: 3600s", "token_lifetime: 3500s"));
    hang_up(&world);
    wait_for_version(&world, 2);
    assert_eq!(world.exchange(&world.github_request()).status, 200);
    assert_eq!((world.forge.discovery_requests(), world.forge.jwks_requests()), (1, 1));
}

/// A source that hangs delays neither the start, nor other issuers, nor a reload.
#[test]
fn a_source_that_hangs_delays_nobody_else() {
    let world = World::changed(&[TOLD_ALONE]);
    world.forge.discovery_behaves(Behaviour::Slow(Duration::from_secs(600)));
    let path = world.file("credmint.yaml");
    let first = fs::read_to_string(&path).expect("a configuration");
    replace(&path, &first.replace(ON_DEMAND, ""));
    hang_up(&world);
    wait_for_version(&world, 2);
    while world.forge.discovery_requests() == 0 {
        std::thread::yield_now();
    }
    assert_eq!(world.exchange(&world.kubernetes_request()).status, 200);
    replace(
        &path,
        &first.replace(ON_DEMAND, "").replace("token_lifetime: 3600s", "token_lifetime: 3500s"),
    );
    hang_up(&world);
    wait_for_version(&world, 3);
    assert_eq!(world.exchange(&world.kubernetes_request()).status, 200);
}
