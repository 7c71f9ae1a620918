//! Attacks on the way of a fetched revocation list, each against a host that keeps what decisions find out.

use super::assertions::{CLAIMS, HEADER, assertion, policy_with, presented};
use super::{Exchange, NOW, Trace, load};
use crate::keys::{KeptCrl, KeyRing};
use crate::limits::{CRL_UNVERIFIED_AGE, CRLS_UNVERIFIED};
use crate::signature::SignatureProvider;
use crate::x509::VerifiedList;
use crate::x509::tests::forge::list::{CRL_NUMBER, ListDraft};
use crate::x509::tests::forge::{self, Draft, FakeBackend, Key, tlv};
use crate::{Code, UnixTime, Verdict, base64};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

const URL: &str = "http://pki.example.com/root.crl";
const ROOT: Key = Key(2);
const STRANGER: Key = Key(9);

/// A host with one address of lists: what it holds, what it has stored, the time of all that happens.
struct Host {
    members: String,
    ring: KeyRing,
    stored: Vec<KeptCrl>,
    now: UnixTime,
    registered: bool,
    leaf: Vec<u8>,
}

impl Host {
    fn new(require: bool) -> Self {
        let members = format!(r#""crls": [{{"url": "{URL}"}}], "require_crls": {require}"#);
        let now = UnixTime::from_seconds(NOW);
        let (ring, leaf) = (KeyRing::default(), forge::any_leaf());
        Self { members, ring, stored: Vec::new(), now, registered: false, leaf }
    }

    /// One that also asks the registered authorities when a list comes.
    fn asking_the_registered(require: bool) -> Self {
        Self { registered: true, ..Self::new(require) }
    }

    /// What is at the address comes in.
    #[track_caller]
    fn fetch(&mut self, body: &[u8]) -> &mut Self {
        self.ring.fetched_crl(URL, body, self.now).unwrap();
        if self.registered {
            let policy = load(&policy_with(&self.members)).unwrap();
            let found = policy.verify_crls(URL, &self.ring, SIGNATURES);
            self.keep(&found);
        }
        self
    }

    fn keep(&mut self, found: &[VerifiedList]) {
        let kept = self.ring.verified_crls(found, self.now);
        self.stored.extend(kept.kept);
    }

    /// The verdict on the leaf with the serial number 1; `Ok` for a token.
    fn decide(&mut self) -> Result<(), Code> {
        let policy = load(&policy_with(&self.members)).unwrap();
        let jwt = assertion(HEADER, CLAIMS);
        let presented = presented("app_1", &jwt, &self.leaf, "api.example.com|write");
        let (keys, now) = (&self.ring, self.now);
        let exchange = Exchange { policy: &policy, keys, signatures: SIGNATURES, now, own: None };
        let mut trace = Trace::none();
        let verdict = exchange.decide(&presented, &mut trace);
        let found = trace.take_lists();
        self.keep(&found);
        match verdict {
            Verdict::Granted(_) => Ok(()),
            Verdict::Refused(refusal) => Err(refusal.code()),
            Verdict::Wanting(other) => panic!("{other:?}"),
        }
    }

    #[track_caller]
    fn expect(&mut self, expect: Result<(), Code>) -> &mut Self {
        assert_eq!(self.decide(), expect);
        self
    }

    /// Another process takes over what was stored.
    fn restart(&mut self) -> &mut Self {
        self.ring = KeyRing::default();
        for stored in &self.stored {
            self.ring.restore_crl(stored, true).unwrap();
        }
        self
    }
}

const SIGNATURES: SignatureProvider<'static> = SignatureProvider { backends: &[&FakeBackend] };

/// The list with this number, which holds from that day of December on.
fn list(number: u8) -> ListDraft {
    ListDraft::new()
        .extension(CRL_NUMBER, false, &[0x02, 0x01, number])
        .holds(&format!("2612{number:02}000000Z"), "270201000000Z")
}

fn of_root(draft: &ListDraft) -> Vec<u8> {
    draft.der("root", ROOT)
}

fn forged(draft: &ListDraft) -> Vec<u8> {
    draft.der("root", STRANGER)
}

const REVOKED: Result<(), Code> = Err(Code::CertificateRevoked);

/// The same for lists that are required and not, and for hosts that do and do not ask the registered authorities.
fn each(attack: impl Fn(Host)) {
    for require in [true, false] {
        attack(Host::new(require));
        attack(Host::asking_the_registered(require));
    }
}

#[test]
fn x28_garbage_then_an_old_genuine_list_revives_nobody() {
    each(|mut host| {
        host.fetch(&of_root(&list(1))).expect(Ok(()));
        host.fetch(&of_root(&list(5).revoking(&[1]))).expect(REVOKED);
        host.fetch(&forged(&list(9))).expect(REVOKED);
        host.fetch(&of_root(&list(1))).expect(REVOKED).expect(REVOKED);
        // With both at once, and over and over.
        for _ in 0..3 {
            host.fetch(&forged(&list(9))).fetch(&of_root(&list(1))).expect(REVOKED);
        }
    });
}

#[test]
fn x28_a_list_that_came_unseen_is_not_lost_to_garbage() {
    // No decision came between the list that revokes and what was brought in its place.
    each(|mut host| {
        host.fetch(&of_root(&list(1))).expect(Ok(()));
        host.fetch(&of_root(&list(5).revoking(&[1])));
        host.fetch(&forged(&list(9))).fetch(&of_root(&list(1))).expect(REVOKED);
        host.fetch(&of_root(&list(1))).expect(REVOKED);
    });
}

#[test]
fn x28_a_forged_number_keeps_no_good_list_away() {
    each(|mut host| {
        let huge = list(9).extension(CRL_NUMBER, false, &tlv(0x02, &[0x7f; 20]));
        let huge = huge.holds("270101000000Z", "270201000000Z");
        host.fetch(&forged(&huge));
        // Where no list need be, what anybody can send is none.
        let required = host.members.contains("true");
        host.expect(if required { Err(Code::CrlSignatureInvalid) } else { Ok(()) });
        host.fetch(&of_root(&list(1))).expect(Ok(()));
        host.fetch(&forged(&huge)).expect(Ok(()));
        host.fetch(&of_root(&list(2).revoking(&[1]))).expect(REVOKED);
        host.fetch(&forged(&huge)).expect(REVOKED);
        // A number of another authority is no number of this one either.
        host.fetch(&huge.der("other", STRANGER)).expect(REVOKED);
        let back = list(3);
        host.fetch(&of_root(&back)).expect(Ok(()));
    });
}

#[test]
fn x28_a_list_of_another_issuer_or_part_revives_nobody() {
    each(|mut host| {
        host.fetch(&of_root(&list(1).revoking(&[1]))).expect(REVOKED);
        host.fetch(&list(9).der("other", STRANGER)).expect(REVOKED);
        host.fetch(&list(9).der("other", ROOT)).expect(REVOKED);
        for part in [&b"\x82\x01\xff"[..], b"\x85\x01\xff"] {
            host.fetch(&of_root(&list(9).scope(&[part]))).expect(REVOKED);
        }
        let point = tlv(0xa0, &tlv(0xa0, &tlv(0x86, b"http://x/1")));
        host.fetch(&of_root(&list(9).scope(&[&point]))).expect(REVOKED);
        // Its own next list does, when it no longer names the certificate.
        host.fetch(&of_root(&list(10))).expect(Ok(()));
    });
}

#[test]
fn x28_a_restart_revives_nobody() {
    each(|mut host| {
        host.fetch(&of_root(&list(5).revoking(&[1]))).expect(REVOKED);
        host.restart();
        host.ring.failed_crl(URL, host.now);
        host.expect(REVOKED);
        host.restart().fetch(&of_root(&list(1))).expect(REVOKED).expect(REVOKED);
        host.restart().fetch(&forged(&list(9))).expect(REVOKED);
        host.restart().fetch(&of_root(&list(9).scope(&[b"\x82\x01\xff"]))).expect(REVOKED);
        host.restart().fetch(&of_root(&list(6))).expect(Ok(()));
    });
}

#[test]
fn x28_an_old_list_is_not_current_even_once() {
    // Nothing is at hand but the floor: the list itself was of an address that is no longer asked.
    for require in [true, false] {
        let mut host = Host::new(require);
        host.fetch(&of_root(&list(5))).expect(Ok(()));
        let floor = host.stored.pop().unwrap();
        host.restart();
        host.ring.restore_crl(&floor, false).unwrap();
        host.fetch(&of_root(&list(1)));
        host.expect(if require { Err(Code::CrlStale) } else { Ok(()) });
        // What it revokes was revoked.
        host.fetch(&of_root(&list(2).revoking(&[1]))).expect(REVOKED);
    }
}

#[test]
fn a_hold_ends_with_the_next_list() {
    let hold = forge::extension(forge::list::REASON_CODE, false, &[0x0a, 0x01, 6]);
    each(|mut host| {
        host.fetch(&of_root(&list(1).revoking_with(&[1], &[&hold]))).expect(REVOKED);
        host.fetch(&of_root(&list(2))).expect(Ok(()));
        // And does not begin anew with the old one.
        host.fetch(&of_root(&list(1).revoking_with(&[1], &[&hold]))).expect(Ok(())).expect(Ok(()));
        // A list from the future ends nothing.
        host.fetch(&of_root(&list(3).revoking_with(&[1], &[&hold]))).expect(REVOKED);
        let future = list(4).holds("270120000000Z", "270201000000Z");
        host.fetch(&of_root(&future)).expect(REVOKED).expect(REVOKED);
    });
}

#[test]
fn lists_of_version_1_and_without_a_number_have_a_floor_of_dates() {
    let unnumbered = |day: u8| list(day).without_extension(CRL_NUMBER);
    let v1 = |day: u8| unnumbered(day).with("version", b"");
    each(|mut host| {
        host.fetch(&of_root(&v1(2))).expect(Ok(()));
        host.fetch(&of_root(&v1(3).revoking(&[1]))).expect(REVOKED);
        host.fetch(&of_root(&v1(2))).expect(REVOKED).expect(REVOKED);
        host.fetch(&of_root(&unnumbered(1))).expect(REVOKED);
        host.fetch(&of_root(&list(2))).expect(REVOKED);
        host.fetch(&of_root(&unnumbered(4))).expect(Ok(()));
        host.fetch(&of_root(&v1(3).revoking(&[1]))).expect(Ok(()));
    });
}

#[test]
fn a_bundle_of_forgeries_leaves_signatures_for_the_rest() {
    let forgeries: String = (10..10 + 16).map(|day| armoured(&forged(&list(day)))).collect();
    each(|mut host| {
        host.fetch(&of_root(&list(1))).expect(Ok(()));
        host.fetch(forgeries.as_bytes()).expect(Ok(()));
        // Of two addresses.
        host.members = host.members.replace("}]", r#"}, {"url": "https://b/"}]"#);
        host.ring.fetched_crl("https://b/", forgeries.as_bytes(), host.now).unwrap();
        host.expect(Ok(()));
        host.fetch(&of_root(&list(2).revoking(&[1]))).expect(REVOKED);
        // A good one among few forgeries is found.
        let few = CRLS_UNVERIFIED - 1;
        let forgeries: String =
            forgeries.split_inclusive("END X509 CRL-----\n").take(few).collect();
        host.members = host.members.replace(r#", {"url": "https://b/"}"#, "");
        let with_good = format!("{forgeries}{}", armoured(&of_root(&list(3))));
        host.fetch(with_good.as_bytes()).expect(Ok(()));
    });
}

fn armoured(der: &[u8]) -> String {
    let base64 = base64::encode_standard(der);
    format!("-----BEGIN X509 CRL-----\n{base64}\n-----END X509 CRL-----\n")
}

/// As many lists as one address has signatures, with wrong ones.
fn forgeries() -> String {
    (10..).take(CRLS_UNVERIFIED).map(|day| armoured(&forged(&list(day)))).collect()
}

#[test]
fn x28_forgeries_at_one_address_hide_nothing_at_another() {
    each(|mut host| {
        host.members = host.members.replace("}]", r#"}, {"url": "https://b/"}]"#);
        host.ring.fetched_crl("https://b/", &of_root(&list(1)), host.now).unwrap();
        host.fetch(&of_root(&list(1))).expect(Ok(()));
        host.fetch(forgeries().as_bytes()).expect(Ok(()));
        let next = of_root(&list(2).revoking(&[1]));
        host.ring.fetched_crl("https://b/", &next, host.now).unwrap();
        host.expect(REVOKED).expect(REVOKED);
    });
}

#[test]
fn x28_what_anybody_can_send_refuses_nobody_where_no_list_need_be() {
    let check = |body: &[u8], require, expect, later| {
        Host::new(require).fetch(body).expect(expect).expect(expect);
        // Nor long after its address is gone.
        let mut host = Host::new(require);
        let now = host.now;
        host.now = now.plus(-CRL_UNVERIFIED_AGE);
        host.fetch(body);
        host.now = now;
        host.ring.failed_crl(URL, now);
        host.expect(later);
    };
    let invalid = Err(Code::CrlSignatureInvalid);
    check(&forged(&list(9)), false, Ok(()), Ok(()));
    check(&forged(&list(9)), true, invalid, Err(Code::CrlUnavailable));
    // One that names the leaf may be by a key whose certificate the holder has left out.
    check(&forged(&list(9).revoking(&[1])), false, invalid, Ok(()));
    check(&forged(&list(9).revoking(&[1])), true, invalid, Err(Code::CrlUnavailable));
    // One that is given was given by whoever asks.
    for require in [true, false] {
        let mut host = Host::new(require);
        host.ring.give_crl(list(9).signed_by("root", STRANGER));
        host.fetch(&list(9).der("other", ROOT)).expect(invalid);
    }
}

#[test]
fn a_verified_list_of_another_key_is_none() {
    let other = Draft::authority("root", STRANGER).signed_by("root", STRANGER);
    for (require, serial, expect) in [
        (false, 7, Ok(())),
        (true, 7, Err(Code::CrlMissing)),
        // As above.
        (false, 1, Err(Code::CrlSignatureInvalid)),
        (true, 1, Err(Code::CrlSignatureInvalid)),
    ] {
        let mut host = Host::new(require);
        host.fetch(&forged(&list(9).revoking(&[serial])));
        let held = host.ring.unverified_crls(URL).next().unwrap();
        let found = [VerifiedList::for_test(held, &other)];
        host.keep(&found);
        host.expect(expect);
        host.fetch(&of_root(&list(1))).expect(Ok(()));
    }
}

#[test]
fn x28_a_list_that_was_not_tried_is_not_silent() {
    for require in [true, false] {
        let mut host = Host::new(require);
        host.fetch(&of_root(&list(1))).expect(Ok(()));
        // It names somebody else, or the leaf.
        for (serial, expect) in [(7, Ok(())), (1, Err(Code::PathBudget))] {
            let last = armoured(&of_root(&list(2).revoking(&[serial])));
            host.fetch(format!("{}{last}", forgeries()).as_bytes()).expect(expect);
        }
        // A revocation that is known says more.
        host.fetch(&of_root(&list(3).revoking(&[1]))).expect(REVOKED);
    }
}

/// One of several authorities of one name below the root.
fn namesake(key: u8) -> Vec<u8> {
    let identifier = tlv(0x04, &[key]);
    Draft::authority("int", Key(key.into())).extension(14, false, &identifier).der("root", ROOT)
}

/// Registers namesakes with these keys. The first has issued the leaf.
fn with_namesakes(mut host: Host, keys: impl Iterator<Item = u8>) -> Host {
    let all: Vec<String> =
        keys.map(|key| format!("\"{}\"", base64::encode_standard(&namesake(key)))).collect();
    host.leaf = Draft::leaf("leaf", Key(1)).der("int", Key(NAMESAKES.start.into()));
    host.members = format!("{}, \"intermediates\": [{}]", host.members, all.join(", "));
    host
}

/// Keys of namesakes: their lists and that of the root are as many as may be held.
const NAMESAKES: core::ops::Range<u8> = 100..115;

#[test]
fn lists_of_many_namesakes_cost_no_signatures_once_they_are_kept() {
    for require in [true, false] {
        let check = |number, last: &ListDraft, expect| {
            let keys = NAMESAKES.take(number);
            let host = Host::asking_the_registered(require);
            let mut host = with_namesakes(host, keys.clone());
            let all = keys.map(|key| armoured(&last.der("int", Key(key.into()))));
            let bundle = format!("{}{}", all.collect::<String>(), armoured(&of_root(&list(1))));
            host.fetch(bundle.as_bytes());
            let held = host.ring.crls(&[URL], host.now).unwrap();
            assert_eq!((held.unverified.len(), held.kept.len()), (0, number + 1));
            host.expect(expect);
        };
        check(15, &list(1), Ok(()));
        check(5, &list(1).revoking(&[1]), REVOKED);
    }
}

#[test]
fn the_key_that_a_list_names_is_tried_first() {
    // One more than there are signatures for.
    let keys = || NAMESAKES.take(CRLS_UNVERIFIED + 1);
    let last = keys().next_back().unwrap();
    let hint = |key: u8| tlv(0x30, &tlv(0x80, &[key]));
    let accusing = list(2).revoking(&[1]);
    let check = |list: &ListDraft, expect| {
        let mut host = with_namesakes(Host::new(false), keys());
        host.fetch(&list.der("int", Key(last.into()))).expect(expect);
    };
    check(&accusing, Err(Code::PathBudget));
    check(&accusing.clone().extension(35, false, &hint(last)), REVOKED);
    // It is a hint: a wrong one is no way to be left out.
    check(&accusing.clone().extension(35, false, &hint(NAMESAKES.start)), Err(Code::PathBudget));
    let mut host = with_namesakes(Host::new(false), NAMESAKES.take(3));
    let wrong = accusing.extension(35, false, &hint(NAMESAKES.start));
    host.fetch(&wrong.der("int", Key((NAMESAKES.start + 2).into()))).expect(REVOKED);
}

#[test]
fn several_addresses_of_one_list_stand_in_for_each_other() {
    let mut host = Host::new(true);
    host.members = host.members.replace("}]", r#"}, {"url": "https://b/"}]"#);
    host.ring.failed_crl("https://b/", host.now);
    host.fetch(&of_root(&list(2))).expect(Ok(()));
    // The other one is behind.
    host.ring.fetched_crl("https://b/", &of_root(&list(1)), host.now).unwrap();
    host.expect(Ok(()));
    host.ring.fetched_crl("https://b/", &of_root(&list(3).revoking(&[1])), host.now).unwrap();
    host.expect(REVOKED);
}
