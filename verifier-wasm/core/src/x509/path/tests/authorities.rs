//! Which certificates a back end is asked about as those of authorities, and a back end that remembers them.

use super::*;
use crate::signature::{Answer, Scheme};
use alloc::collections::BTreeSet;
use core::cell::RefCell;

/// Remembers what authorities signed of each other.
#[derive(Default)]
pub(super) struct Remembering(RefCell<BTreeSet<[Vec<u8>; 3]>>);

impl Backend for Remembering {
    fn verify(&self, scheme: Scheme, key: &PublicKey, message: &[u8], signature: &[u8]) -> Answer {
        FakeBackend.verify(scheme, key, message, signature)
    }

    fn verify_authority(
        &self,
        scheme: Scheme,
        key: &PublicKey,
        message: &[u8],
        signature: &[u8],
    ) -> Answer {
        let link = [key.spki_der(), message, signature].map(<[u8]>::to_vec);
        if self.0.borrow().contains(&link) {
            return Answer::Good;
        }
        let answer = FakeBackend.verify(scheme, key, message, signature);
        if answer == Answer::Good {
            self.0.borrow_mut().insert(link);
        }
        answer
    }
}

#[test]
fn a_leaf_is_never_asked_about_as_an_authority() {
    let remembering = Remembering::default();
    let leaf = leaf().signed_by("b", B);
    let authorities = [a().signed_by("root", ROOT), Draft::authority("b", B).signed_by("a", A)];
    let anchors = [root().anchor("root", ROOT)];
    let signatures = SignatureProvider { backends: &[&remembering] };
    let found = verify_path(&leaf, &authorities, &anchors, &any_use(), signatures);
    assert_eq!(found.map(|path| path.certificates().count()), Ok(3));
    let asked = remembering.0.into_inner();
    let asked: BTreeSet<_> = asked.into_iter().map(|[_, message, _]| message).collect();
    assert_eq!(asked, authorities.map(|own| own.tbs().to_vec()).into());
}
