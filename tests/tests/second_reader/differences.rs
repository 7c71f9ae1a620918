//! Where x509-cert reads otherwise, or not at all, and why.

use credmint_core::x509::Certificate;
use std::collections::BTreeMap;

/// A difference that is known: what it says, and the bytes that it is about.
struct Difference {
    reason: &'static str,
    explains: fn(found: &str, der: &[u8]) -> bool,
}

const DIFFERENCES: &[Difference] = &[
    Difference {
        reason: "x509-cert has no time before 1970; roots have such dates, and the suites test them",
        explains: |found, der| {
            let is_old = |own: Certificate| own.not_before().seconds() < 0;
            found.starts_with("not read: malformed ASN.1 DER value for ")
                && Certificate::from_der(der).is_ok_and(is_old)
        },
    },
    Difference {
        reason: "x509-cert has no UniversalString, which names are compared in here",
        explains: |found, _| found.contains("unsupported ASN.1 DER tag: 0x1c"),
    },
    Difference {
        reason: "a path length has no largest value; x509-cert reads one byte",
        explains: |found, _| found.starts_with("extension 2.5.29.19 not read"),
    },
    Difference {
        reason: "the inside of an ediPartyName or an x400Address, which nothing here reads",
        explains: |found, der| {
            let has_one = |own: Certificate| {
                let outline = own.outline().to_string();
                outline.contains("ediPartyName") || outline.contains("x400Address")
            };
            found.starts_with("extension 2.5.29.17 not read")
                && Certificate::from_der(der).is_ok_and(has_one)
        },
    },
];

/// The differences that were met.
#[derive(Default)]
pub(crate) struct Differences {
    met: BTreeMap<&'static str, usize>,
    unexplained: Vec<String>,
}

impl Differences {
    /// Takes the result of a comparison.
    pub(crate) fn judge(&mut self, at: &str, der: &[u8], result: Result<(), String>) {
        let Err(found) = result else { return };
        match DIFFERENCES.iter().find(|one| (one.explains)(&found, der)) {
            Some(one) => *self.met.entry(one.reason).or_default() += 1,
            None => self.unexplained.push(format!("{at}: {found}")),
        }
    }

    /// Prints what was met, and fails for a difference without a reason and for a reason without a difference.
    pub(crate) fn finish(self) {
        for (reason, count) in &self.met {
            println!("{count:6} {reason}");
        }
        assert!(self.unexplained.is_empty(), "{}", self.unexplained.join("\n"));
        for one in DIFFERENCES {
            assert!(self.met.contains_key(one.reason), "no difference any more: {}", one.reason);
        }
    }
}
