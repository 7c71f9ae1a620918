//! What is remembered of an authority is that its certificate is well signed, and no more: whatever else makes a path bad
//! does so when the signature is known, too.

use credmint_aws_lc::{AwsLc, KnownAuthorities};
use credmint_core::signature::{Answer, Backend, PublicKey, Scheme, SignatureProvider};
use credmint_core::x509::{
    Certificate, Crl, KeyUse, PathRules, RevocationCheck, TrustAnchor, verify_path,
};
use credmint_core::{Code, UnixTime};
use credmint_tests::fixtures::clock::{YEAR_2049, now};
use credmint_tests::fixtures::key::TestKey;
use credmint_tests::fixtures::private_ca::{Client, ClientProfile, PrivateCa};
use credmint_tests::fixtures::revocation::ListProfile;
use std::sync::Mutex;

/// AWS-LC, which counts the certificates of authorities that it is asked about, and all others.
#[derive(Default)]
struct Counting(Mutex<(usize, usize)>);

impl Backend for &Counting {
    fn verify(&self, scheme: Scheme, key: &PublicKey, message: &[u8], signature: &[u8]) -> Answer {
        self.0.lock().expect("the counts").1 += 1;
        AwsLc.verify(scheme, key, message, signature)
    }

    fn verify_authority(
        &self,
        scheme: Scheme,
        key: &PublicKey,
        message: &[u8],
        signature: &[u8],
    ) -> Answer {
        self.0.lock().expect("the counts").0 += 1;
        AwsLc.verify(scheme, key, message, signature)
    }
}

/// An authority whose intermediate has been found good, and is known.
struct Known<'a> {
    plant: &'a PrivateCa,
    asked: &'a Counting,
    back_end: KnownAuthorities<&'a Counting>,
}

impl<'a> Known<'a> {
    fn new(plant: &'a PrivateCa, asked: &'a Counting) -> Self {
        let known = Self { plant, asked, back_end: KnownAuthorities::new(asked, 16) };
        known.check(&plant.client("first"), Ok(()));
        assert_eq!(known.asked(), (1, 1));
        known
    }

    /// Authorities and other certificates whose signatures were computed.
    fn asked(&self) -> (usize, usize) {
        *self.asked.0.lock().expect("the counts")
    }

    #[track_caller]
    fn check(&self, client: &Client, expect: Result<(), Code>) {
        self.check_at(client, (now(), &[], self.plant.root_der()), expect);
    }

    /// The verdict on a client's path with lists, at a time, to a root; it is the same without anything remembered.
    #[track_caller]
    fn check_at(
        &self,
        client: &Client,
        (time, lists, root): (i64, &[Vec<u8>], &[u8]),
        expect: Result<(), Code>,
    ) {
        let read = |der: &[u8]| Certificate::from_der(der).expect("a certificate");
        let lists: Vec<Crl> = lists.iter().map(|der| Crl::from_der(der).expect("a list")).collect();
        let revocation = RevocationCheck::IfListed(&lists);
        let rules = PathRules::new(UnixTime::from_seconds(time), KeyUse::Any, revocation);
        let anchors = [TrustAnchor::from_certificate(read(root)).expect("an authority")];
        let intermediates = [read(self.plant.intermediate_der())];
        let leaf = read(client.certificate_der());
        let judge = |back_end: &dyn Backend| {
            let signatures = SignatureProvider { backends: &[back_end] };
            let path = verify_path(&leaf, &intermediates, &anchors, &rules, signatures);
            path.map(drop).map_err(|stop| stop.into_refusal().code())
        };
        assert_eq!(judge(&self.back_end), expect);
        assert_eq!(judge(&AwsLc), expect, "with nothing remembered");
    }
}

#[test]
fn an_authority_is_computed_once_and_every_leaf_each_time() {
    let (plant, asked) = (PrivateCa::new("Plant"), Counting::default());
    let known = Known::new(&plant, &asked);
    let client = plant.client("second");
    for times in 2..5 {
        known.check(&client, Ok(()));
        assert_eq!(known.asked(), (1, times));
    }
}

#[test]
fn a_forged_leaf_below_a_known_authority_is_refused() {
    let (plant, asked) = (PrivateCa::new("Plant"), Counting::default());
    let known = Known::new(&plant, &asked);
    known.check(&plant.impostor().client("second"), Err(Code::PathSignatureInvalid));
    // It was the leaf that was looked at.
    assert_eq!(known.asked(), (1, 2));
}

#[test]
fn an_authority_that_ends_is_refused_though_it_is_known() {
    let (plant, asked) = (PrivateCa::new("Plant"), Counting::default());
    let known = Known::new(&plant, &asked);
    let root = plant.root_der();
    // Leaf, intermediate and root end together; the leaf is made to end later.
    let profile = ClientProfile { not_after: YEAR_2049 + 86_400, ..ClientProfile::new("second") };
    let client = plant.issue(&profile, TestKey::ec());
    known.check_at(&client, (YEAR_2049, &[], root), Ok(()));
    known.check_at(&client, (YEAR_2049 + 1, &[], root), Err(Code::CertificateExpired));
    assert_eq!(known.asked().0, 1);
}

#[test]
fn an_authority_that_is_revoked_is_refused_though_it_is_known() {
    let (plant, asked) = (PrivateCa::new("Plant"), Counting::default());
    let known = Known::new(&plant, &asked);
    let intermediate = Certificate::from_der(plant.intermediate_der()).expect("a certificate");
    let (root, client) = (plant.root_der(), plant.client("second"));
    let revoking = ListProfile::default().revoking(intermediate.serial());
    let (empty, revoked) =
        ([plant.root_list(&ListProfile::default())], [plant.root_list(&revoking)]);
    known.check_at(&client, (now(), &empty, root), Ok(()));
    known.check_at(&client, (now(), &revoked, root), Err(Code::CertificateRevoked));
    known.check_at(&client, (now(), &empty, root), Ok(()));
    assert_eq!(known.asked().0, 1);
}

/// Another root of the same name is another key: what is known of one says nothing of the other.
#[test]
fn a_root_that_is_replaced_ends_what_was_known() {
    let (plant, asked) = (PrivateCa::new("Plant"), Counting::default());
    let known = Known::new(&plant, &asked);
    let other = plant.impostor();
    let client = plant.client("second");
    let expect = Err(Code::PathSignatureInvalid);
    known.check_at(&client, (now(), &[], other.root_der()), expect);
    known.check_at(&client, (now(), &[], other.root_der()), expect);
    // A bad answer is not remembered.
    assert_eq!(known.asked().0, 3);
}
