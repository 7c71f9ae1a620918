//! Why the two verdicts on a chain may differ.

use crate::Verdicts;
use crate::certificate::{Ca, When};
use crate::chain::Chain;
use credmint_core::Code;
use rcgen::KeyUsagePurpose;

/// A rule that only one of the two has.
pub(crate) struct Rule {
    pub(crate) name: &'static str,
    /// Our code, when it is we who refuse; `None` when it is rustls-webpki.
    code: Option<Code>,
    /// Whether the chain breaks the rule.
    applies: fn(&Chain) -> bool,
}

impl Rule {
    pub(crate) fn explains(&self, chain: &Chain, verdicts: &Verdicts) -> bool {
        verdicts.ours.err() == self.code && (self.applies)(chain)
    }
}

pub(crate) const RULES: &[Rule] = &[
    Rule {
        name: "webpki takes any certificate for an anchor",
        code: Some(Code::CertificateNotCa),
        applies: |chain| !matches!(chain.root().ca, Ca::Yes | Ca::PathLength(_)),
    },
    Rule {
        name: "webpki takes an anchor whatever its dates are: past",
        code: Some(Code::CertificateExpired),
        applies: |chain| chain.root().when == When::Past,
    },
    Rule {
        name: "webpki takes an anchor whatever its dates are: future",
        code: Some(Code::CertificateNotYetValid),
        applies: |chain| chain.root().when == When::Future,
    },
    Rule {
        name: "webpki asks no anchor for its path length",
        code: Some(Code::CertificatePathLength),
        applies: |chain| matches!(chain.root().ca, Ca::PathLength(_)),
    },
    Rule {
        name: "webpki asks no anchor for its extendedKeyUsage",
        code: Some(Code::CertificateExtendedKeyUsage),
        applies: |chain| !chain.root().extended_key_usages.is_empty(),
    },
    Rule {
        name: "webpki asks nobody for keyUsage",
        code: Some(Code::CertificateKeyUsage),
        applies: |chain| {
            let lacks =
                |usages: &[KeyUsagePurpose], usage| !usages.is_empty() && !usages.contains(usage);
            lacks(&chain.leaf().key_usages, &KeyUsagePurpose::DigitalSignature)
                || chain
                    .authorities()
                    .iter()
                    .any(|link| lacks(&link.key_usages, &KeyUsagePurpose::KeyCertSign))
        },
    },
    Rule {
        name: "webpki takes a leaf with keyCertSign",
        code: Some(Code::CertificateIsCa),
        applies: |chain| chain.leaf().key_usages.contains(&KeyUsagePurpose::KeyCertSign),
    },
];
