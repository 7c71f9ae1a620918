//! Validating a path of three: leaf, intermediate, registered root.

use crate::measure::compare;
use credmint_aws_lc::AwsLc;
use credmint_core::UnixTime;
use credmint_core::signature::{Backend, SignatureProvider};
use credmint_core::x509::{
    Certificate, KeyUse, PathRules, RevocationCheck, TrustAnchor, VerifiedPath, extended_key_usage,
    verify_path,
};
use credmint_rustcrypto::RustCrypto;
use credmint_tests::fixtures::private_ca::{Client, PrivateCa};
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm, UnixTime as PeerTime};
use std::time::Duration;
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

/// 2026-11-24T12:00:00Z.
const NOW: u64 = 1_795_521_600;

/// Runs all of it.
pub(crate) fn run() {
    println!("a path of three, from the bytes of leaf and intermediate; the root is prepared");
    let (ec, rsa) = (PrivateCa::new("Bench"), PrivateCa::rsa("Bench"));
    for (name, ca, client) in
        [("P-256", &ec, ec.client("bench")), ("RSA-2048", &rsa, rsa.client_rsa("bench"))]
    {
        let root = Certificate::from_der(ca.root_der()).expect("a root");
        let anchors = [TrustAnchor::from_certificate(root).expect("an anchor")];
        let ours = |backend: &dyn Backend| verify(&client, ca, &anchors, &[backend]);
        let root = CertificateDer::from(ca.root_der());
        let peer = Peer { anchor: anchor_from_trusted_cert(&root).expect("a root") };
        compare(
            format!("{name}, AWS-LC"),
            || ours(&AwsLc),
            ("rustls-webpki", || peer.verify(&client, ca)),
            Some(1.1),
        );
        compare(
            format!("{name}, pure Rust"),
            || ours(&RustCrypto),
            ("rustls-webpki, AWS-LC", || peer.verify(&client, ca)),
            None,
        );
    }
}

fn verify(
    client: &Client,
    ca: &PrivateCa,
    anchors: &[TrustAnchor],
    backends: &[&dyn Backend],
) -> VerifiedPath {
    let leaf = Certificate::from_der(client.certificate_der()).expect("a leaf");
    let intermediates = [Certificate::from_der(ca.intermediate_der()).expect("an intermediate")];
    let usages = [extended_key_usage("clientAuth").expect("a usage")];
    let now = UnixTime::from_seconds(NOW.cast_signed());
    let rules = PathRules::new(now, KeyUse::Named(&usages), RevocationCheck::Off);
    let signatures = SignatureProvider { backends };
    verify_path(&leaf, &intermediates, anchors, &rules, signatures).expect("a good path")
}

/// The peer with its root prepared.
struct Peer<'a> {
    anchor: rustls_pki_types::TrustAnchor<'a>,
}

impl Peer<'_> {
    fn verify(&self, client: &Client, ca: &PrivateCa) {
        const ALGORITHMS: &[&dyn SignatureVerificationAlgorithm] = webpki::ALL_VERIFICATION_ALGS;
        let leaf = CertificateDer::from(client.certificate_der());
        let intermediates = [CertificateDer::from(ca.intermediate_der())];
        let time = PeerTime::since_unix_epoch(Duration::from_secs(NOW));
        let leaf = EndEntityCert::try_from(&leaf).expect("the peer reads the leaf");
        leaf.verify_for_usage(
            ALGORITHMS,
            std::slice::from_ref(&self.anchor),
            &intermediates,
            time,
            KeyUsage::client_auth(),
            None,
            None,
        )
        .expect("the peer accepts it");
    }
}
