//! Signatures that are verified elsewhere, as WebCrypto does it: nothing is called verified before its answer, and with the
//! answers the verdict is that of a host whose back ends answer at once.

mod chains;
mod commands;
mod verifiers;

use credmint_core::signature::{Answer, Backend, SignatureCheck, SignatureProvider};
use credmint_rustcrypto::RustCrypto;
use credmint_tests::commands::Later;

/// 2026-11-24T12:00:00Z.
const NOW: i64 = 1_795_521_600;

/// A provider that defers everything.
const LATER: SignatureProvider<'static> = SignatureProvider { backends: &[&Later] };

/// A provider that answers at once.
const AT_ONCE: SignatureProvider<'static> = SignatureProvider { backends: &[&RustCrypto] };

/// A host that tells the truth.
fn truth(check: &SignatureCheck) -> Answer {
    let SignatureCheck { scheme, key, message, signature } = check;
    RustCrypto.verify(*scheme, key, message, signature)
}
