//! What one question about a path has cost so far, and what need not be paid for twice.

use crate::limits;
use crate::refusal::{Code, Refusal};
use crate::x509::{Certificate, TrustAnchor};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};

/// Shared by the search for a path and the searches for the signers of its revocation lists.
#[derive(Default)]
pub(super) struct Effort {
    /// Candidate links looked at.
    steps: Cell<usize>,
    /// Comparisons of names with constraints.
    comparisons: Cell<usize>,
    /// By address: how many signatures of its lists without a known signer were asked for.
    unverified: RefCell<BTreeMap<usize, usize>>,
    /// By list and key of an authority: whether the key signed the list.
    signed: Known<bool>,
    /// By intermediate and root: the path over which the intermediate may sign lists.
    certified: Known<Result<Vec<Certificate>, Refusal>>,
}

/// What was found out, by the index of one thing and the bytes of another.
type Known<T> = RefCell<BTreeMap<(usize, Box<[u8]>), T>>;

impl Effort {
    /// Counts a candidate link.
    pub(super) fn step(&self) -> Result<(), Refusal> {
        self.steps.set(self.steps.get().saturating_add(1));
        if self.steps.get() > limits::PATH_STEPS {
            return Err(Refusal::new(Code::PathBudget)
                .detail("candidate links of one path")
                .expected(limits::PATH_STEPS));
        }
        Ok(())
    }

    /// Candidate links, and comparisons of names with constraints.
    pub(super) const fn counts(&self) -> (usize, usize) {
        (self.steps.get(), self.comparisons.get())
    }

    /// Counts comparisons of a name of `certificate` with constraints.
    pub(super) fn compare(&self, number: usize, certificate: &Certificate) -> Result<(), Refusal> {
        self.comparisons.set(self.comparisons.get().saturating_add(number));
        if self.comparisons.get() > limits::NAME_COMPARISONS {
            return Err(Refusal::new(Code::NameConstraintsBudget)
                .detail(certificate)
                .expected(limits::NAME_COMPARISONS));
        }
        Ok(())
    }

    /// Counts a signature of a list from `address` whose signer is not known. `false` when the address has had its `share`.
    pub(super) fn may_try(&self, address: usize, share: usize) -> bool {
        let mut tried = self.unverified.borrow_mut();
        let tried = tried.entry(address).or_default();
        let may = *tried < share;
        if may {
            *tried = tried.saturating_add(1);
        }
        may
    }

    pub(super) fn signed(&self, list: usize, authority: &Certificate) -> Option<bool> {
        self.signed.borrow().get(&(list, authority.public_key_spki().into())).copied()
    }

    pub(super) fn remember_signed(&self, list: usize, authority: &Certificate, signed: bool) {
        self.signed.borrow_mut().insert((list, authority.public_key_spki().into()), signed);
    }

    pub(super) fn certified(
        &self,
        intermediate: usize,
        anchor: &TrustAnchor,
    ) -> Option<Result<Vec<Certificate>, Refusal>> {
        let key = (intermediate, anchor.certificate().raw().into());
        self.certified.borrow().get(&key).cloned()
    }

    pub(super) fn remember_certified(
        &self,
        intermediate: usize,
        anchor: &TrustAnchor,
        result: Result<Vec<Certificate>, Refusal>,
    ) {
        let key = (intermediate, anchor.certificate().raw().into());
        self.certified.borrow_mut().insert(key, result);
    }
}
