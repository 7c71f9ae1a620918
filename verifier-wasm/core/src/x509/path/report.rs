//! The result of a search for a path: the path, or the closest one, and what it cost.

use super::VerifiedPath;
use crate::refusal::{Refusal, shown};
use crate::x509::Certificate;
use alloc::vec::Vec;

/// What [`explain_path`](super::explain_path) gives.
#[derive(Clone, Debug)]
pub struct PathReport {
    /// The path, or the failed one whose reason is the most specific.
    pub outcome: Result<VerifiedPath, TriedPath>,
    /// The work that was done.
    pub cost: PathCost,
}

/// The work of one search. None depends on the time that a check takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PathCost {
    /// Signatures checked, of certificates and revocation lists, those refused by form included.
    pub signatures: usize,
    /// Candidate links looked at.
    pub steps: usize,
    /// Comparisons of names with constraints.
    pub comparisons: usize,
}

/// The path that failed for the reason that is given. Nothing in it is proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TriedPath {
    refusal: Refusal,
    certificates: Vec<Certificate>,
    ends_at_root: bool,
}

impl TriedPath {
    pub(super) const fn new(
        refusal: Refusal,
        certificates: Vec<Certificate>,
        ends_at_root: bool,
    ) -> Self {
        Self { refusal, certificates, ends_at_root }
    }

    /// Why it failed.
    #[must_use]
    pub const fn refusal(&self) -> &Refusal {
        &self.refusal
    }

    /// The same, without the path.
    #[must_use]
    pub fn into_refusal(self) -> Refusal {
        self.refusal
    }

    /// The certificates that were put together, the leaf first.
    #[must_use]
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// Whether the last certificate is a registered root.
    #[must_use]
    pub const fn ends_at_root(&self) -> bool {
        self.ends_at_root
    }

    /// The index of the certificate that the refusal is about, or whose key or list it is about. One that is about the
    /// path as a whole has none.
    #[must_use]
    pub fn failed_at(&self) -> Option<usize> {
        let detail = self.refusal.detail_text()?;
        let mut found: Option<(usize, usize)> = None;
        // From the top: a name that occurs twice is that of the newer key first.
        for (index, certificate) in self.certificates.iter().enumerate().rev() {
            // One name may begin with another: the longest that is there is meant.
            let length = length_of_mention(detail, certificate);
            if length > found.map(|(length, _)| length) {
                found = length.map(|length| (length, index));
            }
        }
        found.map(|(_, index)| index)
    }
}

/// How much of `detail` names `certificate`, alone or as the holder of a key or the signer of a list.
fn length_of_mention(detail: &str, certificate: &Certificate) -> Option<usize> {
    let mentions = [("", None), ("key of ", Some(": ")), ("list of ", Some(" of "))];
    let lengths = mentions.into_iter().filter_map(|(before, after)| {
        let text = shown(&format_args!("{before}{certificate}"));
        let rest = detail.strip_prefix(text.as_str())?;
        let is_whole = rest.is_empty() || after.is_some_and(|after| rest.starts_with(after));
        is_whole.then_some(text.len())
    });
    lengths.max()
}
