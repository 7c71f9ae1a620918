//! Certificates of the plant that its authority has revoked, and lists that cannot be had.

use std::fs;
use std::thread;

use credmint_core::Code;
use credmint_tests::fixtures::key::TestKey;
use credmint_tests::fixtures::list_server::ListServer;
use credmint_tests::fixtures::private_ca::ClientProfile;
use credmint_tests::fixtures::revocation::ListProfile;
use credmint_tests::fixtures::seed::Seed;
use credmint_tests::fixtures::tls::ServerCa;
use credmint_tests::world::World;
use credmint_tests::world::request::TokenRequest;
use rcgen::{CrlDistributionPoint, CrlIssuingDistributionPoint, CrlScope};
use tokio::runtime::Runtime;

use crate::refusal;

const GONE: &[u8] = &[0x4d];

/// A world whose plant has these members beside its roots.
fn world_with(members: impl FnOnce(&World) -> String) -> World {
    let mut world = World::start();
    let roots = "      roots: [{ file: plant-root.pem }]\n";
    let configuration = fs::read_to_string(world.file("credmint.yaml")).unwrap();
    assert!(configuration.contains(roots));
    let changed = configuration.replace(roots, &format!("{roots}{}", members(&world)));
    let _ = world.write("credmint.yaml", &changed);
    world.restart();
    world
}

/// A request of press-7, whose certificate has the serial number [`GONE`].
fn of_gone(world: &World) -> TokenRequest {
    let profile = ClientProfile { serial: Some(GONE.to_vec()), ..ClientProfile::new("press-7") };
    world.pca_request_of(&world.plant.issue(&profile, TestKey::ec()))
}

/// A world whose lists of the issuing authority are fetched over http, and their server. The root's is in a file.
fn world_of_a_server(runtime: &Runtime, more: &str) -> (World, ListServer) {
    let server = runtime.block_on(ListServer::start_plain(None));
    let world = world_with(|world| {
        fs::write(world.file("root.crl"), world.plant.root_list(&ListProfile::default())).unwrap();
        let url = server.url();
        format!("      crls: [{{ file: root.crl }}, {{ url: {url:?} }}]\n{more}")
    });
    (world, server)
}

/// Publishes a list, and has the issuer fetch it: a new process asks at once.
fn publish(world: &mut World, server: &ListServer, list: Vec<u8>) {
    let before = server.requests();
    server.publish(Some(list));
    world.restart();
    let _ = world.exchange(&world.pca_request());
    assert_eq!(server.requests(), before + 1);
}

/// Lists of the two authorities of the plant, in files.
fn in_files(world: &World, of_issuing: &ListProfile) -> String {
    fs::write(world.file("root.crl"), world.plant.root_list(&ListProfile::default())).unwrap();
    fs::write(world.file("issuing.crl"), world.plant.issuing_list(of_issuing)).unwrap();
    "      crls: [{ file: root.crl }, { file: issuing.crl }]\n".to_owned()
}

#[test]
fn x28_a_revoked_certificate_gets_no_token() {
    let world = world_with(|world| in_files(world, &ListProfile::default().revoking(GONE)));
    assert_eq!(world.exchange(&world.pca_request()).status, 200);
    let record =
        refusal::check(&world, &world.exchange(&of_gone(&world)), Code::CertificateRevoked);
    assert_eq!(record.text("detail"), "CN=press-7");
    world.check_log();
}

#[test]
fn x28_a_stale_list_refuses_when_it_is_required() {
    let stale = ListProfile::default().revoking(GONE).stale();
    let world = world_with(|world| in_files(world, &stale));
    let answer = world.exchange(&world.pca_request());
    refusal::check(&world, &answer, Code::CrlStale);
    assert_eq!(answer.status, 503);
    // Not required it refuses those alone that it names.
    let world =
        world_with(|world| format!("{}      require_crls: false\n", in_files(world, &stale)));
    assert_eq!(world.exchange(&world.pca_request()).status, 200);
    refusal::check(&world, &world.exchange(&of_gone(&world)), Code::CertificateRevoked);
}

#[test]
fn x28_a_list_is_fetched_once_and_its_absence_refuses() {
    let runtime = Runtime::new().unwrap();
    let mut server = None;
    let mut world = world_with(|world| {
        let ca = ServerCa::from_seed(&Seed::open(&world.file("seed")));
        let started = runtime.block_on(ListServer::start(&ca, None));
        fs::write(world.file("root.crl"), world.plant.root_list(&ListProfile::default())).unwrap();
        let url = started.url();
        server = Some(started);
        format!("      crls: [{{ file: root.crl }}, {{ url: {url:?} }}]\n")
    });
    let server = server.unwrap();
    let answer = world.exchange(&world.pca_request());
    refusal::check(&world, &answer, Code::CrlUnavailable);
    assert_eq!(answer.status, 503);
    let again = world.exchange(&world.pca_request());
    refusal::check(&world, &again, Code::CrlUnavailable);
    assert_eq!(server.requests(), 1, "the second waits for the back-off");
    // Other kinds of proof are not hurt.
    assert_eq!(world.exchange(&world.kubernetes_request()).status, 200);

    let list = world.plant.issuing_list(&ListProfile::default().revoking(GONE));
    server.publish(Some(list));
    // It forgets that it has asked; how long it would have waited is a matter of the core.
    world.restart();
    thread::scope(|scope| {
        for _ in 0..10 {
            scope.spawn(|| assert_eq!(world.exchange(&world.pca_request()).status, 200));
        }
    });
    refusal::check(&world, &world.exchange(&of_gone(&world)), Code::CertificateRevoked);
    assert_eq!(server.requests(), 2);
    // What is held serves on when the server goes down.
    server.publish(None);
    assert_eq!(world.exchange(&world.pca_request()).status, 200);
}

/// The list with this number; the authority revokes [`GONE`] with the fifth.
fn numbered(number: u64) -> ListProfile {
    let list = ListProfile::default().numbered(number);
    if number < 5 { list } else { list.revoking(GONE) }
}

/// What somebody on the way would send: a signature that is none, in a list that says it is later than any.
fn forged(list: &ListProfile, world: &World) -> Vec<u8> {
    let list = ListProfile { number: u64::MAX, this_update: list.this_update + 5, ..list.clone() };
    let mut der = world.plant.issuing_list(&list);
    // Within the second integer of the signature.
    let last = der.len() - 3;
    der[last] ^= 1;
    der
}

#[test]
fn x28_garbage_and_then_an_old_list_over_http_revive_nobody() {
    let runtime = Runtime::new().unwrap();
    for more in ["", "      require_crls: false\n"] {
        let (mut world, server) = world_of_a_server(&runtime, more);
        let genuine = |world: &World, number| world.plant.issuing_list(&numbered(number));
        let check = |world: &World, expect: Result<(), Code>| {
            let answer = world.exchange(&of_gone(world));
            match expect {
                Ok(()) => assert_eq!(answer.status, 200),
                Err(code) => _ = refusal::check(world, &answer, code),
            }
        };
        let (old, revoking) = (genuine(&world, 1), genuine(&world, 5));
        publish(&mut world, &server, old.clone());
        check(&world, Ok(()));
        publish(&mut world, &server, revoking);
        check(&world, Err(Code::CertificateRevoked));
        let garbage = forged(&numbered(1), &world);
        publish(&mut world, &server, garbage);
        check(&world, Err(Code::CertificateRevoked));
        publish(&mut world, &server, old);
        check(&world, Err(Code::CertificateRevoked));
        check(&world, Err(Code::CertificateRevoked));
        // Others are served all the while, by the list that is kept.
        assert_eq!(world.exchange(&world.pca_request()).status, 200);
        // A list of another issuer, and one about authorities alone.
        let of_root = world.plant.root_list(&ListProfile::default().numbered(9));
        publish(&mut world, &server, of_root);
        check(&world, Err(Code::CertificateRevoked));
        let authorities = ListProfile {
            scope: Some(CrlIssuingDistributionPoint {
                distribution_point: CrlDistributionPoint {
                    uris: vec!["http://pki.example.com/authorities.crl".into()],
                },
                scope: Some(CrlScope::CaCertsOnly),
            }),
            ..ListProfile::default().numbered(9)
        };
        let authorities = world.plant.issuing_list(&authorities);
        publish(&mut world, &server, authorities);
        check(&world, Err(Code::CertificateRevoked));
        // Down, and asked again by a process that has fetched nothing.
        server.publish(None);
        world.restart();
        check(&world, Err(Code::CertificateRevoked));
        world.check_log();
    }
}

#[test]
fn x28_a_forged_list_over_http_keeps_no_good_one_away() {
    let runtime = Runtime::new().unwrap();
    let (mut world, server) = world_of_a_server(&runtime, "");
    let huge = forged(&numbered(9), &world);
    publish(&mut world, &server, huge.clone());
    let answer = world.exchange(&world.pca_request());
    refusal::check(&world, &answer, Code::CrlSignatureInvalid);
    let first = world.plant.issuing_list(&numbered(1));
    publish(&mut world, &server, first);
    assert_eq!(world.exchange(&of_gone(&world)).status, 200);
    publish(&mut world, &server, huge);
    assert_eq!(world.exchange(&of_gone(&world)).status, 200);
    let next = world.plant.issuing_list(&numbered(5));
    publish(&mut world, &server, next);
    refusal::check(&world, &world.exchange(&of_gone(&world)), Code::CertificateRevoked);
    assert_eq!(world.exchange(&world.pca_request()).status, 200);
}
