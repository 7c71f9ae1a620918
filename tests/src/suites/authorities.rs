//! Verdicts with the signatures of authorities remembered, as the issuer has them, and without.

use credmint_aws_lc::{AwsLc, KnownAuthorities};
use credmint_core::signature::SignatureProvider;
use credmint_rustcrypto::RustCrypto;
use std::fmt::Debug;
use std::sync::LazyLock;

/// What all cases of one run have left behind.
static KNOWN: LazyLock<KnownAuthorities<AwsLc>> =
    LazyLock::new(|| KnownAuthorities::new(AwsLc, 100_000));

/// What `judge` says with nothing remembered. After all earlier cases, and after this one, it says the same.
///
/// # Panics
/// When it does not.
#[track_caller]
pub fn known_or_not<T: Debug + PartialEq>(judge: impl Fn(SignatureProvider<'_>) -> T) -> T {
    let verdict = judge(SignatureProvider { backends: &[&RustCrypto] });
    for state in ["known before", "known now"] {
        let remembered = judge(SignatureProvider { backends: &[&*KNOWN, &RustCrypto] });
        assert_eq!(remembered, verdict, "{state}");
    }
    verdict
}
