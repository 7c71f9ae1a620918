//! Lists of certificates, each element one certificate or a bundle of several.

use super::certificate_text;
use crate::cms;
use crate::document::{Node, Problems};
use crate::refusal::Code;
use crate::x509::Certificate;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

/// What one element of a list holds.
pub(super) struct Bundle<'a> {
    pub(super) element: Node<'a>,
    /// Its place in the list.
    pub(super) index: usize,
    pub(super) certificates: Vec<Certificate>,
}

/// The certificates of a list, at most `most` together.
pub(super) fn read<'a>(
    node: &Node<'a>,
    most: usize,
    problems: &mut Problems,
) -> Option<Vec<Bundle<'a>>> {
    let mut bundles = Vec::new();
    let mut left = most;
    for (index, element) in node.elements(problems)?.into_iter().enumerate() {
        let text = certificate_text(&element, problems)?;
        match cms::certificates(text.text(problems)?, left) {
            Ok(certificates) => {
                left = left.saturating_sub(certificates.len());
                bundles.push(Bundle { element, index, certificates });
            }
            // The code speaks of a request, and this is nobody's request.
            Err(refusal) if refusal.code() == Code::CertificatesTooMany => {
                let expected = format!("at most {most} together");
                problems.report(node, "there are too many certificates", expected);
                return None;
            }
            Err(refusal) => {
                let expected = "certificates in PEM, DER or PKCS #7 (.p7b)";
                problems.report(&text, refusal.to_string(), expected);
                return None;
            }
        }
    }
    Some(bundles)
}
