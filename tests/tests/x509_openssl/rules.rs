//! Why the two verdicts on a chain may differ. Numbers are those of `openssl verify` (x509_vfy.h).

use crate::Verdicts;
use crate::certificate::Ca;
use crate::chain::{Chain, Hint, Link};
use credmint_core::Code;
use rcgen::KeyUsagePurpose;

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

pub(crate) const RULES: &[Rule] = &[
    Rule {
        name: "openssl takes an authority for a leaf",
        says: Says::Ours(Code::CertificateIsCa),
        applies: |chain| chain.leaf().ca == Ca::Yes,
    },
    Rule {
        name: "openssl takes a client whose key agrees on keys and signs nothing",
        says: Says::Ours(Code::CertificateKeyUsage),
        applies: |chain| chain.leaf().key_usages == [KeyUsagePurpose::KeyAgreement],
    },
    Rule {
        name: "openssl takes a leaf of serial number 0",
        says: Says::Ours(Code::CertificateSerial),
        applies: |chain| chain.leaf().serial == [0],
    },
    Rule {
        name: "openssl does not exclude what a wildcard may stand for",
        says: Says::Ours(Code::CertificateNameConstraints),
        applies: |chain| {
            let excluded =
                |base| chain.authorities().iter().any(|own| own.excluded.contains(&base));
            chain.leaf().dns.contains(&"*.example.com") && excluded("a.example.com")
        },
    },
    Rule {
        name: "openssl does not exclude the name itself by a base with a leading dot",
        says: Says::Ours(Code::CertificateNameConstraints),
        applies: |chain| {
            let excluded =
                |base| chain.authorities().iter().any(|own| own.excluded.contains(&base));
            chain.leaf().dns.contains(&"example.com") && excluded(".example.com")
        },
    },
    Rule {
        name: "openssl wants a keyUsage in every authority: CA_CERT_MISSING_KEY_USAGE",
        says: Says::OpenSsl(92),
        applies: |chain| chain.authorities().iter().any(|own| own.key_usages.is_empty()),
    },
    Rule {
        name: "openssl wants a keyUsage beside a path length: PATHLEN_WITHOUT_KU_KEY_CERT_SIGN",
        says: Says::OpenSsl(81),
        applies: |chain| {
            let is_bare =
                |own: &Link| matches!(own.ca, Ca::PathLength(_)) && own.key_usages.is_empty();
            chain.authorities().iter().any(is_bare)
        },
    },
    Rule {
        name: "openssl wants an authority key identifier: MISSING_AUTHORITY_KEY_IDENTIFIER",
        says: Says::OpenSsl(85),
        applies: |chain| chain.links.iter().any(|own| own.hint == Hint::Absent),
    },
    Rule {
        name: "openssl follows key identifiers: UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
        says: Says::OpenSsl(20),
        applies: |chain| chain.links.iter().any(|own| own.hint == Hint::Wrong),
    },
    Rule {
        name: "openssl follows key identifiers up from a root: UNABLE_TO_GET_ISSUER_CERT",
        says: Says::OpenSsl(2),
        applies: |chain| chain.links.last().is_some_and(|own| own.hint == Hint::Wrong),
    },
    Rule {
        name: "openssl takes no leaf with keyCertSign that is no authority: \
               KU_KEY_CERT_SIGN_INVALID_FOR_NON_CA",
        says: Says::OpenSsl(82),
        applies: |chain| {
            let leaf = chain.leaf();
            leaf.ca == Ca::No && leaf.key_usages.contains(&KeyUsagePurpose::KeyCertSign)
        },
    },
    Rule {
        name: "openssl wants subjectAltName critical without a subject: EMPTY_SUBJECT_SAN_NOT_CRITICAL",
        says: Says::OpenSsl(88),
        applies: |chain| !chain.leaf().has_subject,
    },
    Rule {
        name: "openssl wants a subject of who may sign lists: SUBJECT_NAME_EMPTY",
        says: Says::OpenSsl(84),
        applies: |chain| {
            let leaf = chain.leaf();
            !leaf.has_subject && leaf.key_usages.contains(&KeyUsagePurpose::CrlSign)
        },
    },
];
