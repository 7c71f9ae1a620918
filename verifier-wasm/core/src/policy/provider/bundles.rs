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

#[cfg(test)]
mod tests {
    use crate::base64;
    use crate::limits::{INTERMEDIATES, PCA_ROOTS};
    use crate::policy::tests::load;
    use crate::x509::tests::forge::{any_leaf, any_root, numbered_root};
    use alloc::format;
    use alloc::string::{String, ToString};
    use alloc::vec::Vec;
    use core::slice;

    fn pem(der: &[u8]) -> String {
        let body = base64::encode_standard(der);
        format!("# a comment\\n-----BEGIN CERTIFICATE-----\\n{body}\\n-----END CERTIFICATE-----\\n")
    }

    /// What is wrong with a provider with these elements.
    fn problems(roots: &[String], intermediates: &[String]) -> Vec<String> {
        let list = |elements: &[String]| {
            let elements: Vec<String> =
                elements.iter().map(|text| format!(r#"{{"pem":"{text}"}}"#)).collect();
            format!("[{}]", elements.join(","))
        };
        let helpers = match intermediates {
            [] => String::new(),
            some => format!(r#","intermediates":{}"#, list(some)),
        };
        let text = format!(
            r#"{{"version":1,"issuer":"https://sts","providers":{{"plant":{{"type":"pca","roots":{}{helpers}}}}},
                "resources":{{"api":{{"scopes":["read"]}}}},"clients":{{}}}}"#,
            list(roots)
        );
        match load(&text) {
            Ok(_) => Vec::new(),
            Err(problems) => problems.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn an_element_is_a_certificate_or_a_bundle() {
        let check = |roots: &[String], intermediates: &[String], expect: &str| {
            let found = problems(roots, intermediates).join("\n");
            assert!(
                if expect.is_empty() { found.is_empty() } else { found.contains(expect) },
                "{found}"
            );
        };
        let roots: Vec<String> =
            (0..=PCA_ROOTS).map(|number| pem(&numbered_root(number))).collect();
        let (root, leaf) = (pem(&any_root()), pem(&any_leaf()));
        check(&roots[..3], &[], "");
        check(&[roots[..3].concat()], &[leaf.clone() + &root], "");
        check(&[roots[..PCA_ROOTS].concat()], &[], "");
        let many =
            "/providers/plant/roots: there are too many certificates; expected at most 16 together";
        check(&[roots.concat()], &[], many);
        check(&roots, &[], many);
        // A root twice is one; a chain is no bundle of roots.
        check(&[root.clone() + &root], &[], "");
        check(&[root.clone() + &leaf], &[], "/providers/plant/roots/0: the bundle has CN=leaf");
        check(slice::from_ref(&leaf), &[], "certificate_not_ca");
        // The author of the file is told, and no caller.
        let helpers = [leaf.repeat(INTERMEDIATES), leaf.clone()];
        check(slice::from_ref(&root), &helpers[..1], "");
        check(
            &[root],
            &helpers,
            "/providers/plant/intermediates: there are too many certificates; expected at most 64 together",
        );
    }
}
