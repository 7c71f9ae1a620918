//! Why the two verdicts on a chain may differ. Numbers are those of `openssl verify` (x509_vfy.h).

use crate::Verdicts;
use crate::chain::{Chain, Hint};
use credmint_core::Code;

pub(crate) const BOTH_ACCEPT: &str = "both accept";
pub(crate) const BOTH_REFUSE: &str = "both refuse";

/// A rule that only one of the two has.
pub(crate) struct Rule {
    pub(crate) name: &'static str,
    /// What the one that refuses says.
    says: Says,
    /// Whether the chain breaks the rule.
    applies: fn(&Chain) -> bool,
}

enum Says {
    Ours(Code),
    OpenSsl(u32),
}

impl Rule {
    pub(crate) fn explains(&self, chain: &Chain, verdicts: &Verdicts) -> bool {
        let says = match self.says {
            Says::Ours(code) => verdicts.ours == Err(code),
            Says::OpenSsl(number) => verdicts.openssl == Err(number),
        };
        says && (self.applies)(chain)
    }
}

pub(crate) const RULES: &[Rule] = &[];
